#!/usr/bin/env bash
# Measures the whole platform as a user meets it: time from the command to ready and to the first routed request, memory when
# idle, requests per second through load balancer and Gorouter. Needs curl; wrk for the last figure.
#   bench/platform.sh [ROUNDS]      (default 3; a warm start each, after one that is not counted)
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-3}
data=$(mktemp -d)
base=27000
pid=
cleanup() {
  [ -z "$pid" ] || { kill "$pid" 2>/dev/null || true; wait "$pid" 2>/dev/null || true; }
  rm -rf "$data"
}
trap cleanup EXIT

now_ms() { date +%s%3N; }
host=bench.cupola.localhost

up() {
  ./cupola up --data "$data" --http-port $base --api-port $((base + 1)) --uaa-port $((base + 2)) --dns-port $((base + 3)) --logs-port $((base + 4)) \
    --tcp-ports 61500-61509 --internal-ports $((base + 100)) >"$data.log" 2>&1 &
  pid=$!
}
down() {
  kill "$pid"
  wait "$pid" 2>/dev/null || true
  pid=
}
await_ready() { until grep -q '^ready' "$data.log" 2>/dev/null; do sleep 0.01; kill -0 "$pid" || { cat "$data.log" >&2; exit 1; }; done; }
routed() { [ "$(curl -s -o /dev/null -w '%{http_code}' -H "Host: $host" "http://127.0.0.1:$base/" || true)" = 200 ]; }

echo "round  ready_ms  first_routed_request_ms  idle_rss_mb"
for round in $(seq 0 "$rounds"); do
  start=$(now_ms)
  up
  await_ready
  ready=$(now_ms)
  if [ "$round" = 0 ]; then
    ./cupola deploy-sample --data "$data" --name bench --instances 2 >/dev/null
  fi
  until routed; do sleep 0.01; done
  first=$(now_ms)
  sleep 5
  rss=$(awk '/VmRSS/ {print int($2 / 1024)}' "/proc/$pid/status")
  [ "$round" = 0 ] || echo "$round      $((ready - start))      $((first - start))      $rss"
  if [ "$round" = "$rounds" ] && command -v wrk >/dev/null; then
    echo "warming up, then 15 s of load on 64 connections:"
    wrk -t1 -c64 -d10s -H "Host: $host" "http://127.0.0.1:$base/" >/dev/null
    wrk -t1 -c64 -d15s --latency -H "Host: $host" "http://127.0.0.1:$base/" | grep -E 'Requests/sec|50%|99%|Non-2xx|Socket errors'
    echo "rss under load: $(awk '/VmRSS/ {print int($2 / 1024)}' "/proc/$pid/status") MB"
  fi
  down
done
