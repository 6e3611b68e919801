#!/bin/sh
# How soon a standby Routing API serves after the active one, on the same SQLite file, was killed.
#
#   bench/takeover.sh [ROUNDS]     CUPOLA="command" replaces ./cupola
set -eu

rounds=${1:-3}
home=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
cupola=${CUPOLA:-$home/cupola}
work=$(mktemp -d)
active=
standby=
trap 'kill $active $standby 2>/dev/null || true; rm -rf "$work"' EXIT INT TERM

$cupola certs --out "$work/certs" routing-api > /dev/null
for i in 1 2; do
  cat > "$work/$i.yml" <<END
system_domain: bench.localhost
log_guid: bench
uuid: instance-$i
admin_port: 2190$i
metrics_reporting_interval: 30s
statsd_client_flush_interval: 1s
api:
  listen_address: 127.0.0.1
  listen_port: 2191$i
  http_enabled: true
  mtls_listen_port: 2192$i
  mtls_client_ca_file: $work/certs/ca.crt
  mtls_server_cert_file: $work/certs/routing-api.crt
  mtls_server_key_file: $work/certs/routing-api.key
sqldb: {type: sqlite, schema: $work/routing.db}
END
done

await() {
  until grep -qs "$2" "$1"; do sleep 0.1; done
}

# Seconds since the epoch at which a message was logged.
logged() {
  sed -n "s/.*\"timestamp\":\"\([0-9.]*\)\".*routingapi\.$2\".*/\1/p" "$1" | head -n 1
}

round=1
while [ "$round" -le "$rounds" ]; do
  rm -f "$work"/routing.db* "$work"/*.log
  $cupola routing-api -config "$work/1.yml" -ip 127.0.0.1 -devMode > "$work/1.log" 2>&1 &
  active=$!
  await "$work/1.log" routingapi.started
  $cupola routing-api -config "$work/2.yml" -ip 127.0.0.1 -devMode > "$work/2.log" 2>&1 &
  standby=$!
  await "$work/2.log" routingapi.waiting-for-lock
  sleep "$round" # at another moment between two renewals of the lock
  killed=$(date +%s.%N)
  kill -9 $active
  await "$work/2.log" routingapi.started
  echo "$killed $(logged "$work/2.log" acquired-lock) $(logged "$work/2.log" started)" |
    awk '{ printf "killed, lock after %.1f s, serving %.2f s later\n", $2 - $1, $3 - $2 }'
  kill $standby
  wait $active $standby 2> /dev/null || true
  round=$((round + 1))
done
