"""Deliveries of what is cached, beside nginx serving the same bytes from a file, in the same run: a thumbnail of about 20 KiB and
a rendition of about 1 MiB. Agrovet as it runs by default, logging each request to a file; nginx with sendfile and no log.

usage: bench.py --agrovet PATH [--media DIR] [--seconds 4] [--rounds 3] [--connections 64]
"""
import argparse, os, re, shutil, socket, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
from server import Server

# Name, bytes that are looked for, least share of nginx's requests a second.
JOBS = [("thumbnail", 20 * 1024, 0.5), ("large rendition", 1024 * 1024, 0.8)]
PRESETS = "thumb=160x160:crop,small=320x320:fit,medium=640x640:fit,large=1280x1280:fit,huge=3200x3200:fit"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--agrovet", required=True)
    parser.add_argument("--media")
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=64)
    options = parser.parse_args()
    for program in ("wrk", "nginx"):
        if not find(program):
            sys.exit(f"\ndelivery: {program} is not there (apt-get install {program}); nothing was measured")
    folder = options.media
    if not folder or not os.path.exists(os.path.join(folder, "p12.jpg")):
        folder = ".build-bench/inputs"
        subprocess.run([sys.executable, os.path.join(HERE, "../images/inputs.py"), folder], check=True)
    photo = os.path.join(folder, "p12.jpg")
    missed = False
    with tempfile.TemporaryDirectory(prefix="agrovet-bench-") as data, Nginx(os.path.join(data, "nginx")) as nginx, \
            Server(options.agrovet, os.path.join(data, "storage"), ["presets=" + PRESETS], os.path.join(data, "log")) as server:
        record = server.upload(photo)
        for name, size, goal in JOBS:
            chosen = min(record["renditions"], key=lambda rendition: abs(rendition["size"] - size))
            path = re.sub(r"^https?://[^/]+", "", chosen["url"])
            nginx.put(path, server.get(path))
            ours, theirs = [], []
            # Turn by turn, so that a machine that slows down slows both; the best is what each can do.
            for _ in range(options.rounds):
                ours.append(load(server.base + path, options))
                theirs.append(load(nginx.base + path, options))
            ratio = max(ours) / max(theirs)
            print(f"\nDelivery of a cached {name}: {chosen['name']}.{chosen['format']}, {chosen['size']} bytes, "
                  f"{options.connections} connections")
            print(f"  agrovet {max(ours):.0f}/s, nginx {max(theirs):.0f}/s: {ratio:.2f}×, goal {goal:.2f}")
            missed = missed or ratio < goal
    print("Missed." if missed else "The goals are met.")


def find(program):
    return shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin")


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def load(url, options):
    output = subprocess.run(
        ["wrk", "-t2", f"-c{options.connections}", f"-d{options.seconds}s", url], check=True, capture_output=True, text=True).stdout
    if re.search(r"Non-2xx|Socket errors", output):
        sys.exit(f"{url} was not answered as it should:\n{output}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1])


class Nginx:
    """nginx on a free port with a folder of its own, as many workers as there are cores."""

    CONFIGURATION = """
        daemon off; worker_processes auto; pid {folder}/pid; error_log {folder}/error.log;
        events {{ worker_connections 1024; }}
        http {{
            access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; default_type image/webp;
            client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
            uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
            server {{ listen 127.0.0.1:{port}; root {folder}/root; }}
        }}
        """

    def __init__(self, folder):
        self.folder = folder
        os.makedirs(folder + "/root")
        # Its workers may be of another user.
        for path in (os.path.dirname(folder), folder, folder + "/root"):
            os.chmod(path, 0o755)
        port = free_port()
        with open(folder + "/nginx.conf", "w") as file:
            file.write(self.CONFIGURATION.format(folder=folder, port=port))
        self.process = subprocess.Popen([find("nginx"), "-c", folder + "/nginx.conf", "-e", folder + "/error.log"])
        self.base = f"http://127.0.0.1:{port}"
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        sys.exit("nginx did not start: " + open(folder + "/error.log").read())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def put(self, path, content):
        target = self.folder + "/root" + path
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "wb") as file:
            file.write(content)


main()
