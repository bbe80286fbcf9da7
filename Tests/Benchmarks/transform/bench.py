"""An uncached transform, 12 megapixels to a WebP of 640, by the server as it runs; beside libvips thumbnail and webpsave.

usage: bench.py --agrovet PATH [--media DIR] [--repeats 20] [--rounds 3]
"""
import argparse, os, re, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
from server import Server

# Each request makes its picture anew.
SETTINGS = ["transform-unsigned=true", "transform-cache-bytes=0", "delivery-cache-bytes=0", "delivery-cache-files=0"]
GOAL = 0.60
OPERATIONS = "fit:fit,w:640,h:640"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--agrovet", required=True)
    parser.add_argument("--media")
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peer", help="measure libvips with this file and print its CPU time")
    options = parser.parse_args()
    if options.peer:
        return peer(options.peer, options.repeats)
    folder = options.media
    if not folder or not os.path.exists(os.path.join(folder, "p12.jpg")):
        folder = ".build-bench/inputs"
        subprocess.run([sys.executable, os.path.join(HERE, "../images/inputs.py"), folder], check=True)
    photo = os.path.join(folder, "p12.jpg")
    ours, libvips = float("inf"), float("inf")
    with tempfile.TemporaryDirectory() as data, Server(options.agrovet, data, SETTINGS) as server:
        path = f"/img/unsigned/{OPERATIONS}/{server.upload(photo)['id']}.webp"
        server.get(path)
        # Round by round, so that a machine that slows down slows both; the least is what the work itself takes.
        for _ in range(options.rounds):
            before = cpu_seconds(server)
            for _ in range(options.repeats):
                size = len(server.get(path))
            ours = min(ours, (cpu_seconds(server) - before) * 1000 / options.repeats)
            command = [sys.executable, __file__, "--agrovet", "", "--peer", photo, "--repeats", str(options.repeats)]
            output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            libvips = min(libvips, float(re.search(r"cpu_ms=([\d.]+)", output)[1]))
    print(f"\nTransform {OPERATIONS} of p12.jpg, uncached, HTTP included: {size} bytes")
    print(f"  agrovet {ours:.0f} ms CPU, libvips {libvips:.0f} ms: {ours / libvips:.2f}×, goal {GOAL:.2f}")
    print("The goal is met." if ours <= GOAL * libvips else "Missed.")


def cpu_seconds(server):
    """Of the server and its codec workers."""
    time.sleep(0.05)
    pid = server.process.pid
    ticks = 0
    for one in server.pids:
        fields = open(f"/proc/{one}/stat").read().rsplit(")", 1)[1].split()
        # The server's own with that of workers which have ended, and the workers'.
        ticks += sum(int(field) for field in (fields[11:15] if one == str(pid) else fields[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def peer(path, repeats):
    os.environ["VIPS_CONCURRENCY"] = "1"
    import pyvips

    def job():
        pyvips.Image.thumbnail(path, 640, height=640, size="down").webpsave_buffer(Q=80, effort=4, keep="none")

    job()
    before = time.process_time()
    for _ in range(repeats):
        job()
    print(f"cpu_ms={(time.process_time() - before) * 1000 / repeats:.2f}")


main()
