"""A real `agrovet serve` on a free port, as the benchmarks drive it."""
import json, os, re, subprocess, urllib.request


class Server:
    """
    data: its data folder. settings: such as "presets=...". log: a path that its log goes to; None throws it away.

    base: its address, such as http://127.0.0.1:41234; s3: that of its S3 endpoint. token: of the API.
    """

    def __init__(self, agrovet, data, settings=(), log=None):
        self.data = data
        self.log = open(log or os.devnull, "w")
        arguments = [argument for setting in settings for argument in ("--set", setting)]
        self.process = subprocess.Popen(
            [agrovet, "serve", "--port", "0", "--s3-port", "0", "--data", data, *arguments], stdout=subprocess.PIPE, stderr=self.log,
            text=True)
        self.base = self.s3 = None
        # Each endpoint says when it listens, in any order.
        while not (self.base and self.s3):
            line = self.process.stdout.readline()
            if not line:
                raise SystemExit("agrovet serve did not start" + (f": {open(log).read()}" if log else ""))
            if found := re.match(r"S3 endpoint: (\S+)", line):
                self.s3 = found[1]
            elif found := re.search(r"Open (\S+?)/#", line):
                self.base = found[1]
        with open(os.path.join(data, "keys/api-token")) as file:
            self.token = file.read().strip()

    @property
    def pids(self):
        """Its own and those of its codec workers."""
        pid = self.process.pid
        return {str(pid), *(child for task in os.listdir(f"/proc/{pid}/task")
                            for child in open(f"/proc/{pid}/task/{task}/children").read().split())}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.log.close()

    def upload(self, path):
        """The record, when it is ready."""
        with open(path, "rb") as file:
            photo = file.read()
        body = b'--b\r\nContent-Disposition: form-data; name="file"; filename="p.jpg"\r\n\r\n' + photo + b"\r\n--b--\r\n"
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "multipart/form-data; boundary=b", "Prefer": "wait=30"}
        with urllib.request.urlopen(urllib.request.Request(self.base + "/api/media/", body, headers)) as answer:
            return json.load(answer)

    def get(self, path):
        with urllib.request.urlopen(self.base + path) as answer:
            return answer.read()
