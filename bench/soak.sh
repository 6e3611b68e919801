#!/bin/sh
# Runs the HTTP router under load while routes change a thousand times a second, instances die in every way and return,
# NATS restarts and certificates are replaced; tells which failures a healthy instance could have prevented, and how
# memory and open files fare. Ends with 1 when something is not as it should be. Needs a JDK 25, nats-server and openssl.
#
#   bench/soak.sh [minutes]          (default 10; may be a fraction)
#
# Each route has four instances, and max_attempts is 4: a request that may be repeated must reach the healthy one.
#
# Memory is flat when what lives after a collection has not grown, and, from 4 minutes on, when the highest resident memory of
# the last quarter of the time exceeds that of the second by no more than 5 % and 8 MB (the first is warm-up).
#
# RATE=N requests per second instead of 80 % of what is found to be the highest; CHANGES=N route changes per second
# (1000); LEAKS=paranoid for Netty's leak detector on every buffer (slow); CUPOLA=command replaces ./cupola; KEEP=1 keeps
# the logs.
set -eu

minutes=${1:-10}
home=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
cupola=${CUPOLA:-$home/cupola}
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
"$java" -version 2>&1 | grep -q '"25' || { echo "soak.sh: $java is no JDK 25 (set JAVA_HOME)" >&2; exit 1; }
work=$(mktemp -d)
if [ -n "${KEEP:-}" ]; then echo "logs: $work"; else trap 'rm -rf "$work"' EXIT; fi
for program in nats-server openssl; do
  command -v "$program" >/dev/null 2>&1 || { echo "soak.sh: $program is needed" >&2; exit 1; }
done
"$cupola" --version >/dev/null # builds it, when need be
ulimit -n "$(ulimit -H -n)"

# name, common name, subject alternative name
certificate() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj "/CN=$2" \
    -addext "subjectAltName=DNS:$3" -keyout "$work/$1.key" -out "$work/$1.pem" 2>/dev/null
}
certificate first first '*.soak.test'
certificate second second '*.soak.test'
certificate instance instance instance.soak.test
openssl pkcs12 -export -in "$work/instance.pem" -inkey "$work/instance.key" -passout pass:soak -out "$work/instance.p12"
i=0
while [ $i -lt 200 ]; do
  echo "127.0.0.1 app-$i.soak.test"
  i=$((i + 1))
done >"$work/hosts"

config() {
  cat <<END
port: 21001
listen_address: 127.0.0.1
enable_ssl: true
ssl_port: 21002
client_cert_validation: none
min_tls_version: TLSv1.2
max_tls_version: TLSv1.3
cipher_suites: ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256
status: {port: 21003, user: user, pass: pass, routes: {port: 21004}}
route_services_internal_server_port: 21005
start_response_delay_interval: 0s
disable_keep_alives: false
max_idle_conns_per_host: 100
endpoint_timeout: 20s
prune_stale_droplets_interval: 10s
suspend_pruning_if_nats_unavailable: true
backends: {max_attempts: 4}
nats: {hosts: [{hostname: 127.0.0.1, port: 21000}]}
access_log: {file: /dev/null}
logging: {level: info}
tracing: {enable_zipkin: true, enable_w3c: true}
enable_envelope_v1_metrics: false
ca_certs:
- |
END
  sed 's/^/    /' "$work/instance.pem"
  printf 'tls_pem:\n- cert_chain: |\n'
  sed 's/^/    /' "$work/$1.pem"
  echo "  private_key: |"
  sed 's/^/    /' "$work/$1.key"
}
config first >"$work/gorouter.yml"
config second >"$work/changed.yml"

"$java" -Xmx512m -Djdk.net.hosts.file="$work/hosts" -Djdk.internal.httpclient.disableHostnameVerification=true \
  "$home/bench/soak/Soak.java" "$work" "$cupola" "$(awk "BEGIN { print int($minutes * 60) }")" "${RATE:-0}" "${CHANGES:-1000}" \
  "${LEAKS:+-Dio.netty.leakDetection.level=$LEAKS}"
