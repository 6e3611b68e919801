#!/bin/sh
# The TCP router beside HAProxy in TCP mode (as Cloud Foundry configures it, and with splice), in interleaved rounds on
# one machine: proxy on CPU 0, clients and backend on CPU 1. Figures are what was done a second and the proxy's CPU time
# for it; compare within one run only.
#
#   bench/tcp.sh [ROUNDS] [SECONDS]     ROUTER="command" replaces ./cupola tcp-router, TRANSPORT sets that key
set -eu

rounds=${1:-3}
seconds=${2:-8}
home=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
work=$(mktemp -d)
pids=
trap 'kill $pids 2>/dev/null || true; rm -rf "$work"' EXIT INT TERM

backend=21000
api=21001
cupola_port=21010
haproxy_port=21011
splice_port=21012

haproxy_config() {
  cat <<END
global
  maxconn 4000
  nbthread 1
  tune.pipesize 262144
defaults
  mode tcp
  timeout connect 30s
  timeout client 300s
  timeout server 300s
  maxconn 4000
  $2
frontend f
  bind 127.0.0.1:$1
  default_backend b
backend b
  server s 127.0.0.1:$backend
END
}

"$java" "$home/bench/tcp/TcpLoad.java" routes $api $backend $cupola_port &
pids="$pids $!"
cat > "$work/tcp-router.yml" <<END
haproxy_pid_file: $work/unused
listen_address: 127.0.0.1
event_loops: 1
${TRANSPORT:+transport: $TRANSPORT}
routing_api: {uri: "http://127.0.0.1", port: $api, auth_disabled: true}
END
taskset -c 0 ${ROUTER:-"$home/cupola" tcp-router} -config "$work/tcp-router.yml" > "$work/cupola.log" 2>&1 &
cupola=$!
pids="$pids $cupola"
contenders="cupola"
if command -v haproxy >/dev/null 2>&1 || [ -x /usr/sbin/haproxy ]; then
  PATH=$PATH:/usr/sbin
  haproxy_config $haproxy_port "" > "$work/plain.cfg"
  haproxy_config $splice_port "option splice-auto" > "$work/splice.cfg"
  taskset -c 0 haproxy -db -f "$work/plain.cfg" > "$work/haproxy.log" 2>&1 &
  haproxy=$!
  taskset -c 0 haproxy -db -f "$work/splice.cfg" > "$work/splice.log" 2>&1 &
  splice=$!
  pids="$pids $haproxy $splice"
  contenders="cupola haproxy splice"
fi
"$java" "$home/bench/tcp/TcpLoad.java" await $cupola_port

measure() {
  case $1 in
    cupola) port=$cupola_port pid=$cupola ;;
    haproxy) port=$haproxy_port pid=$haproxy ;;
    splice) port=$splice_port pid=$splice ;;
  esac
  printf '%-9s %-9s ' "$2" "$1"
  taskset -c 1 "$java" -XX:+UseSerialGC "$home/bench/tcp/TcpLoad.java" load "$2" $port $backend "$3" "$seconds" $pid
}

round=1
while [ "$round" -le "$rounds" ]; do
  for scenario in pingpong:64 bulk:4 connect:64; do
    for contender in $contenders; do
      measure "$contender" "${scenario%:*}" "${scenario#*:}"
    done
  done
  round=$((round + 1))
done
printf 'resident memory: '
for contender in $contenders; do
  case $contender in cupola) pid=$cupola ;; haproxy) pid=$haproxy ;; splice) pid=$splice ;; esac
  printf '%s %s kB  ' "$contender" "$(sed -n 's/VmRSS:[ \t]*\([0-9]*\) kB/\1/p' /proc/$pid/status)"
done
printf '\n'
