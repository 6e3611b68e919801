#!/bin/sh
# Runs h2spec (https://github.com/summerwind/h2spec) against the HTTPS listener of the HTTP router, with an app behind it that
# reads what it is sent. Ends with h2spec's own exit code. Needs h2spec, nats-server, openssl, python3.
#
#   bench/h2spec.sh [arguments of h2spec]        (H2SPEC=/path/to/h2spec when it is not on the PATH)
set -eu

home=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
h2spec=${H2SPEC:-h2spec}
PATH=$PATH:/usr/sbin:/sbin
for program in "$h2spec" nats-server openssl python3; do
  command -v "$program" >/dev/null 2>&1 || { echo "h2spec.sh: $program is needed" >&2; exit 1; }
done
work=$(mktemp -d)
pids=
finish() {
  for pid in $pids; do kill "$pid" 2>/dev/null || true; done
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' INT TERM

openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/key" -out "$work/certificate" -days 2 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost 2>/dev/null
{
  cat <<EOF
port: 19081
listen_address: 127.0.0.1
enable_ssl: true
ssl_port: 19443
client_cert_validation: none
cipher_suites: ECDHE-RSA-AES128-GCM-SHA256
status: {port: 19091, user: user, pass: pass, routes: {port: 19092}}
start_response_delay_interval: 0s
disable_keep_alives: false
nats: {hosts: [{hostname: 127.0.0.1, port: 19222}]}
tls_pem:
- cert_chain: |
EOF
  sed 's/^/    /' "$work/certificate"
  echo "  private_key: |"
  sed 's/^/    /' "$work/key"
} >"$work/gorouter.yml"

cat >"$work/app.py" <<'EOF'
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class App(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        if self.headers.get("transfer-encoding") == "chunked":
            size = int(self.rfile.readline(), 16)
            while size:
                self.rfile.read(size + 2)
                size = int(self.rfile.readline(), 16)
            while self.rfile.readline() not in (b"\r\n", b""):
                pass
        else:
            self.rfile.read(int(self.headers.get("content-length", 0)))
        self.send_response(200)
        self.send_header("content-length", "120")
        self.end_headers()
        self.wfile.write(b"hello\n" * 20)

    do_GET = do_POST = do_HEAD = answer

    def log_message(self, *_):
        pass

ThreadingHTTPServer(("127.0.0.1", 19080), App).serve_forever()
EOF

nats-server -a 127.0.0.1 -p 19222 >/dev/null 2>&1 &
pids="$pids $!"
python3 "$work/app.py" &
pids="$pids $!"
"$home/cupola" gorouter -c "$work/gorouter.yml" >"$work/gorouter.log" 2>&1 &
pids="$pids $!"
tries=0
until grep -q gorouter.started "$work/gorouter.log"; do
  tries=$((tries + 1))
  [ "$tries" -lt 300 ] || { cat "$work/gorouter.log" >&2; exit 1; }
  sleep 1
done
python3 - <<'EOF'
import socket, time
nats = socket.create_connection(("127.0.0.1", 19222))
nats.recv(4096)
route = b'{"host":"127.0.0.1","port":19080,"uris":["localhost"],"app":"app","private_instance_id":"i"}'
nats.sendall(b'CONNECT {"verbose":false}\r\nPUB router.register %d\r\n%s\r\nPING\r\n' % (len(route), route))
nats.recv(4096)
time.sleep(1)
EOF

"$h2spec" -h localhost -p 19443 -t -k "$@"
