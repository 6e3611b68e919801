#!/bin/sh
# The TCP router with many ports and many idle connections: memory of each, and how soon a new route is served.
#
#   bench/tcp-scale.sh [PORTS] [CONNECTIONS] [CHANGES]     CUPOLA="command" replaces ./cupola, TRANSPORT and LOOPS set those
#   keys, FIRST_PORT the ports; with SIBLING=1 a second router changes its routes first: what that shows is not our cost
set -eu

ports=${1:-5000}
connections=${2:-10000}
changes=${3:-200}
home=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
cupola=${CUPOLA:-$home/cupola}
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
work=$(mktemp -d)
router=
sibling=
load=
trap 'kill $router $sibling $load 2>/dev/null || true; rm -rf "$work"' EXIT INT TERM

ulimit -H -n 100000 2>/dev/null || true # 2 for each connection, 1 for each port and event loop
ulimit -n "$(ulimit -H -n)"
for port in 21700 21701; do
  cat > "$work/$port.yml" <<END
haproxy_pid_file: $work/unused
listen_address: 127.0.0.1
event_loops: ${LOOPS:-1}
${TRANSPORT:+transport: $TRANSPORT}
routing_api: {uri: "http://127.0.0.1", port: $port, auth_disabled: true}
END
done
mkfifo "$work/pid"
"$java" "$home/bench/tcp/TcpScale.java" 21700 "${FIRST_PORT:-22000}" "$ports" "$connections" "$changes" "${SIBLING:-0}" < "$work/pid" &
load=$!
if [ "${SIBLING:-0}" = 1 ]; then
  $cupola tcp-router -config "$work/21701.yml" > "$work/sibling.log" 2>&1 &
  sibling=$!
fi
$cupola tcp-router -config "$work/21700.yml" > "$work/router.log" 2>&1 &
router=$!
printf '%-16s' "$router" > "$work/pid"
wait $load
