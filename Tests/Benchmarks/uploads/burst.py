"""Sixteen photos of 24 megapixels uploaded at once: the most memory that the server and its codec workers take together, by the
proportional set size (PSS: what they share counts once) and by resident set size, sampled until all are rendered.

usage: burst.py --agrovet PATH [--media DIR] [--uploads 16]
"""
import argparse, http.client, json, os, re, subprocess, sys, tempfile, threading, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
from server import Server

# MB of all processes together, by PSS.
GOAL = 500

parser = argparse.ArgumentParser()
parser.add_argument("--agrovet", required=True)
parser.add_argument("--media")
parser.add_argument("--uploads", type=int, default=16)
options = parser.parse_args()


def memory(server):
    """PSS and RSS in MB of a server and its codec workers; one that has ended meanwhile counts nothing."""
    pss = rss = 0
    for one in server.pids:
        try:
            text = open(f"/proc/{one}/smaps_rollup").read()
        except OSError:
            continue
        pss += int(re.search(r"^Pss:\s+(\d+)", text, re.M)[1])
        rss += int(re.search(r"^Rss:\s+(\d+)", text, re.M)[1])
    return pss / 1000, rss / 1000


folder = options.media
if not folder or not os.path.exists(os.path.join(folder, "p24.jpg")):
    folder = ".build-bench/inputs"
    subprocess.run([sys.executable, os.path.join(HERE, "../images/inputs.py"), folder], check=True)
image = open(os.path.join(folder, "p24.jpg"), "rb").read()
with tempfile.TemporaryDirectory(prefix="agrovet-bench-") as data, \
        Server(options.agrovet, data + "/storage", ["log-level=warning"]) as server:
    port = int(server.base.rsplit(":", 1)[1])
    token = server.token
    failures = []

    def upload(number):
        # Different from every other in what stands behind its end, so that nothing is stored once for two.
        body = (b'--b\r\nContent-Disposition: form-data; name="file"; filename="photo.jpg"\r\n\r\n' + image
                + b"%d" % number + b"\r\n--b--\r\n")
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.request("POST", "/api/media/", body, {
            "Authorization": "Bearer " + token, "Content-Type": "multipart/form-data; boundary=b"})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 201:
            failures.append(answer.status)

    start = time.time()
    threads = [threading.Thread(target=upload, args=(number,)) for number in range(options.uploads)]
    for thread in threads:
        thread.start()
    connection = http.client.HTTPConnection("127.0.0.1", port)
    peaks, samples, looked = (0, 0), 0, 0
    while True:
        peaks = tuple(map(max, peaks, memory(server)))
        samples += 1
        if time.time() - looked > 0.25 and not any(thread.is_alive() for thread in threads):
            looked = time.time()
            connection.request("GET", "/api/media/?status=processing&page_size=1", headers={"Authorization": "Bearer " + token})
            if json.loads(connection.getresponse().read())["count"] == 0:
                break
        time.sleep(0.005)
    print(f"\nburst: {options.uploads} uploads of {len(image) / 1e6:.1f} MB, 24 megapixels, at once; all rendered after "
          f"{time.time() - start:.1f} s")
    print(f"  peak memory of the server and its codec workers together: {peaks[0]:.0f} MB by PSS, {peaks[1]:.0f} MB by RSS "
          f"({samples} samples); goal under {GOAL} MB")
    if failures:
        sys.exit(f"  {len(failures)} uploads failed: {sorted(set(failures))}")
    print("The goal is met." if peaks[0] < GOAL else "Missed.")
