"""A real `agrovet serve` on a free port, as the benchmarks drive it."""
import json, os, re, subprocess, urllib.request


class Server:
    """
    data: its data folder. settings: such as "presets=...". log: a path that its log goes to; None throws it away.
    """

    def __init__(self, agrovet, data, settings=(), log=None):
        self.data = data
        self.log = open(log or os.devnull, "w")
        arguments = [argument for setting in settings for argument in ("--set", setting)]
        self.process = subprocess.Popen(
            [agrovet, "serve", "--port", "0", "--data", data, *arguments], stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.base = re.search(r"Open (\S+?)/#", self.process.stdout.readline())[1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.log.close()

    def upload(self, path):
        """The record, when it is ready."""
        with open(os.path.join(self.data, "keys/api-token")) as file:
            token = file.read().strip()
        with open(path, "rb") as file:
            photo = file.read()
        body = b'--b\r\nContent-Disposition: form-data; name="file"; filename="p.jpg"\r\n\r\n' + photo + b"\r\n--b--\r\n"
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "multipart/form-data; boundary=b", "Prefer": "wait=30"}
        with urllib.request.urlopen(urllib.request.Request(self.base + "/api/media/", body, headers)) as answer:
            return json.load(answer)

    def get(self, path):
        with urllib.request.urlopen(self.base + path) as answer:
            return answer.read()
