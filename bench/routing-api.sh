#!/bin/sh
# TCP route upserts a second of a Routing API on SQLite, in bulks, with event subscribers; over its plain listener.
#
#   bench/routing-api.sh [RATE] [SUBSCRIBERS] [SECONDS]     CUPOLA="command" replaces ./cupola
set -eu

rate=${1:-20000}
subscribers=${2:-100}
seconds=${3:-15}
bulk=500
home=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
cupola=${CUPOLA:-$home/cupola}
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
work=$(mktemp -d)
pid=
trap 'kill $pid 2>/dev/null || true; rm -rf "$work"' EXIT INT TERM

$cupola certs --out "$work/certs" routing-api > /dev/null
cat > "$work/routing-api.yml" <<END
system_domain: bench.localhost
log_guid: bench
uuid: bench
admin_port: 21899
metrics_reporting_interval: 30s
statsd_client_flush_interval: 1s
api:
  listen_address: 127.0.0.1
  listen_port: 21800
  http_enabled: true
  mtls_listen_port: 21801
  mtls_client_ca_file: $work/certs/ca.crt
  mtls_server_cert_file: $work/certs/routing-api.crt
  mtls_server_key_file: $work/certs/routing-api.key
sqldb: {type: sqlite, schema: $work/routing.db}
END
$cupola routing-api -config "$work/routing-api.yml" -ip 127.0.0.1 -devMode > "$work/api.log" 2>&1 &
pid=$!
"$java" "$home/bench/tcp/TcpLoad.java" await 21800
"$java" -Xmx1g "$home/bench/tcp/RoutingApiLoad.java" 21800 $pid "$rate" $bulk "$subscribers" "$seconds"
