#!/usr/bin/env bash
# How long the HTTP router takes from its start to the first proxied request, and how much memory it has then, with one
# route, as the kernel tells it: anonymous memory is its own, mapped files are the start-up cache and libraries, which
# several processes share and the kernel may take back. Needs nats-server and python3.
#
#   bench/start.sh [rounds]          (default 5, after one that is not counted)
#
# CUPOLA="command" replaces ./cupola; CUPOLA_JAVA_OPTS adds options for the JVM.
set -euo pipefail

rounds=${1:-5}
home=$(cd -- "$(dirname -- "$0")/.." && pwd)
work=$(mktemp -d)
nats=
trap '[ -z "$nats" ] || kill "$nats" 2>/dev/null || true; rm -rf "$work"' EXIT
${CUPOLA:-"$home/cupola"} --version >/dev/null # builds it, when need be
cat >"$work/gorouter.yml" <<END
port: 21101
listen_address: 127.0.0.1
status: {port: 21103, user: user, pass: pass, routes: {port: 21104}}
route_services_internal_server_port: 21105
start_response_delay_interval: 0s
nats: {hosts: [{hostname: 127.0.0.1, port: 21100}]}
access_log: {file: $work/access.log}
logging: {level: info}
enable_envelope_v1_metrics: false
END
nats-server -a 127.0.0.1 -p 21100 >/dev/null 2>&1 &
nats=$!

python3 - "$rounds" "$work" ${CUPOLA:-"$home/cupola"} <<'END'
import http.server, os, signal, socket, statistics, subprocess, sys, threading, time

rounds, work, command = int(sys.argv[1]), sys.argv[2], sys.argv[3:]

class Backend(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")
    def log_message(self, *_):
        pass

backend = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Backend)
threading.Thread(target=backend.serve_forever, daemon=True).start()
message = b'{"host":"127.0.0.1","port":%d,"uris":["app.test"]}' % backend.server_port

def emitter():
    """Registers the route as soon as a router says that it is there."""
    while True:
        try:
            nats = socket.create_connection(("127.0.0.1", 21100))
            break
        except OSError:
            time.sleep(0.05)
    nats.sendall(b'CONNECT {"verbose":false}\r\nSUB router.start 1\r\n')
    while True:
        heard = nats.recv(65536)
        if b"PING" in heard:
            nats.sendall(b"PONG\r\n")
        if b"MSG router.start" in heard:
            nats.sendall(b"PUB router.register %d\r\n%s\r\n" % (len(message), message))

threading.Thread(target=emitter, daemon=True).start()

def get(path, port, host):
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(b"GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n" % (path, host))
        return client.recv(4096).startswith(b"HTTP/1.1 200")

def since(begun, what):
    while True:
        try:
            if what():
                return (time.monotonic() - begun) * 1000
        except OSError:
            pass
        time.sleep(0.002)

def memory(pid):
    fields = dict(line.split(":", 1) for line in open("/proc/%d/status" % pid) if ":" in line)
    return [int(fields[name].split()[0]) / 1024 for name in ("VmRSS", "RssAnon", "RssFile")]

results = []
for number in range(rounds + 1):
    begun = time.monotonic()
    with open(work + "/log", "wb") as log:
        router = subprocess.Popen(command + ["gorouter", "-c", work + "/gorouter.yml"], stdout=log, stderr=log)
    try:
        ready = since(begun, lambda: get(b"/health", 21103, b"x"))
        first = since(begun, lambda: get(b"/", 21101, b"app.test"))
        cpu = sum(map(int, open("/proc/%d/stat" % router.pid).read().rsplit(")", 1)[1].split()[11:13])) * 10
        time.sleep(3)
        row = [ready, first, cpu] + memory(router.pid)
    finally:
        router.send_signal(signal.SIGTERM)
        router.wait()
    if number > 0:
        results.append(row)
        print("ready %4.0f ms, first proxied request %4.0f ms, CPU until then %4d ms, then RSS %3.0f MB (anonymous %3.0f, files %3.0f)"
              % tuple(row), flush=True)
if results:
    print("median: ready %.0f ms, first proxied request %.0f ms, CPU %.0f ms, RSS %.0f MB (anonymous %.0f, files %.0f)"
          % tuple(statistics.median(column) for column in zip(*results)))
os._exit(0)
END
