#!/bin/sh
# Compares the HTTP router with HAProxy on this machine: interleaved rounds, the proxy on one CPU, load and backend on another.
# Prints requests per second, p99 and CPU microseconds of the proxy per request. Needs haproxy, nginx, wrk, nats-server, taskset.
#
#   bench/http.sh [rounds] [seconds]
set -eu

rounds=${1:-3}
seconds=${2:-5}
home=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
work=$(mktemp -d)
pids=
finish() {
  for pid in $pids; do kill "$pid" 2>/dev/null || true; done
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' INT TERM

for program in haproxy nginx wrk nats-server taskset; do
  command -v "$program" >/dev/null 2>&1 || PATH=$PATH:/usr/sbin:/sbin
  command -v "$program" >/dev/null 2>&1 || { echo "http.sh: $program is needed" >&2; exit 1; }
done

mkdir "$work/www"
head -c 1024 /dev/zero | tr '\0' a >"$work/www/1k"
head -c 65536 /dev/zero | tr '\0' b >"$work/www/64k"
cat >"$work/nginx.conf" <<EOF
daemon off; worker_processes 1; pid $work/nginx.pid; error_log $work/nginx.err;
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 100000000; keepalive_timeout 300s;
  server { listen 127.0.0.1:18080 backlog=4096; root $work/www; }
}
EOF
echo "app.test b" >"$work/hosts.map"
cat >"$work/haproxy.cfg" <<EOF
global
  nbthread 1
  log 127.0.0.1:15514 local0
defaults
  mode http
  option httplog
  log global
  timeout client 60s
  timeout server 60s
  timeout connect 5s
  http-reuse always
frontend f
  bind 127.0.0.1:18082
  unique-id-format %[uuid()]
  unique-id-header X-Vcap-Request-Id
  option forwardfor
  http-request set-header X-Forwarded-Proto http
  http-request set-header X-Request-Start %Ts%ms
  http-request set-header X-CF-ApplicationID app
  http-request set-header X-CF-InstanceID inst
  http-request set-header X-CF-InstanceIndex 0
  use_backend %[req.hdr(host),lower,map($work/hosts.map,none)]
backend b
  server s1 127.0.0.1:18080
EOF
cat >"$work/gorouter.yml" <<EOF
port: 18081
listen_address: 127.0.0.1
status: {port: 18091, user: user, pass: pass, routes: {port: 18092}}
start_response_delay_interval: 0s
disable_keep_alives: false
max_idle_conns_per_host: 1000
go_max_procs: 1
backends: {max_attempts: 3, max_conns: 500}
nats: {hosts: [{hostname: 127.0.0.1, port: 14222}]}
access_log: {file: $work/access.log}
logging: {level: info}
enable_envelope_v1_metrics: false
EOF

nats-server -a 127.0.0.1 -p 14222 >/dev/null 2>&1 &
pids="$pids $!"
taskset -c 1 nginx -c "$work/nginx.conf" &
pids="$pids $!"
taskset -c 0 haproxy -f "$work/haproxy.cfg" >/dev/null 2>&1 &
haproxy=$!
pids="$pids $haproxy"
taskset -c 0 "$home/cupola" gorouter -c "$work/gorouter.yml" >"$work/gorouter.log" 2>&1 &
gorouter=$!
pids="$pids $gorouter"
until grep -q gorouter.started "$work/gorouter.log"; do sleep 0.2; done

message='{"host":"127.0.0.1","port":18080,"uris":["app.test"],"app":"app","private_instance_id":"inst","private_instance_index":"0"}'
python3 - "$message" <<'EOF'
import socket, sys
s = socket.create_connection(("127.0.0.1", 14222))
s.recv(4096)
m = sys.argv[1].encode()
s.sendall(b'CONNECT {"verbose":false}\r\nPUB router.register %d\r\n%s\r\nPING\r\n' % (len(m), m))
s.recv(4096)
EOF

ticks() { awk '{print $14 + $15}' "/proc/$1/stat"; }

# name, pid, port, path, connections
measure() {
  before=$(ticks "$2")
  out=$(taskset -c 1 wrk -t1 -c"$5" -d"${seconds}s" --latency -H "Host: app.test" "http://127.0.0.1:$3/$4")
  after=$(ticks "$2")
  echo "$out" | awk -v name="$1" -v path="$4" -v c="$5" -v ticks=$((after - before)) '
    /requests in/ { n = $1 } /99%/ { p = $2 } /Requests\/sec/ { r = $2 } /Non-2xx/ { bad = " " $0 }
    END { printf "%-8s %-4s c=%-4d %9.0f req/s  p99 %-9s %5.1f us CPU per request%s\n", name, path, c, r, p, ticks * 10000 / n, bad }'
}

for warm in 1 2 3; do measure warm "$gorouter" 18081 1k 64 >/dev/null; done
round=0
while [ "$round" -lt "$rounds" ]; do
  for shape in "1k 64" "1k 512" "64k 64"; do
    # shellcheck disable=SC2086
    measure haproxy "$haproxy" 18082 $shape
    # shellcheck disable=SC2086
    measure cupola "$gorouter" 18081 $shape
  done
  round=$((round + 1))
done
