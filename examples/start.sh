#!/usr/bin/env bash
# Runs the platform as separate processes from the files beside this script, with nats-server and PostgreSQL:
#   examples/start.sh [DIR]       (default: ./cupola-run; everything that is written goes there)
# PostgreSQL must listen on 127.0.0.1:5432 and have run databases.sql once. The passwords in the files are examples.
set -euo pipefail
examples=$(cd "$(dirname "$0")" && pwd)
cupola=$examples/../cupola
run=${1:-cupola-run}
patience=120

die() {
  echo "start.sh: $*" >&2
  exit 1
}
serves() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

serves 5432 || die "PostgreSQL does not answer on 127.0.0.1:5432; start it and let it run $examples/databases.sql once"
mkdir -p "$run/data" "$run/logs"
cd "$run"

declare -A running=() # process id -> its line of the file "processes"
started=()             # process ids in the order of their start
stop() {
  trap - EXIT INT TERM
  # The last first: a cell needs the BBS while it stops its instances.
  for ((i = ${#started[@]} - 1; i >= 0; i--)); do
    [ -n "${running[${started[i]}]:-}" ] || continue
    kill "${started[i]}" 2>/dev/null || continue
    wait "${started[i]}" 2>/dev/null || true
  done
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# One line of the file: name, port, program, arguments.
launch() {
  local name=$1 program=$3 argument command
  case $program in
    cupola) command=("$cupola") ;;
    nats-server) if command -v nats-server >/dev/null; then command=(nats-server); else command=("$cupola" nats); fi ;;
    *) die "$examples/processes: $program: unknown program (expected: cupola or nats-server)" ;;
  esac
  local line=$*
  shift 3
  for argument; do
    [ ! -f "$examples/$argument" ] || argument=$examples/$argument
    command+=("$argument")
  done
  "${command[@]}" >>"logs/$name.log" 2>&1 &
  running[$!]=$line
  started+=($!)
}

waiting=()
await() {
  local pid name port until=$((SECONDS + patience))
  for pid in "${waiting[@]}"; do
    read -r name port _ <<<"${running[$pid]}"
    while [ "$port" != - ] && ! serves "$port"; do
      kill -0 "$pid" 2>/dev/null || {
        tail -n 5 "logs/$name.log" >&2
        die "$name has ended (all of its log: $PWD/logs/$name.log)"
      }
      [ "$SECONDS" -lt "$until" ] || die "$name does not serve on port $port after $patience s (see $PWD/logs/$name.log)"
      sleep 0.1
    done
    echo "$name serves (process $pid, logs/$name.log)"
  done
  waiting=()
}

"$cupola" certs --out certs locket bbs auctioneer rep route-emitter gorouter routing-api tcp-router route-registrar uaa \
  blobstore cloud-controller loggregator

while read -r line; do
  case $line in
    '' | '#'*) continue ;;
    wait)
      await
      continue
      ;;
  esac
  read -r name port _ <<<"$line"
  [ "$port" = - ] || ! serves "$port" || die "port $port, which $name needs, is taken"
  # shellcheck disable=SC2086
  launch $line
  waiting+=($!)
done <"$examples/processes"
echo "ready: cf login -a http://localhost:8090 -u admin -p change-me-admin"

# The supervisor that every one of them counts on: who lost a lock, say, ends and must come back.
while true; do
  status=0
  wait -n -p ended || status=$?
  line=${running[$ended]}
  unset "running[$ended]"
  echo "${line%% *} has ended (status $status) and is started again"
  sleep 1
  # shellcheck disable=SC2086
  launch $line
done
