#!/usr/bin/env python3
"""Remakes every sample video in this folder (see README.md). Needs Python 3.11 and Debian's ffmpeg.

    python3 samples/make_videos.py
"""
import math
import struct
import subprocess
import tempfile
from pathlib import Path

FOLDER = Path(__file__).parent
MEADOW = FOLDER / "photo.jpg"
TONE = ["-f", "lavfi", "-i", "sine=frequency=330:sample_rate=48000"]
H264 = ["-c:v", "libx264", "-preset", "slow", "-crf", "30", "-pix_fmt", "yuv420p"]
H265 = ["-c:v", "libx265", "-preset", "medium", "-tag:v", "hvc1"]


def ffmpeg(*arguments):
    subprocess.run(["ffmpeg", "-hide_banner", "-loglevel", "error", "-y", "-threads", "1", *map(str, arguments)], check=True)


def meadow(name, *arguments, seconds=2, rate=12, filters="scale=400:300", sound=()):
    """A video of the meadow standing still. `filters` bring it to its size and colours."""
    ffmpeg("-loop", "1", "-framerate", rate, "-i", MEADOW, *sound, "-t", seconds, "-vf", filters, "-fflags", "+bitexact", "-flags:v", "+bitexact",
           *arguments, FOLDER / name)


def colours(matrix, width=400, height=300, full=False):
    return f"scale={width}:{height}:out_color_matrix={matrix}:out_range={'full' if full else 'limited'}"


def turned(name, source, matrix):
    """A copy of a video whose tracks have another display matrix (ISO/IEC 14496-12 section 8.3.2)."""
    data = bytearray((FOLDER / source).read_bytes())
    at = data.find(b"tkhd") + 4
    # Behind version and flags, times, track, duration, reserved, layer, group, volume.
    start = at + (4 + 32 + 16 if data[at] == 1 else 4 + 20 + 16)
    data[start:start + 36] = struct.pack(">9i", *matrix)
    (FOLDER / name).write_bytes(data)


