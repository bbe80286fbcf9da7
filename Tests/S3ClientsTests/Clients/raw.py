"""S3 by hand: Signature Version 4 and signed chunks, written from AWS's description of them and independent of the server's own code;
every byte can be made wrong."""
import datetime, hashlib, hmac, http.client, os
from urllib.parse import quote, urlparse

ENDPOINT = os.environ["S3_ENDPOINT"]
HOST = urlparse(ENDPOINT).netloc
ACCESS, SECRET = os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"]
EMPTY = hashlib.sha256(b"").hexdigest()
UNSIGNED = "UNSIGNED-PAYLOAD"
CHUNKS = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
CHUNKS_AND_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"


def mac(key, text):
    return hmac.digest(key, text.encode(), "sha256")


def now(seconds=0):
    return datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)


class Signed:
    """A request with its signature; change what you like before `send`."""

    def __init__(self, method, path, query="", content=b"", headers={}, payload=None, time=None, access=ACCESS, secret=SECRET,
                 region="us-east-1", unsigned={}):
        """path: as on the wire; query: sorted, percent-encoded, each name with its "="; unsigned: headers that are not signed."""
        self.method, self.path, self.query, self.content = method, path, query, content
        self.stamp = (time or now()).strftime("%Y%m%dT%H%M%SZ")
        self.scope = f"{self.stamp[:8]}/{region}/s3/aws4_request"
        self.payload = payload or hashlib.sha256(content).hexdigest()
        self.headers = {"host": HOST, "x-amz-content-sha256": self.payload, "x-amz-date": self.stamp, **headers}
        names = sorted(self.headers)
        canonical = "\n".join([
            method, path, query, *[f"{name}:{self.headers[name]}" for name in names], "", ";".join(names), self.payload])
        self.key = ("AWS4" + secret).encode()
        for part in self.scope.split("/"):
            self.key = mac(self.key, part)
        text = f"AWS4-HMAC-SHA256\n{self.stamp}\n{self.scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        self.signature = mac(self.key, text).hex()
        self.headers["authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={access}/{self.scope}, SignedHeaders={';'.join(names)}, Signature={self.signature}")
        self.headers.update(unsigned)

    def send(self, connection=None):
        """Status, code of the error or "", headers, content."""
        own = connection or http.client.HTTPConnection(HOST, timeout=180)
        own.putrequest(self.method, self.path + ("?" + self.query if self.query else ""), skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            own.putheader(name, value)
        if "content-length" not in self.headers and "transfer-encoding" not in self.headers:
            own.putheader("content-length", str(len(self.content)))
        own.endheaders()
        try:
            own.send(self.content)
        except (BrokenPipeError, ConnectionResetError):
            # It was refused before all of it was sent.
            pass
        answer = own.getresponse()
        content = answer.read()
        code = content.split(b"<Code>")[1].split(b"</Code>")[0].decode() if b"<Code>" in content else ""
        result = answer.status, code, answer.headers, content
        if not connection:
            own.close()
        return result


class Chunked:
    """An upload whose chunks are signed one after another."""

    def __init__(self, path, parts, headers={}, trailer=None, length=None):
        """trailer: name and value, signed as well. length: the decoded length to claim."""
        self.request = Signed(
            "PUT", path, headers={
                "content-encoding": "aws-chunked", "x-amz-decoded-content-length": str(sum(map(len, parts)) if length is None else length),
                **({"x-amz-trailer": trailer[0]} if trailer else {}), **headers},
            payload=CHUNKS_AND_TRAILER if trailer else CHUNKS)
        self.previous = self.request.signature
        self.chunks = [self.chunk(part) for part in [*parts, b""]]
        self.end = b"\r\n"
        if trailer:
            line = f"{trailer[0]}:{trailer[1]}"
            text = "\n".join([
                "AWS4-HMAC-SHA256-TRAILER", self.request.stamp, self.request.scope, self.previous,
                hashlib.sha256(f"{line}\n".encode()).hexdigest()])
            self.end = f"{line}\r\nx-amz-trailer-signature:{mac(self.request.key, text).hex()}\r\n\r\n".encode()

    def chunk(self, content):
        text = "\n".join([
            "AWS4-HMAC-SHA256-PAYLOAD", self.request.stamp, self.request.scope, self.previous, EMPTY, hashlib.sha256(content).hexdigest()])
        self.previous = mac(self.request.key, text).hex()
        return f"{len(content):x};chunk-signature={self.previous}\r\n".encode() + content + (b"\r\n" if content else b"")

    def send(self):
        self.request.content = b"".join(self.chunks) + self.end
        return self.request.send()


def escaped(key):
    return quote(key, safe="/~")
