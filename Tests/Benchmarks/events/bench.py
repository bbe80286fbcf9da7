"""Events: into the log, through outbox, log and consumer, between processes, and to many who follow by server-sent events.

usage: bench.py --agrovet PATH [--seconds 3] [--streams 100] [--events 2000]
"""
import argparse, http.client, json, os, subprocess, sys, tempfile, threading, time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from server import Server

parser = argparse.ArgumentParser()
parser.add_argument("--agrovet", required=True)
parser.add_argument("--seconds", type=int, default=3)
parser.add_argument("--streams", type=int, default=100)
parser.add_argument("--events", type=int, default=2000)
options = parser.parse_args()
trial = os.path.join(os.path.dirname(options.agrovet), "EventsTrial")


def cpu(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


print("\nevents")
for kind in ("speed", "chain"):
    with tempfile.TemporaryDirectory(prefix="agrovet-bench-") as folder:
        output = subprocess.run([trial, kind, folder, str(options.seconds)], check=True, capture_output=True, text=True).stdout
        print("  " + output.strip().replace("\n", "\n  "))

# Two processes at once on one topic: what each gets of it.
with tempfile.TemporaryDirectory(prefix="agrovet-bench-") as folder:
    both = [subprocess.Popen([trial, "speed", folder, str(options.seconds)], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    for process in both:
        print("  one of two processes:\n    " + process.communicate()[0].strip().replace("\n", "\n    "))

with tempfile.TemporaryDirectory(prefix="agrovet-bench-") as folder:
    subprocess.run([trial, "speed", folder, "1"], check=True, capture_output=True)
    print(f"  waiting for 5 s takes {subprocess.run([trial, 'idle', folder, '5'], capture_output=True, text=True).stdout.strip()} s of CPU")

with tempfile.TemporaryDirectory(prefix="agrovet-bench-") as folder, \
        Server(options.agrovet, folder + "/storage", ["log-level=error", "max-event-streams=1000", "max-event-streams-per-user=1000", "max-connections=4000"]) as server:
    port = int(server.base.rsplit(":", 1)[1])
    heard = [0] * options.streams
    done = threading.Event()

    def follow(index):
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.request("GET", "/api/events/?topic=media.events", headers={"Authorization": "Bearer " + server.token})
        answer = connection.getresponse()
        pending = b""
        while heard[index] < options.events:
            chunk = answer.read1(65536)
            if not chunk:
                return
            pending += chunk
            heard[index] += pending.count(b"\n\n") - pending.count(b"retry:") - pending.count(b": \n\n")
            pending = pending[pending.rfind(b"\n\n") + 2:] if b"\n\n" in pending else pending
        if all(count >= options.events for count in heard):
            done.set()

    threads = [threading.Thread(target=follow, args=(index,), daemon=True) for index in range(options.streams)]
    for thread in threads:
        thread.start()
    time.sleep(1)
    # Another process appends to the log that the server follows.
    before, start = cpu(server.process.pid), time.time()
    subprocess.run([trial, "tell", server.data + "/events", str(options.events)], check=True)
    while not done.wait(0.01) and time.time() - start < 120:
        pass
    took, used = time.time() - start, cpu(server.process.pid) - before
    total = sum(heard)
    print(f"  {options.streams} streams of {options.events} events: {total / took:.0f}/s told, {used / max(1, total) * 1e6:.1f} µs CPU each"
          + ("" if done.is_set() else f" ({total} of {options.streams * options.events})"))
