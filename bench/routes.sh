#!/bin/sh
# Gorouter with many routes, registered over a real nats-server: time until they are routable in a JVM that has just
# started and in a warm one, memory, CPU of refreshes, latency while routes are refreshed, pruned and saved, and CPU per
# request compared, in pairs, with a router that has few routes.
#
#   bench/routes.sh [ROUTES] [PAIRS]       default 100000 routes, 5 pairs of 4 s (0: no pairs)
#
#   CUPOLA_JAVA_OPTS='-Xmx1g -Xmn128m' bench/routes.sh 1000000 0
#
# Beyond 200,000 routes 20,000 messages a second are sent: the pace of a large platform, not a burst. CUPOLA="command"
# replaces ./cupola (it must become the router's process), STEPS the steps of RouteLoad.java.
# Needs nats-server, and for the pairs wrk.
set -eu

routes=${1:-100000}
pairs=${2:-5}
rate=$((routes / 5 < 20000 ? routes / 5 : 20000))
if [ "$routes" -gt 200000 ]; then
  steps=${STEPS:-memory fill:20000 memory latency:25}
else
  steps=${STEPS:-memory fill memory refresh:$rate:10 memory latency:20 clear fill}
fi
home=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
cupola=${CUPOLA:-$home/cupola}
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
work=$(mktemp -d)
pids=
finish() {
  for pid in $pids; do kill "$pid" 2>/dev/null || true; done
  wait
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' INT TERM
PATH=$PATH:/usr/sbin:/sbin

# name, NATS port, router's port
start() {
  nats-server -a 127.0.0.1 -p "$2" >/dev/null 2>&1 &
  pids="$pids $!"
  cat >"$work/$1.yml" <<END
port: $3
listen_address: 127.0.0.1
status: {port: $(($3 + 1)), user: user, pass: pass, routes: {port: $(($3 + 2))}}
start_response_delay_interval: 0s
disable_keep_alives: false
max_idle_conns_per_host: 100
go_max_procs: 1
nats: {hosts: [{hostname: 127.0.0.1, port: $2}]}
access_log: {file: $work/$1.access.log}
logging: {level: info}
enable_envelope_v1_metrics: false
cupola: {snapshot_file: $work/$1.routes}
END
  $cupola gorouter -c "$work/$1.yml" >"$work/$1.log" 2>&1 &
  pid=$!
  pids="$pids $pid"
  until grep -q gorouter.started "$work/$1.log"; do
    kill -0 "$pid" 2>/dev/null || { cat "$work/$1.log" >&2; exit 1; }
    sleep 0.1
  done
}

load() { "$java" -Xmx6g "$home/bench/routes/RouteLoad.java" "$@"; }

start many 14322 18281
many=$pid
# shellcheck disable=SC2086
load 14322 18281 "$many" "$routes" $steps
ls -l "$work/many.routes" | awk '{ print "snapshot: " int($5 / 1048576) " MB" }'
[ "$pairs" -gt 0 ] || exit 0

start few 14323 18381
few=$pid
# shellcheck disable=SC2086
load 14322 18281 "$many" "$routes" ${PAIR_STEPS:-fill pairs:$pairs:4:14323:18381:$few}
