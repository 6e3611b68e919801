#!/usr/bin/env bash
# Runs the platform as separate processes from the files beside this script, with nats-server and PostgreSQL:
#   examples/start.sh [DIR]       (default: ./cupola-run; everything that is written goes there)
# PostgreSQL must listen on 127.0.0.1:5432 and have run databases.sql once. The passwords in the files are examples.
set -euo pipefail
examples=$(cd "$(dirname "$0")" && pwd)
cupola=$examples/../cupola
run=${1:-cupola-run}
mkdir -p "$run/data" "$run/logs"
cd "$run"
"$cupola" certs --out certs locket bbs auctioneer rep route-emitter gorouter routing-api tcp-router route-registrar uaa \
  blobstore cloud-controller

pids=()
trap 'kill "${pids[@]}" 2>/dev/null; wait' EXIT
start() {
  local name=$1
  shift
  "$@" >>"logs/$name.log" 2>&1 &
  pids+=($!)
  echo "started $name (process $!, logs/$name.log)"
}

if command -v nats-server >/dev/null; then
  start nats nats-server -c "$examples/nats.conf"
else
  start nats "$cupola" nats -c "$examples/nats.conf"
fi
start locket "$cupola" locket -config "$examples/locket.json"
start uaa "$cupola" uaa --config "$examples/uaa.yml"
start blobstore "$cupola" blobstore -c "$examples/blobstore.yml"
start bbs "$cupola" bbs -config "$examples/bbs.json"
sleep 5
start routing-api "$cupola" routing-api -config "$examples/routing-api.yml" -ip 127.0.0.1
start gorouter "$cupola" gorouter -c "$examples/gorouter.yml"
start auctioneer "$cupola" auctioneer -config "$examples/auctioneer.json"
start cloud-controller "$cupola" cloud-controller -c "$examples/cloud_controller.yml"
start rep "$cupola" rep -config "$examples/rep.json"
sleep 5
start tcp-router "$cupola" tcp-router -config "$examples/tcp-router.yml"
start route-emitter "$cupola" route-emitter -config "$examples/route-emitter.json"
start route-registrar "$cupola" route-registrar -configPath "$examples/route-registrar.json"
start load-balancer "$cupola" load-balancer -c "$examples/load-balancer.yml"
echo "cf login -a http://localhost:8090 -u admin -p change-me-admin"
wait
