"""Load for an S3 endpoint: requests that are signed beforehand (AWS Signature Version 4) and sent by replay.c."""
import datetime, hashlib, hmac, os, struct, subprocess, tempfile
from dataclasses import dataclass
from urllib.parse import quote

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = ".build-bench"
EMPTY = hashlib.sha256(b"").hexdigest()


@dataclass
class Target:
    """A server. pids: its processes; access and secret: None where requests are not signed."""
    name: str
    host: str
    port: int
    access: str
    secret: str
    pids: list


@dataclass
class Request:
    """query: sorted and percent-encoded. own: what the content begins with; shared: bytes of the shared content that follow."""
    method: str
    path: str
    query: str = ""
    own: bytes = b""
    shared: int = 0
    sha256: str = EMPTY


@dataclass
class Result:
    rate: float
    cpu: float  # the server's, milliseconds a 1,000 requests
    p50: float  # milliseconds
    p99: float
    bytes: int
    own_cpu: float  # the generator's share of one core


def signed(target, requests):
    """The records of replay.c."""
    now = datetime.datetime.now(datetime.timezone.utc)
    day, stamp = now.strftime("%Y%m%d"), now.strftime("%Y%m%dT%H%M%SZ")
    scope = f"{day}/us-east-1/s3/aws4_request"
    host = f"{target.host}:{target.port}"
    if target.secret:
        key = ("AWS4" + target.secret).encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
    for request in requests:
        length = len(request.own) + request.shared
        head = f"{request.method} {request.path}{'?' + request.query if request.query else ''} HTTP/1.1\r\nHost: {host}\r\n"
        if target.secret:
            canonical = (
                f"{request.method}\n{request.path}\n{request.query}\nhost:{host}\nx-amz-content-sha256:{request.sha256}\n"
                f"x-amz-date:{stamp}\n\nhost;x-amz-content-sha256;x-amz-date\n{request.sha256}")
            text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
            signature = hmac.digest(key, text.encode(), "sha256").hex()
            head += (
                f"X-Amz-Content-Sha256: {request.sha256}\r\nX-Amz-Date: {stamp}\r\n"
                f"Authorization: AWS4-HMAC-SHA256 Credential={target.access}/{scope}, "
                f"SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature={signature}\r\n")
        if length or request.method == "PUT":
            head += f"Content-Length: {length}\r\n"
        own = head.encode() + b"\r\n" + request.own
        yield struct.pack("=II", len(own), request.shared) + own


def cpu(pids):
    """CPU seconds of processes."""
    total = 0
    for pid in pids:
        fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def program():
    os.makedirs(BUILD, exist_ok=True)
    path = os.path.join(BUILD, "replay")
    source = os.path.join(HERE, "replay.c")
    if not os.path.exists(path) or os.path.getmtime(path) < os.path.getmtime(source):
        subprocess.run(["cc", "-O2", "-pthread", "-o", path, source], check=True)
    return path


def run(target, requests, connections=32, shared="/dev/null"):
    """Sends all; every answer must be a 2xx."""
    requests = list(requests)
    with tempfile.NamedTemporaryFile(dir=BUILD) as file:
        for record in signed(target, requests):
            file.write(record)
        file.flush()
        before = cpu(target.pids)
        child = subprocess.run(
            [program(), target.host, str(target.port), str(connections), file.name, shared], capture_output=True, text=True)
        used = cpu(target.pids) - before
    if child.returncode:
        raise SystemExit(f"{target.name}: {child.stderr}")
    done, errors, seconds, received, p50, p99, own = child.stdout.split()
    if errors != "0":
        raise SystemExit(f"{target.name}: {errors} of {done} requests failed, the first with\n{child.stderr}")
    return Result(int(done) / float(seconds), used * 1e6 / int(done), float(p50), float(p99), int(received), float(own) / float(seconds))


def escaped(text):
    """As Signature Version 4 has a path."""
    return quote(text, safe="/~")
