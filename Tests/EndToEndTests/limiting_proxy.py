"""A reverse proxy that lets no body of more than LIMIT bytes through, as nginx' client_max_body_size has it.

limiting_proxy.py UPSTREAM_PORT LIMIT
"""

import http.client
import http.server
import sys

upstream, limit = int(sys.argv[1]), int(sys.argv[2])
hop_by_hop = {"connection", "keep-alive", "transfer-encoding", "upgrade"}
refusal = b"<html>\r\n<head><title>413 Request Entity Too Large</title></head>\r\n<body></body>\r\n</html>\r\n"


class Proxy(http.server.BaseHTTPRequestHandler):
    def forward(self):
        size = int(self.headers.get("Content-Length") or 0)
        if size > limit:
            # The body is taken first: a browser whose connection breaks while it sends sees no answer.
            while size > 0:
                size -= len(self.rfile.read(min(size, 65536))) or size
            self.send_response(413)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(refusal)))
            self.end_headers()
            self.wfile.write(refusal)
            return
        connection = http.client.HTTPConnection("127.0.0.1", upstream)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in hop_by_hop}
        connection.request(self.command, self.path, self.rfile.read(size) if size else None, headers)
        answer = connection.getresponse()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in hop_by_hop:
                self.send_header(name, value)
        self.end_headers()
        while piece := answer.read1(65536):
            self.wfile.write(piece)
            self.wfile.flush()
        connection.close()

    do_GET = do_HEAD = do_POST = do_PATCH = do_PUT = do_DELETE = forward

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
server.daemon_threads = True
print(server.server_port, flush=True)
server.serve_forever()
