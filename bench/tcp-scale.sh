#!/bin/sh
# The TCP router with many ports and many idle connections: memory of each, and how soon a new route is served.
#
#   bench/tcp-scale.sh [PORTS] [CONNECTIONS] [CHANGES]     CUPOLA="command" replaces ./cupola, TRANSPORT and LOOPS set those keys
set -eu

ports=${1:-5000}
connections=${2:-10000}
changes=${3:-200}
home=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
cupola=${CUPOLA:-$home/cupola}
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
work=$(mktemp -d)
router=
load=
trap 'kill $router $load 2>/dev/null || true; rm -rf "$work"' EXIT INT TERM

ulimit -H -n 100000 2>/dev/null || true # 2 for each connection, 1 for each port and event loop
ulimit -n "$(ulimit -H -n)"
cat > "$work/tcp-router.yml" <<END
haproxy_pid_file: $work/unused
listen_address: 127.0.0.1
event_loops: ${LOOPS:-1}
${TRANSPORT:+transport: $TRANSPORT}
routing_api: {uri: "http://127.0.0.1", port: 21700, auth_disabled: true}
END
mkfifo "$work/pid"
"$java" "$home/bench/tcp/TcpScale.java" 21700 22000 "$ports" "$connections" "$changes" < "$work/pid" &
load=$!
$cupola tcp-router -config "$work/tcp-router.yml" > "$work/router.log" 2>&1 &
router=$!
printf '%-16s' "$router" > "$work/pid"
wait $load
