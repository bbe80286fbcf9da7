"""boto3 over TLS: it then sends chunks that are not signed, and the checksum behind them (STREAMING-UNSIGNED-PAYLOAD-TRAILER).

The TLS ends in this script, as it does at a proxy; certificates come from trustme.
"""
import io, os, socket, ssl, tempfile, threading
import boto3, trustme
from urllib.parse import urlparse
from checks import ENDPOINT, check, new_bucket, refused, run, same

seen = []


def pipe(source, target, watch):
    try:
        while data := source.recv(65536):
            if watch:
                seen.append(data)
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def proxy(context):
    """The port of a proxy that ends TLS before S3_ENDPOINT."""
    listener = socket.create_server(("127.0.0.1", 0))
    behind = urlparse(ENDPOINT)

    def serve():
        while True:
            plain, _ = listener.accept()
            try:
                client = context.wrap_socket(plain, server_side=True)
            except OSError:
                continue
            server = socket.create_connection((behind.hostname, behind.port))
            for arguments in ((client, server, True), (server, client, False)):
                threading.Thread(target=pipe, args=arguments, daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    return listener.getsockname()[1]


authority = trustme.CA()
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
authority.issue_cert("127.0.0.1").configure_cert(context)
with tempfile.NamedTemporaryFile(delete=False) as bundle:
    bundle.write(authority.cert_pem.bytes())
s3 = boto3.client("s3", endpoint_url=f"https://127.0.0.1:{proxy(context)}", region_name="us-east-1", verify=bundle.name)
bucket = new_bucket(s3)


@check
def checksums_come_behind_the_content():
    for algorithm in ("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"):
        seen.clear()
        content = os.urandom(200_000)
        put = s3.put_object(Bucket=bucket, Key=algorithm, Body=io.BytesIO(content), ChecksumAlgorithm=algorithm)
        sent = b"".join(seen)
        assert b"STREAMING-UNSIGNED-PAYLOAD-TRAILER" in sent, sent[:2000]
        assert f"\r\nx-amz-checksum-{algorithm.lower()}:".encode() in sent
        got = s3.get_object(Bucket=bucket, Key=algorithm, ChecksumMode="ENABLED")
        same(got["Checksum" + algorithm], put["Checksum" + algorithm])
        same(got.get("ContentEncoding"), None)
        assert got["Body"].read() == content


@check
def large_files_go_by_parts():
    content = os.urandom(12_000_000)
    s3.upload_fileobj(io.BytesIO(content), bucket, "large")
    into = io.BytesIO()
    s3.download_fileobj(bucket, "large", into)
    assert into.getvalue() == content
    head = s3.head_object(Bucket=bucket, Key="large", ChecksumMode="ENABLED")
    same((head["ChecksumType"], head["ChecksumCRC32"][-2:]), ("COMPOSITE", "-2"))


run()
