"""S3: Agrovet beside SeaweedFS and, for large GETs, nginx, in the same run. Operations a second at 32 connections, the server's CPU
milliseconds a 1,000 operations, ratios, and which goals are met.

usage: bench.py --agrovet PATH [--weed PATH] [--nginx PATH] [--connections 32] [--scale 1.0] [--million 1000000]
                [--only put,get,list,million]

Agrovet writes through to the disk before it acknowledges (fsync); SeaweedFS does not. Objects differ from one another, and no two
servers get the same key. Generator and servers share the machine's cores; the generator's share is printed.
"""
import argparse, hashlib, os, random, shutil, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import load
from load import Request, escaped
from servers import Agrovet, Nginx, SeaweedFS

# Bytes, their name, how many objects, and the least multiple of SeaweedFS for PUT and GET.
SIZES = [(4096, "4 KiB", 20_000, 1.5, 4), (102_400, "100 KiB", 5_000, 2, 4), (4 << 20, "4 MiB", 192, 3, 1.5)]
LISTED = 100_000
MEMORY = 300  # MB
BUCKET = "bench"

missed = []


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--agrovet", required=True)
    parser.add_argument("--weed", default=".build-bench/venv/bin/weed")
    parser.add_argument("--nginx", default=shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin"))
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--scale", type=float, default=1)
    parser.add_argument("--million", type=int, default=1_000_000)
    parser.add_argument("--only", default="put,get,list,million")
    options = parser.parse_args()
    chosen = options.only.split(",")
    os.makedirs(load.BUILD, exist_ok=True)
    shared = os.path.join(load.BUILD, "shared")
    content = random.Random(1).randbytes(4 << 20)
    with open(shared, "wb") as file:
        file.write(content)
    # Beside the build and not in /tmp, which may be memory.
    with tempfile.TemporaryDirectory(dir=load.BUILD, prefix="s3-") as folder:
        os.chmod(load.BUILD, 0o755)
        folder = os.path.abspath(folder)
        with Agrovet(options.agrovet, folder + "/agrovet", ["log-level=warning"]) as agrovet, \
                SeaweedFS(options.weed, folder + "/weed") as weed:
            for server in (agrovet, weed):
                load.run(server.target, [Request("PUT", "/" + BUCKET)])
            if "put" in chosen or "get" in chosen:
                objects(agrovet, weed, options, content, shared, chosen)
            if "get" in chosen and options.nginx:
                against_nginx(agrovet, options, content, folder)
            if "list" in chosen:
                lists(agrovet, weed, options)
            if "million" in chosen:
                million(agrovet, options)
            print(f"\nPeak memory: {agrovet.peak():.0f} MB (goal under {MEMORY}), SeaweedFS {weed.peak():.0f} MB")
            if agrovet.peak() >= MEMORY:
                missed.append("memory")
    print("Missed: " + ", ".join(missed) if missed else "The goals are met.")


def show(result, name):
    print(f"    {name:22} {result.rate:9.0f}/s  CPU {result.cpu:8.0f} ms/1,000  p50 {result.p50:8.2f} ms  p99 {result.p99:8.2f} ms  "
          f"generator {result.own_cpu * 100:3.0f} % of a core")


def judge(what, ours, theirs, goal, cpu=True):
    rate, saved = ours.rate / theirs.rate, theirs.cpu / max(ours.cpu, 1e-9)
    print(f"    {rate:.2f}× the operations a second, {saved:.2f}× less CPU; goal {goal}×")
    if rate < goal:
        missed.append(f"{what} {rate:.2f}×")
    if cpu and saved < goal:
        missed.append(f"CPU of {what} {saved:.2f}×")


def objects(agrovet, weed, options, content, shared, chosen):
    for size, name, count, put_goal, get_goal in SIZES:
        count = max(options.connections, int(count * options.scale))
        puts = []
        for number in range(count):
            own = f"{size:08d}{number:08d}".encode()
            hashed = hashlib.sha256(own)
            hashed.update(memoryview(content)[:size - len(own)])
            puts.append(Request("PUT", f"/{BUCKET}/{size}/{number % 37:02d}/{number:07d}", "", own, size - len(own), hashed.hexdigest()))
        print(f"\nPUT of {name}, {count} objects")
        theirs = load.run(weed.target, puts, options.connections, shared)
        ours = load.run(agrovet.target, puts, options.connections, shared)
        for server, result in ((weed, theirs), (agrovet, ours)):
            show(result, server.target.name)
        judge(f"PUT {name}", ours, theirs, put_goal)
        if "get" not in chosen:
            continue
        gets = [Request("GET", put.path) for put in puts] * (1 if size < 1 << 20 else 4)
        random.Random(2).shuffle(gets)
        print(f"\nGET of {name}, {len(gets)} requests")
        theirs = load.run(weed.target, gets, options.connections)
        ours = load.run(agrovet.target, gets, options.connections)
        for server, result in ((weed, theirs), (agrovet, ours)):
            show(result, server.target.name)
            if result.bytes != size * len(gets):
                raise SystemExit(f"{server.target.name} gave {result.bytes} bytes")
        judge(f"GET {name}", ours, theirs, get_goal)


def against_nginx(agrovet, options, content, folder):
    if not options.nginx:
        return
    count = max(options.connections, int(192 * options.scale))
    with Nginx(options.nginx, folder + "/nginx") as nginx:
        os.makedirs(f"{nginx.root}/{BUCKET}")
        for number in range(count):
            with open(f"{nginx.root}/{BUCKET}/{number}", "wb") as file:
                file.write(content)
        print(f"\nGET of 4 MiB beside nginx, {count * 4} requests each")
        size = 4 << 20
        ours, theirs = [], []
        for _ in range(3):
            theirs.append(load.run(nginx.target, [Request("GET", f"/{BUCKET}/{n}") for n in range(count)] * 4, options.connections))
            ours.append(load.run(
                agrovet.target, [Request("GET", f"/{BUCKET}/{size}/{n % 37:02d}/{n:07d}") for n in range(count)] * 4, options.connections))
        ours, theirs = max(ours, key=lambda one: one.rate), max(theirs, key=lambda one: one.rate)
        show(theirs, "nginx")
        show(ours, "Agrovet")
        judge("GET 4 MiB beside nginx", ours, theirs, 0.7, cpu=False)


def key(number):
    return f"d{number % 37:02d}/o{number:07d}"


def fill(target, bucket, first, count, connections):
    """Empty objects, by portions whose signatures stay valid."""
    for start in range(first, first + count, 100_000):
        numbers = range(start, min(start + 100_000, first + count))
        load.run(target, [Request("PUT", f"/{bucket}/{key(number)}") for number in numbers], connections)


def pages(bucket, keys, count, seed=3):
    """Pages of 1,000 keys from anywhere."""
    chooser = random.Random(seed)
    starts = [escaped(key(chooser.randrange(keys))).replace("/", "%2F") for _ in range(count)]
    return [Request("GET", "/" + bucket, f"list-type=2&max-keys=1000&start-after={start}") for start in starts]


def lists(agrovet, weed, options):
    count = int(LISTED * options.scale)
    for server in (agrovet, weed):
        load.run(server.target, [Request("PUT", "/listed")])
        fill(server.target, "listed", 0, count, options.connections)
    many = range(int(600 * options.scale) + options.connections)
    delimited = "delimiter=%2F&list-type=2&max-keys=1000"
    for name, requests in (
        ("pages of 1,000 keys", pages("listed", count, len(many))),
        ("a folder with a delimiter", [Request("GET", "/listed", f"{delimited}&prefix=d{n % 37:02d}%2F") for n in many]),
        ("the root with a delimiter", [Request("GET", "/listed", delimited) for _ in many]),
    ):
        print(f"\nLIST over {count} keys: {name}")
        theirs = load.run(weed.target, requests, options.connections)
        ours = load.run(agrovet.target, requests, options.connections)
        show(theirs, "SeaweedFS")
        show(ours, "Agrovet")
        judge("LIST, " + name, ours, theirs, 5, cpu=False)


def million(agrovet, options):
    for bucket, count in (("few", 10_000), ("many", options.million)):
        load.run(agrovet.target, [Request("PUT", "/" + bucket)])
        fill(agrovet.target, bucket, 0, count, 64)
    print(f"\nLIST of a page of 1,000 at 10,000 keys and at {options.million}, one connection")
    few, many = [], []
    for seed in range(3):
        few.append(load.run(agrovet.target, pages("few", 10_000, 200, seed), 1))
        many.append(load.run(agrovet.target, pages("many", options.million, 200, seed), 1))
    few, many = min(few, key=lambda one: one.p50), min(many, key=lambda one: one.p50)
    show(few, "10,000 keys")
    show(many, f"{options.million} keys")
    ratio = many.p50 / few.p50
    print(f"    {ratio:.2f}× the time; goal under 2×")
    if ratio >= 2:
        missed.append(f"page of a million {ratio:.2f}×")


main()
