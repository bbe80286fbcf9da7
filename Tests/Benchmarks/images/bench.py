"""The standard image job, beside libvips and Pillow in the same minutes: CPU time, memory, bytes and likeness.

usage: bench.py --agrovet PATH [--media DIR] [--repeats 6] [--rounds 3] [--core 0]
"""
import argparse, json, os, re, subprocess, sys, tempfile

# A process begins with its parent's peak memory, so nothing large is imported here: what needs it runs on its own.
HERE = os.path.dirname(os.path.abspath(__file__))
PEERS = ("vips-each", "vips-cascade", "pillow")
INPUTS = ("p12.jpg", "p24.jpg", "a2.png")
PRESETS = ("large", "medium", "small", "thumb")
# What the project holds itself to on the standard job, p12.jpg: the ratio of CPU time is to be at most this.
GOALS = {"vips-cascade": 0.80, "vips-each": 0.55}
MEMORY_GOAL_MB = 60


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--agrovet", required=True)
    parser.add_argument("--media")
    parser.add_argument("--repeats", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--core", type=int, default=0)
    options = parser.parse_args()
    folder = options.media
    if not folder or not all(os.path.exists(os.path.join(folder, name)) for name in INPUTS):
        folder = ".build-bench/inputs"
        subprocess.run([sys.executable, os.path.join(HERE, "inputs.py"), folder], check=True)
    missed = []
    with tempfile.TemporaryDirectory() as work:
        for name in INPUTS:
            missed += compare(os.path.join(folder, name), work, options)
    print("All goals are met." if not missed else "Missed: " + "; ".join(missed))


# Of CPU in a codec worker, to CPU in the process itself.
ISOLATION_GOAL = 1.03


def compare(path, work, options):
    name = os.path.basename(path)
    # The peers write JPEG of everything; of a picture with alpha Agrovet would write PNG.
    formats = ["--format", "webp", "--format", "jpeg"] if name.endswith(".png") else []
    # In one process, as the peers do it; what the codec workers cost beside that is measured below.
    ours = [options.agrovet, "render", path, "--set", "codec-isolation=false", *formats]
    peers = os.path.join(HERE, "peers.py")
    commands = {"agrovet": ours, **{peer: [sys.executable, peers, peer, path] for peer in PEERS}}
    folders = {who: os.path.join(work, name, who) for who in commands}
    pin = ["taskset", "-c", str(options.core)] if sys.platform == "linux" else []

    memory = {who: run(pin + command + ["--out", folders[who]])[1] for who, command in commands.items()}
    # Round by round, so that a machine that slows down slows all; the least is what the work itself takes.
    cpu = {}
    for _ in range(options.rounds):
        for who, command in commands.items():
            output, _ = run(pin + command + ["--out", folders[who], "--repeats", str(options.repeats)])
            cpu[who] = min(cpu.get(who, float("inf")), float(re.findall(r"cpu_ms_per_job=([\d.]+)", output)[-1]))
    report(name, path, folders, cpu, memory)
    missed = []
    if name == "p12.jpg":
        missed += [f"{name}: CPU {cpu['agrovet'] / cpu[peer]:.2f} of {peer}, goal {goal}"
                   for peer, goal in GOALS.items() if cpu["agrovet"] > goal * cpu[peer]]
    if name == "p12.jpg":
        cost = isolation_cost(path, work, pin, options)
        print(f"  in a codec worker: {cost:.3f}× the CPU (goal: at most {ISOLATION_GOAL})", flush=True)
        if cost > ISOLATION_GOAL:
            missed.append(f"{name}: {cost:.3f} in a codec worker")
    if name.endswith(".jpg") and memory["agrovet"] > MEMORY_GOAL_MB * 1024:
        missed.append(f"{name}: {memory['agrovet'] / 1024:.0f} MB, goal {MEMORY_GOAL_MB}")
    return missed


def isolation_cost(path, work, pin, options):
    """CPU of a job in a codec worker, of one in the process itself; the least of several runs each. Many jobs a run, since a run
    starts its worker."""
    least = {}
    for _ in range(options.rounds):
        for isolation in ("true", "false"):
            output, _ = run(pin + [options.agrovet, "render", path, "--out", os.path.join(work, "isolation"), "--repeats", "40",
                                   "--set", "codec-isolation=" + isolation])
            cost = float(re.findall(r"cpu_ms_per_job=([\d.]+)", output)[-1])
            least[isolation] = min(least.get(isolation, cost), cost)
    return least["true"] / least["false"]


def report(name, path, folders, cpu, memory):
    print(f"\n{name}", flush=True)
    print(f"  {'':14}{'CPU ms a job':>14}{'agrovet is':>12}{'peak MB':>10}")
    for who in cpu:
        ratio = "" if who == "agrovet" else f"{cpu['agrovet'] / cpu[who]:.2f}×"
        print(f"  {who:14}{cpu[who]:14.0f}{ratio:>12}{memory[who] / 1024:10.0f}")
    command = [sys.executable, os.path.join(HERE, "quality.py"), path, *folders.values()]
    scores = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    for suffix in ("webp", "jpg"):
        print(f"  {suffix + ': SSIM (bytes)':20}" + "".join(f"{preset:>20}" for preset in PRESETS) + f"{'bytes in all':>16}")
        for who, folder in folders.items():
            found = [scores[folder][f"{preset}.{suffix}"] for preset in PRESETS]
            line = "".join(f"{likeness:11.4f} ({count:6})" for likeness, count in found)
            total = sum(count for _, count in found)
            print(f"  {who:20}{line}{total:16}", flush=True)


def run(command):
    """Standard output and the peak resident memory in KiB of a command that must succeed."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}")
    return output, usage.ru_maxrss if sys.platform == "linux" else usage.ru_maxrss // 1024


if __name__ == "__main__":
    main()
