"""Uploads of 3 MB JPEGs at 32 connections: the server's memory, CPU and throughput, and how soon all are rendered.

usage: bench.py --agrovet PATH [--media DIR] [--connections 32] [--uploads 320]
"""
import argparse, http.client, io, json, os, re, sys, tempfile, threading, time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from server import Server

parser = argparse.ArgumentParser()
parser.add_argument("--agrovet", required=True)
parser.add_argument("--media")
parser.add_argument("--connections", type=int, default=32)
parser.add_argument("--uploads", type=int, default=320)
options = parser.parse_args()


def photo():
    """A 12-megapixel photo of about 3 MB."""
    if options.media and os.path.exists(os.path.join(options.media, "p12.jpg")):
        return open(os.path.join(options.media, "p12.jpg"), "rb").read()
    from PIL import Image
    import numpy
    random = numpy.random.default_rng(1)
    small = random.integers(0, 256, (60, 80, 3), dtype=numpy.uint8)
    large = numpy.asarray(Image.fromarray(small).resize((4000, 3000), Image.BICUBIC)).astype(numpy.int16)
    large = numpy.clip(large + random.normal(0, 6, large.shape), 0, 255).astype(numpy.uint8)
    buffer = io.BytesIO()
    Image.fromarray(large).save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


def process(server):
    """CPU seconds and peak memory in MB of a server and its codec workers."""
    pid = server.process.pid
    cpu = peak = 0
    for one in server.pids:
        fields = open(f"/proc/{one}/stat").read().rsplit(")", 1)[1].split()
        # The server's own, and that of workers which have ended.
        cpu += int(fields[11]) + int(fields[12]) + (int(fields[13]) + int(fields[14]) if one == str(pid) else 0)
        peak += int(re.search(r"VmHWM:\s+(\d+)", open(f"/proc/{one}/status").read()).group(1))
    return cpu / os.sysconf("SC_CLK_TCK"), peak / 1000


image = photo()
with tempfile.TemporaryDirectory(prefix="agrovet-bench-") as folder, \
        Server(options.agrovet, folder + "/storage", ["log-level=warning"]) as server:
    port = int(server.base.rsplit(":", 1)[1])
    token = server.token
    counter = iter(range(options.uploads))
    lock = threading.Lock()
    failures = []

    def work():
        connection = http.client.HTTPConnection("127.0.0.1", port)
        while True:
            with lock:
                number = next(counter, None)
            if number is None:
                return
            # Different from every other in what stands behind its end, so that nothing is stored once for two.
            body = (b'--b\r\nContent-Disposition: form-data; name="file"; filename="photo.jpg"\r\n\r\n' + image
                    + b"%d" % number + b"\r\n--b--\r\n")
            connection.request("POST", "/api/media/", body, {
                "Authorization": "Bearer " + token, "Content-Type": "multipart/form-data; boundary=b"})
            answer = connection.getresponse()
            answer.read()
            if answer.status != 201:
                failures.append(answer.status)

    start = time.time()
    threads = [threading.Thread(target=work) for _ in range(options.connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    accepted = time.time() - start
    connection = http.client.HTTPConnection("127.0.0.1", port)
    while True:
        connection.request("GET", "/api/media/?status=processing&page_size=1", headers={"Authorization": "Bearer " + token})
        if json.loads(connection.getresponse().read())["count"] == 0:
            break
        time.sleep(0.25)
    settled = time.time() - start
    cpu, peak = process(server)
    size = len(image) / 1e6
    print(f"\nuploads: {options.uploads} of {size:.1f} MB at {options.connections} connections")
    print(f"  accepted in {accepted:.1f} s ({options.uploads / accepted:.0f}/s, {options.uploads * size / accepted:.0f} MB/s), "
          f"all rendered after {settled:.1f} s; {cpu / options.uploads * 1000:.0f} ms CPU an upload with its 8 renditions")
    print(f"  peak memory of the server and its codec workers: {peak:.0f} MB (target: under 300)")
    if failures:
        sys.exit(f"  {len(failures)} uploads failed: {sorted(set(failures))}")
