#!/bin/sh
# Compares the HTTP router with HAProxy and nginx on this machine: interleaved rounds, the proxy on one CPU, load and
# backend on another. Prints requests per second, p50, p99, CPU microseconds of the proxy per request, and at the end
# the median of each case's CPU ratios within the rounds. Needs haproxy, nginx, wrk, nats-server, taskset, openssl and
# python3; with h2load also HTTP/2 and latency at 70 % of HAProxy's highest rate. The original Gorouter takes part with
# the very same configuration when GO_GOROUTER names it or gorouter is on the PATH.
#
#   bench/http.sh [rounds] [seconds] [case ...]
#
# Cases: 1k-64 1k-512 64k new tls tls-new h2 p99 (default: all).
# WARM_SECONDS=15: how long ours is warmed up. ENVELOPES=true: both Gorouters send Loggregator their metrics and, for each
# request, its events, as Cloud Foundry has it by default; otherwise neither does as far as it can be told not to.
set -eu

rounds=${1:-3}
seconds=${2:-5}
[ $# -lt 2 ] || shift
[ $# -lt 1 ] || shift
cases=${*:-1k-64 1k-512 64k new tls tls-new h2 p99}
home=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
work=$(mktemp -d)
chmod 755 "$work" # for nginx, whose workers are of another user
pids=
finish() {
  for pid in $pids; do kill "$pid" 2>/dev/null || true; done
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' INT TERM

for program in haproxy nginx wrk nats-server taskset openssl python3; do
  command -v "$program" >/dev/null 2>&1 || PATH=$PATH:/usr/sbin:/sbin
  command -v "$program" >/dev/null 2>&1 || { echo "http.sh: $program is needed" >&2; exit 1; }
done

mkdir "$work/www"
head -c 1024 /dev/zero | tr '\0' a >"$work/www/1k"
head -c 65536 /dev/zero | tr '\0' b >"$work/www/64k"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=app.test \
  -addext subjectAltName=DNS:app.test -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
cat "$work/cert.pem" "$work/key.pem" >"$work/both.pem"

cat >"$work/backend.conf" <<EOF
daemon off; worker_processes 1; pid $work/backend.pid; error_log $work/backend.err;
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 100000000; keepalive_timeout 300s;
  server { listen 127.0.0.1:18080 backlog=4096; root $work/www; }
}
EOF
cat >"$work/nginx.conf" <<EOF
daemon off; master_process off; pid $work/nginx.pid; error_log $work/nginx.err;
events { worker_connections 8192; }
http {
  log_format gorouter '\$host - [\$time_iso8601] "\$request" \$status \$request_length \$body_bytes_sent '
    '"\$http_referer" "\$http_user_agent" "\$remote_addr" x_forwarded_for:"\$http_x_forwarded_for" '
    'vcap_request_id:"\$request_id" response_time:\$request_time';
  access_log $work/nginx.log gorouter buffer=64k flush=1s;
  keepalive_requests 100000000; keepalive_timeout 300s;
  map \$http_host \$pool { default none; app.test b; }
  upstream b { server 127.0.0.1:18080; keepalive 1000; keepalive_requests 100000000; }
  server {
    listen 127.0.0.1:18083 backlog=4096;
    listen 127.0.0.1:18483 ssl http2 backlog=4096;
    ssl_certificate $work/cert.pem; ssl_certificate_key $work/key.pem;
    ssl_protocols TLSv1.2 TLSv1.3; ssl_session_cache off; ssl_session_tickets off;
    location / {
      proxy_pass http://\$pool; proxy_http_version 1.1;
      proxy_set_header Host \$http_host; proxy_set_header Connection "";
      proxy_set_header X-Vcap-Request-Id \$request_id;
      proxy_set_header X-Forwarded-For \$proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto \$scheme;
      proxy_set_header X-Request-Start \$msec;
      proxy_set_header X-CF-ApplicationID app;
      proxy_set_header X-CF-InstanceID inst;
      proxy_set_header X-CF-InstanceIndex 0;
    }
  }
}
EOF
envelopes=${ENVELOPES:-false}
go_gorouter=${GO_GOROUTER:-$(command -v gorouter || true)}
echo "app.test b" >"$work/hosts.map"
cat >"$work/haproxy.cfg" <<EOF
global
  nbthread 1
  log 127.0.0.1:15514 local0
  ssl-default-bind-options ssl-min-ver TLSv1.2 no-tls-tickets
  tune.ssl.cachesize 0
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
  bind 127.0.0.1:18482 ssl crt $work/both.pem alpn h2,http/1.1
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
# name, first two of the three digits that end its ports
gorouter_config() {
  cat <<EOF
port: 18${2}1
listen_address: 127.0.0.1
enable_ssl: true
ssl_port: 18${2}2
client_cert_validation: none
min_tls_version: TLSv1.2
max_tls_version: TLSv1.3
cipher_suites: ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256
enable_http2: true
status: {port: 18${2}3, user: user, pass: pass, routes: {port: 18${2}4}}
route_services_internal_server_port: 18${2}5
start_response_delay_interval: 0s
disable_keep_alives: false
max_idle_conns: 1000
max_idle_conns_per_host: 1000
go_max_procs: 1
backends: {max_attempts: 3, max_conns: 1000}
nats: {hosts: [{hostname: 127.0.0.1, port: 14222}]}
access_log: {file: $work/$1.access.log}
logging: {level: info, metron_address: "127.0.0.1:13457"}
enable_envelope_v1_metrics: $envelopes
per_request_metrics_reporting: true
send_http_start_stop_server_event: $envelopes
send_http_start_stop_client_event: $envelopes
tls_pem:
- cert_chain: |
EOF
  sed 's/^/    /' "$work/cert.pem"
  echo "  private_key: |"
  sed 's/^/    /' "$work/key.pem"
}
gorouter_config cupola 05 >"$work/cupola.yml"
gorouter_config go 06 >"$work/go.yml"

nats-server -a 127.0.0.1 -p 14222 >/dev/null 2>&1 &
pids="$pids $!"
taskset -c 1 nginx -c "$work/backend.conf" &
pids="$pids $!"
taskset -c 0 haproxy -db -f "$work/haproxy.cfg" >"$work/haproxy.log" 2>&1 &
haproxy=$!
pids="$pids $haproxy"
taskset -c 0 nginx -c "$work/nginx.conf" &
nginx=$!
pids="$pids $nginx"
taskset -c 0 "$home/cupola" gorouter -c "$work/cupola.yml" >"$work/cupola.log" 2>&1 &
cupola=$!
pids="$pids $cupola"
go=
if [ -n "$go_gorouter" ]; then
  taskset -c 0 "$go_gorouter" -c "$work/go.yml" >"$work/go.log" 2>&1 &
  go=$!
  pids="$pids $go"
fi
until grep -q gorouter.started "$work/cupola.log"; do
  kill -0 "$cupola" 2>/dev/null || { cat "$work/cupola.log" >&2; exit 1; }
  sleep 0.2
done

# Registers the route, and again every 20 s, as route emitters do; takes what is sent to Loggregator.
python3 - <<'EOF' &
import socket, time
agent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
agent.bind(("127.0.0.1", 13457))
m = (b'{"host":"127.0.0.1","port":18080,"uris":["app.test"],"app":"app",'
     b'"private_instance_id":"inst","private_instance_index":"0"}')
s = socket.create_connection(("127.0.0.1", 14222))
s.recv(4096)
s.sendall(b'CONNECT {"verbose":false}\r\n')
while True:
    s.sendall(b'PUB router.register %d\r\n%s\r\nPING\r\n' % (len(m), m))
    s.recv(4096)
    time.sleep(20)
EOF
pids="$pids $!"
answers() { curl -fsS -o "$work/probe" -H 'Host: app.test' "http://127.0.0.1:$1/1k" 2>/dev/null; }
until answers 18051; do sleep 0.2; done
until [ -z "$go" ] || answers 18061; do
  kill -0 "$go" 2>/dev/null || { cat "$work/go.log" >&2; exit 1; }
  sleep 0.2
done

ticks() { awk '{print $14 + $15}' "/proc/$1/stat"; }
memory() { awk '/^VmRSS/ {print int($2 / 1024)}' "/proc/$1/status"; }

# case, proxy's name, CPU ticks, file with wrk's output
report() {
  awk -v shape="$1" -v name="$2" -v ticks="$3" '
    /requests in/ { n = $1 } /^ +50%/ { m = $2 } /^ +99%/ { p = $2 } /Requests\/sec/ { r = $2 } /Non-2xx|Socket errors/ { bad = bad " " $0 }
    /^finished in/ { r = $4 } /^requests:/ { n = $8; if ($10 > 0) bad = bad " " $10 " failed" }
    /^percentiles/ { m = $2; p = $3 }
    END {
      if (n == 0) { print "no answers: " shape " " name; exit }
      printf "%-8s %-8s %9.0f req/s  p50 %-9s p99 %-9s %6.1f us CPU per request%s\n", shape, name, r, m, p, ticks * 10000 / n, bad
    }' "$4"
}

# case, proxy's name, pid, plain port, TLS port
measure() {
  before=$(ticks "$3")
  case $1 in
    1k-64) load 64 "http://127.0.0.1:$4/1k" ;;
    1k-512) load 512 "http://127.0.0.1:$4/1k" ;;
    64k) load 64 "http://127.0.0.1:$4/64k" ;;
    new) load 64 "http://127.0.0.1:$4/1k" -H 'Connection: close' ;;
    tls) load 64 "https://127.0.0.1:$5/1k" ;;
    tls-new) load 64 "https://127.0.0.1:$5/1k" -H 'Connection: close' ;;
    h2) taskset -c 1 h2load -c 16 -m 8 -D "$seconds" --connect-to="127.0.0.1:$5" https://app.test/1k >"$work/out" 2>&1 ;;
    p99)
      taskset -c 1 h2load --h1 -c 64 -D "$seconds" --rps "$rps" --log-file "$work/times" \
        --connect-to="127.0.0.1:$4" http://app.test/1k >"$work/out" 2>&1
      sort -n -k 3 "$work/times" | awk '{ t[NR] = $3 } END { print "percentiles " t[int(NR * .5)] "us " t[int(NR * .99)] "us" }' >>"$work/out"
      rm -f "$work/times"
      ;;
    *) echo "http.sh: no case $1" >&2; exit 1 ;;
  esac
  after=$(ticks "$3")
  report "$1" "$2" $((after - before)) "$work/out" | tee -a "$work/results"
}

