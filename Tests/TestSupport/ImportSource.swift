import Foundation

/// A web server that behaves well or badly by path, to import from (Python's http.server, on a free port of 127.0.0.1).
///
/// `/photo.jpg` `/named` `/text` `/status/CODE` `/to?URL` (redirect) `/loop` `/endless` (no length, no end) `/huge` (announces a
/// terabyte) `/slow` (a byte a tenth of a second) `/silent` (no answer) `/short` (breaks off) `/seen` (the headers that came) `/last` (path and
/// headers of the request before).
public struct ImportSource: Sendable {
    private let server: PythonServer
    private let folder: TemporaryFolder

    public var port: Int { server.port }
    public var url: String { "http://127.0.0.1:\(port)" }

    private static let script = """
        import http.server, json, sys, time, urllib.parse

        photo = open(sys.argv[1], "rb").read()

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            last, path_before = {}, ""
            def log_message(self, *arguments): pass
            def answer(self, status, headers, body=b""):
                self.send_response(status)
                for name, value in headers.items(): self.send_header(name, value)
                if "Content-Length" not in headers: self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            def do_GET(self):
                path, _, query = self.path.partition("?")
                if path == "/last": return self.answer(200, {}, json.dumps({"path": Handler.path_before, "headers": Handler.last}).encode())
                Handler.last, Handler.path_before = dict(self.headers), path
                if path == "/photo.jpg": self.answer(200, {"Content-Type": "image/jpeg"}, photo)
                elif path == "/named": self.answer(200, {"Content-Disposition": 'attachment; filename="../caballo.jpg"'}, photo)
                elif path == "/text": self.answer(200, {"Content-Type": "image/jpeg"}, b"I am no picture at all.")
                elif path.startswith("/status/"): self.answer(int(path[8:]), {}, b"no")
                elif path == "/to": self.answer(302, {"Location": urllib.parse.unquote(query)})
                elif path == "/nowhere": self.answer(302, {})
                elif path == "/loop": self.answer(302, {"Location": "/loop"})
                elif path == "/huge": self.answer(200, {"Content-Length": str(10 ** 12)}, photo)
                elif path == "/short":
                    self.answer(200, {"Content-Length": str(len(photo))}, photo[:1000])
                    self.close_connection = True
                elif path == "/seen": self.answer(200, {}, json.dumps(dict(self.headers)).encode())
                elif path == "/silent": time.sleep(300)
                else:
                    self.send_response(200)
                    self.send_header("Connection", "close")
                    self.end_headers()
                    self.close_connection = True
                    try:
                        while True:
                            self.wfile.write(b"x" if path == "/slow" else b"x" * 65536)
                            if path == "/slow": time.sleep(0.1)
                    except OSError:
                        pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        print(server.server_address[1], flush=True)
        server.serve_forever()
        """

    public static func start() async throws -> ImportSource {
        let folder = try TemporaryFolder()
        let script = folder.path + "/source.py"
        try Self.script.write(toFile: script, atomically: true, encoding: .utf8)
        return ImportSource(server: try await PythonServer.start(script, [Executables.sample("photo.jpg")], folder: folder), folder: folder)
    }

    public func stop() async { await server.stop() }
}
