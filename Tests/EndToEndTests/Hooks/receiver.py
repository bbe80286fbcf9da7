"""A webhook receiver that verifies with the public library, and answers as the path says.

usage: receiver.py PORT LOG      (port 0 picks one; the port is printed)
Paths: /NAME/ok, /NAME/fail/N (500 for the first N requests of each message), /NAME/gone, /NAME/redirect, /NAME/slow,
/NAME/busy/SECONDS (503 with Retry-After for the first request of each message). PUT /NAME with a list of secrets tells what to verify
with. Each message is appended to LOG as a JSON line.
"""
import collections
import http.server
import json
import sys
import threading
import time

from standardwebhooks.webhooks import Webhook

secrets, seen, lock = {}, collections.Counter(), threading.Lock()


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def answer(self, status, headers={}):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length", "0")))

    def do_PUT(self):
        secrets[self.path.split("/")[1]] = json.loads(self.body())
        self.answer(204)

    def do_GET(self):
        self.do_POST()

    def do_POST(self):
        body = self.body()
        _, name, behaviour, *more = self.path.split("/")
        verified = []
        for secret in secrets.get(name, []):
            try:
                Webhook(secret).verify(body, dict(self.headers))
                verified.append(secret)
            except Exception:
                pass
        with lock:
            seen[(self.path, self.headers.get("webhook-id"))] += 1
            times = seen[(self.path, self.headers.get("webhook-id"))]
            status, headers = 200, {}
            if behaviour == "fail" and times <= int(more[0]):
                status = 500
            elif behaviour == "gone":
                status = 410
            elif behaviour == "redirect":
                status, headers = 302, {"Location": f"/{name}/redirected"}
            elif behaviour == "busy" and times == 1:
                status, headers = 503, {"Retry-After": more[0]}
            with open(sys.argv[2], "a") as log:
                log.write(json.dumps({
                    "name": name, "behaviour": behaviour, "method": self.command, "status": status, "verified": verified, "at": time.time(),
                    "headers": {key.lower(): value for key, value in self.headers.items()}, "body": body.decode(),
                }) + "\n")
        if behaviour == "slow":
            time.sleep(600)
        self.answer(status, headers)


server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver)
server.daemon_threads = True
print(server.server_port, flush=True)
server.serve_forever()
