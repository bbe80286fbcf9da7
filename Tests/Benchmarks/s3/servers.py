"""The servers that are measured, each on free ports with a folder of its own."""
import json, os, random, re, signal, socket, subprocess, sys, time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import load
from load import Request, Target
from server import Server


def free_port():
    """One that no connection is given by chance meanwhile: below the ephemeral ports."""
    while True:
        port = random.randrange(12_000, 32_000)
        with socket.socket() as one:
            try:
                one.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def wait_for(port, what, process):
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.1)
    sys.exit(f"{what} did not start")


class Child:
    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def peak(self):
        """Peak resident memory in MB."""
        return int(re.search(r"VmHWM:\s+(\d+)", open(f"/proc/{self.process.pid}/status").read())[1]) * 1024 / 1e6


class SeaweedFS(Child):
    """Master, volume server, filer and S3 in one process, as its documentation starts it."""

    def __init__(self, weed, folder):
        os.makedirs(folder + "/data")
        with open(folder + "/s3.json", "w") as file:
            json.dump({"identities": [{
                "name": "bench", "credentials": [{"accessKey": "benchbench", "secretKey": "benchbenchbenchbench"}],
                "actions": ["Admin", "Read", "List", "Tagging", "Write"]}]}, file)
        ports = {name: free_port() for name in ("master.port", "volume.port", "filer.port", "s3.port")}
        # Each has a gRPC port as well.
        ports.update({name + ".grpc": free_port() for name in list(ports)})
        self.process = subprocess.Popen(
            [weed, "server", "-dir", folder + "/data", "-ip", "127.0.0.1", "-filer", "-s3", "-s3.config", folder + "/s3.json",
             "-volume.max", "100", *[f"-{name}={port}" for name, port in ports.items()]],
            stdout=subprocess.DEVNULL, stderr=open(folder + "/log", "w"))
        wait_for(ports["s3.port"], "SeaweedFS", self.process)
        self.target = Target(
            "SeaweedFS", "127.0.0.1", ports["s3.port"], "benchbench", "benchbenchbenchbench", [self.process.pid])
        # It answers before its volumes are there.
        for attempt in range(60):
            try:
                for path in ("/warm", "/warm/up"):
                    load.run(self.target, [Request("PUT", path)])
                return
            except SystemExit as failure:
                reason = failure
                time.sleep(1)
        sys.exit(f"SeaweedFS takes no objects: {reason}")


class Agrovet(Child):
    def __init__(self, agrovet, folder, settings=()):
        os.makedirs(folder)
        server = Server(agrovet, folder + "/storage", settings, folder + "/log")
        self.process = server.process
        pair = dict(line.strip().split("=", 1) for line in open(server.data + "/keys/s3-root-key") if "=" in line)
        host, port = server.s3.removeprefix("http://").rsplit(":", 1)
        self.target = Target(
            "Agrovet", host, int(port), pair["AWS_ACCESS_KEY_ID"], pair["AWS_SECRET_ACCESS_KEY"], [self.process.pid])


class Nginx(Child):
    """Files by sendfile, as many workers as there are cores."""

    CONFIGURATION = """
        daemon off; worker_processes auto; pid {folder}/pid; error_log {folder}/error.log;
        events {{ worker_connections 1024; }}
        http {{
            access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; default_type application/octet-stream;
            client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
            uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
            server {{ listen 127.0.0.1:{port}; root {folder}/root; }}
        }}
        """

    def __init__(self, nginx, folder):
        self.root = folder + "/root"
        os.makedirs(self.root)
        for path in (os.path.dirname(folder), folder, self.root):
            os.chmod(path, 0o755)
        port = free_port()
        with open(folder + "/nginx.conf", "w") as file:
            file.write(self.CONFIGURATION.format(folder=folder, port=port))
        self.process = subprocess.Popen([nginx, "-c", folder + "/nginx.conf", "-e", folder + "/error.log"])
        wait_for(port, "nginx", self.process)
        pid = self.process.pid
        workers = open(f"/proc/{pid}/task/{pid}/children").read().split()
        self.target = Target("nginx", "127.0.0.1", port, None, None, [pid, *map(int, workers)])
