"""A video's poster, as a server makes it and as a process of its own, beside ffmpeg as a process in the same minutes.

usage: bench.py --agrovet PATH [--media DIR] [--rounds 5] [--core 0]
"""
import argparse, os, re, subprocess, sys, tempfile

# What the project holds itself to: the ratio of a job's CPU time to the process's is to be at most this.
GOAL = 0.5


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--agrovet", required=True)
    parser.add_argument("--media")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--core", type=int, default=0)
    options = parser.parse_args()
    video = os.path.join(options.media or "", "v.mp4")
    pin = ["taskset", "-c", str(options.core)] if sys.platform == "linux" else []
    with tempfile.TemporaryDirectory() as work:
        if not os.path.exists(video):
            video = os.path.join(work, "v.mp4")
            subprocess.run(["ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc2=s=1920x1080:r=30:d=10", "-c:v", "libx264",
                            "-pix_fmt", "yuv420p", video], check=True)
        commands = {
            "agrovet": [options.agrovet, "render", video, "--preset", "large", "--format", "jpeg", "--out", work, "--quiet"],
            "ffmpeg": ["ffmpeg", "-loglevel", "error", "-y", "-ss", "1", "-i", video, "-frames:v", "1", "-vf", "scale=1280:-2",
                       os.path.join(work, "poster.jpg")],
        }
        best = {}
        for _ in range(options.rounds):
            for who, command in commands.items():
                seconds, memory = run(pin + command)
                best[who] = min(best.get(who, (float("inf"), 0)), (seconds, memory))
        jobs = subprocess.run(pin + commands["agrovet"] + ["--repeats", "21"], check=True, capture_output=True, text=True).stdout
        job = float(re.search(r"cpu_ms_per_job=([\d.]+)", jobs)[1]) / 1000
        print(f"\nPoster of {os.path.basename(video)}, 1280 wide, as JPEG")
        print(f"  agrovet, one job of many in a process {job * 1000:6.0f} ms CPU")
        for who, (seconds, memory) in best.items():
            print(f"  {(who + ', a process'):37} {seconds * 1000:6.0f} ms CPU  {memory / 1024:5.0f} MB")
        ratio = job / best["ffmpeg"][0]
        print(f"  CPU {ratio:.2f} of ffmpeg, goal {GOAL}: {'met' if ratio <= GOAL else 'missed'}")


def run(command):
    """User and system seconds, and peak memory in KiB, of one process."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{command[0]} failed")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss


if __name__ == "__main__":
    main()