# connections, URL, further options
load() {
  connections=$1
  url=$2
  shift 2
  taskset -c 1 wrk -t1 -c"$connections" -d"${seconds}s" --latency -H 'Host: app.test' "$@" "$url" >"$work/out" 2>&1
}

warm=${WARM_SECONDS:-15}
seconds_asked=$seconds
resident() {
  echo "resident memory $1 load: cupola $(memory "$cupola") MB, haproxy $(memory "$haproxy") MB, nginx $(memory "$nginx") MB" \
    ${go:+", Go Gorouter $(memory "$go") MB"}
}
resident before
seconds=$warm
measure 1k-64 warm "$cupola" 18051 18052 >/dev/null
seconds=2
for shape in $cases; do
  case $shape in 1k-* | p99) continue ;; esac
  measure "$shape" warm "$cupola" 18051 18052 >/dev/null
done
seconds=$seconds_asked
: >"$work/results"
round=0
while [ "$round" -lt "$rounds" ]; do
  for shape in $cases; do
    case $shape in
      h2 | p99) command -v h2load >/dev/null 2>&1 || continue ;;
    esac
    if [ "$shape" = p99 ]; then
      top=$(awk '$1 == "1k-64" && $2 == "haproxy" { if ($3 > top) top = $3 } END { print top + 0 }' "$work/results")
      [ "$top" -gt 0 ] || { echo "p99: needs the case 1k-64 before it" >&2; continue; }
      rps=$((top * 7 / 10 / 64))
    fi
    measure "$shape" haproxy "$haproxy" 18082 18482
    measure "$shape" cupola "$cupola" 18051 18052
    measure "$shape" nginx "$nginx" 18083 18483
    [ -z "$go" ] || measure "$shape" go "$go" 18061 18062
  done
  round=$((round + 1))
done
resident after

python3 - "$work/results" <<'EOF'
import statistics, sys
cpu = {}
for line in open(sys.argv[1]):
    words = line.split()
    if "us" in words:
        cpu.setdefault(words[0], {}).setdefault(words[1], []).append(float(words[words.index("us") - 1]))
for case, by in cpu.items():
    if "cupola" not in by:
        continue
    text = ", ".join("%.3f x %s" % (statistics.median(a / b for a, b in zip(by["cupola"], by[peer])), peer)
                     for peer in ("haproxy", "nginx", "go") if peer in by)
    print("%-8s cupola %.1f us: %s" % (case, statistics.median(by["cupola"]), text))
EOF
