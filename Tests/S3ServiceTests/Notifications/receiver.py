"""Takes webhooks: refuses as many as it is told, then writes each with its signature as a line of a file."""
import http.server
import json
import sys

path, refusals = sys.argv[1], int(sys.argv[2])


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        global refusals
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if refusals > 0:
            refusals -= 1
            self.send_response(503)
        else:
            with open(path, "a") as lines:
                lines.write(json.dumps({
                    "id": self.headers["webhook-id"], "time": self.headers["webhook-timestamp"],
                    "signature": self.headers["webhook-signature"], "body": body}) + "\n")
            self.send_response(204)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
print(server.server_address[1], flush=True)
server.serve_forever()