def perceptual_quantiser(light):
    """SMPTE ST 2084 of red, green and blue, where 1 is 203 cd/m²."""
    powers = [(max(value, 0) * 203 / 10_000) ** 0.1593017578125 for value in light]
    return [((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375 for power in powers]


def hybrid_log_gamma(light):
    """ITU-R BT.2100's OETF behind the inverse OOTF of a display of 1,000 cd/m², where 1 is 203 cd/m²."""
    luminance = max(0.2627 * light[0] + 0.678 * light[1] + 0.0593 * light[2], 1e-6) * 0.203
    scene = [max(value, 0) * 0.203 * luminance ** (1 / 1.2 - 1) for value in light]
    return [math.sqrt(3 * value) if value <= 1 / 12 else 0.17883277 * math.log(12 * value - 0.28466892) + 0.55991073 for value in scene]


def high_dynamic_range(name, transfer, encode):
    """The meadow in BT.2020 colours and ten bits, a still frame for a second."""
    width, height = 400, 300
    raw = subprocess.run(["ffmpeg", "-loglevel", "error", "-i", MEADOW, "-vf", f"scale={width}:{height}", "-f", "rawvideo", "-pix_fmt", "rgb24",
                          "-"], check=True, capture_output=True).stdout
    linear = [(value / 255 / 12.92) if value <= 10 else ((value / 255 + 0.055) / 1.055) ** 2.4 for value in range(256)]
    samples = []
    for at in range(0, len(raw), 3):
        r, g, b = (linear[value] for value in raw[at:at + 3])
        wide = [0.6274 * r + 0.3293 * g + 0.0433 * b, 0.0691 * r + 0.9195 * g + 0.0114 * b, 0.0164 * r + 0.0880 * g + 0.8956 * b]
        samples += [round(min(max(value, 0), 1) * 65535) for value in encode(wide)]
    with tempfile.NamedTemporaryFile(suffix=".rgb") as file:
        file.write(struct.pack(f"<{len(samples)}H", *samples))
        file.flush()
        params = f"log-level=none:pools=1:frame-threads=1:colorprim=bt2020:transfer={transfer}:colormatrix=bt2020nc:range=limited"
        ffmpeg("-f", "rawvideo", "-pix_fmt", "rgb48le", "-s", f"{width}x{height}", "-framerate", "1", "-i", file.name,
               "-vf", "loop=11:1:0,setpts=N/12/TB,fps=12,scale=out_color_matrix=bt2020:out_range=limited,format=yuv420p10le", *H265, "-crf", "26",
               "-x265-params", params, "-fflags", "+bitexact", FOLDER / name)


def main():
    tagged = ["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv"]
    meadow("video.mp4", *H264, *tagged, "-c:a", "aac", "-b:a", "24k", "-ac", "1", "-shortest", "-movflags", "+faststart", seconds=3,
           filters=colours("bt709"), sound=TONE)
    meadow("video-index-at-end.mov", *H264, "-g", "6", filters=colours("bt601"))
    one = 1 << 16
    # Stored lying on its side, as a phone held upright does; and a selfie that was mirrored besides.
    meadow("video-lying.mov", *H264, filters=colours("bt601") + ",transpose=cclock")
    turned("video-rotated.mov", "video-lying.mov", [0, one, 0, -one, 0, 0, 400 * one, 0, 1 << 30])
    (FOLDER / "video-lying.mov").unlink()
    meadow("video-lying.mov", *H264, filters=colours("bt601") + ",hflip")
    turned("video-mirrored.mov", "video-lying.mov", [-one, 0, 0, 0, one, 0, 400 * one, 0, 1 << 30])
    (FOLDER / "video-lying.mov").unlink()
    # A Live Photo's clip: a dozen frames, HEVC.
    meadow("video-hevc.mov", *H265, "-crf", "30", "-pix_fmt", "yuv420p", "-x265-params", "log-level=none:pools=1:frame-threads=1", seconds=1,
           filters=colours("bt601"))
    meadow("video.webm", "-c:v", "libvpx-vp9", "-crf", "38", "-b:v", "0", "-c:a", "libopus", "-b:a", "16k", "-shortest", filters=colours("bt601"),
           sound=TONE)
    meadow("video-av1.webm", "-c:v", "libaom-av1", "-crf", "40", "-b:v", "0", "-cpu-used", "6", seconds=1, filters=colours("bt601"))
    # Odd sides, full range, and a matrix that cannot be (RGB's, for YCbCr).
    meadow("video-odd.mp4", "-c:v", "libx264", "-crf", "30", "-pix_fmt", "yuv444p", "-bsf:v", "h264_metadata=matrix_coefficients=2:video_full_range_flag=1",
           seconds=1, filters=colours("bt601", 401, 301, full=True))
    meadow("video.3gp", "-c:v", "h263", "-q:v", "6", filters=colours("bt601", 352, 288) + ",setsar=12/11")
    meadow("video.ts", "-c:v", "mpeg2video", "-q:v", "8", "-r", "25", "-g", "12", "-c:a", "mp2", "-b:a", "32k", "-ac", "1", "-shortest",
           seconds=1, rate=25, filters=colours("bt601", 200, 150), sound=TONE)
    meadow("video.avi", "-c:v", "mpeg4", "-q:v", "8", "-g", "12", filters=colours("bt601"))
    meadow("video.mkv", "-c:v", "libvpx", "-b:v", "200k", seconds=1, filters=colours("bt601"))
    # Black for most of its one group of pictures.
    meadow("video-black-intro.mp4", *H264, "-sc_threshold", "0", "-g", "250", seconds=2, filters=colours("bt601") + ",fade=in:st=1:d=0.2")
    high_dynamic_range("video-pq.mp4", "smpte2084", perceptual_quantiser)
    high_dynamic_range("video-hlg.mov", "arib-std-b67", hybrid_log_gamma)
    # Cover art and a second, smaller track beside the video.
    with tempfile.TemporaryDirectory() as folder:
        cover, small = f"{folder}/cover.jpg", f"{folder}/small.mp4"
        ffmpeg("-f", "lavfi", "-i", "color=red:s=600x600", "-frames:v", "1", cover)
        ffmpeg("-f", "lavfi", "-i", "color=blue:s=160x120:r=12:d=1", *H264, small)
        ffmpeg("-i", small, "-i", FOLDER / "video-index-at-end.mov", "-i", cover, "-map", "0:v", "-map", "1:v", "-map", "2:v", "-c", "copy",
               "-disposition:v:0", "0", "-disposition:v:1", "default", "-disposition:v:2", "attached_pic", "-fflags", "+bitexact",
               FOLDER / "video-cover.mp4")
    whole = (FOLDER / "video.mp4").read_bytes()
    (FOLDER / "video-truncated.mp4").write_bytes(whole[:len(whole) * 2 // 3])
    at_end = (FOLDER / "video-index-at-end.mov").read_bytes()
    (FOLDER / "video-no-index.mov").write_bytes(at_end[:at_end.find(b"moov") - 4])


if __name__ == "__main__":
    main()
