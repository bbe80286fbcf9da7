#!/usr/bin/env python3
"""Remakes every sample image in this folder (see README.md).

Needs Python 3.11 with Pillow 12 or later and numpy, and heif-enc (Debian: libheif-examples) with an HEVC encoder:

    python3 -m venv /tmp/samples-venv && /tmp/samples-venv/bin/pip install pillow numpy
    /tmp/samples-venv/bin/python samples/make.py
"""
import io
import random
from pathlib import Path

import numpy
from PIL import Image, ImageCms, ImageDraw

from containers import adam7, display_p3, heic, heic_grid, heic_turned, png
from scene import barn, cow, scene

FOLDER = Path(__file__).parent
TURNS = {2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
         5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_270}


def write(name, data):
    (FOLDER / name).write_bytes(data)


def jpeg(image, **options):
    out = io.BytesIO()
    image.save(out, "JPEG", **{"quality": 85, "optimize": True, **options})
    return out.getvalue()


def exif(orientation=1, place=False):
    tags = Image.Exif()
    tags[0x0112] = orientation
    if place:
        tags[0x010F], tags[0x0110] = "Agrovet", "Sample"
        tags.get_ifd(0x8825).update({1: "S", 2: (19.0, 55.0, 12.0), 3: "W", 4: (43.0, 56.0, 16.0)})
    return tags.tobytes()


def orientations(view):
    """Stored turned or mirrored, with the tag that brings them upright."""
    for orientation in range(1, 9):
        stored = view.transpose(TURNS[orientation]) if orientation in TURNS else view
        write(f"orientation-{orientation}.jpg", jpeg(stored, exif=exif(orientation), quality=80))


def ycck(image):
    """A JPEG of ink as Adobe stores it: C, M and Y as luma and chroma, all inverted. Pillow writes four channels as they
    are, inverted, so the conversion is done here and the marker set afterwards."""
    cyan, magenta, yellow, black = image.convert("CMYK").split()
    luma, blue, red = Image.merge("RGB", (cyan, magenta, yellow)).convert("YCbCr").split()
    channels = [channel.point(lambda v: 255 - v) for channel in (luma, blue, red)] + [black]
    data = bytearray(jpeg(Image.merge("CMYK", channels), subsampling=0))
    marker = data.index(b"Adobe")
    data[marker + 11] = 2
    return bytes(data)


def cow_cutout(width, height):
    """A cow on nothing, its edges soft."""
    image = Image.new("RGBA", (width * 4, height * 4), (0, 0, 0, 0))
    cow(ImageDraw.Draw(image), width * 0.72, height * 3.7, height * 3.6 * 0.85, (244, 240, 232, 255), (40, 34, 32, 255), random.Random(5))
    return image.resize((width, height), Image.Resampling.LANCZOS)


def flat_barn(width, height):
    image = Image.new("P", (width, height), 0)
    colors = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    draw = ImageDraw.Draw(colors)
    draw.rectangle([0, int(height * 0.86), width, height], fill=(104, 154, 62, 255))
    barn(draw, width * 0.12, height * 0.9, height * 0.9 * 0.95)
    pixels = numpy.asarray(colors).reshape(-1, 4)
    found, indices = numpy.unique(pixels, axis=0, return_inverse=True)
    image.putdata(indices.reshape(-1).tolist())
    image.putpalette([int(v) for color in found for v in color[:3]])
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True, transparency=bytes(int(color[3]) for color in found))
    return out.getvalue()


def walk(frames, width, height):
    meadow = scene(width, height)
    for i in range(frames):
        frame = meadow.copy()
        cow(ImageDraw.Draw(frame), width * (0.7 - 0.5 * i / frames), height * 0.95, height * 0.3, (250, 250, 250), (30, 30, 30), random.Random(1))
        yield frame


def broken(photo):
    small = jpeg(photo.resize((400, 300), Image.Resampling.LANCZOS))
    write("truncated.jpg", small[:len(small) * 3 // 5])
    out = io.BytesIO()
    photo.resize((200, 150), Image.Resampling.LANCZOS).save(out, "PNG")
    damaged = bytearray(out.getvalue())
    damaged[len(damaged) // 2:len(damaged) // 2 + 64] = bytes(range(64))
    write("corrupt.png", damaged)
    write("not-an-image.jpg", b"Dear farmer,\nthis is a letter, whatever its name says.\n")
    write("empty.jpg", b"")
    # 2.5 thousand million pixels of one colour, all there: 300 KB that would be gigabytes in memory.
    write("bomb.png", png(50_000, 50_000, 1, 0, (bytes(6_250) for _ in range(50_000))))


def gigantic():
    """16,320 × 12,240 pixels, as the largest phone sensors give, of a few flat colours: in one piece, and in tiles as phones store it."""
    width, height, side = 16_320, 12_240, 1_024
    pattern = Image.new("RGB", (side, side), (120, 176, 224))
    draw = ImageDraw.Draw(pattern)
    draw.rectangle([0, side * 0.6, side, side], fill=(104, 154, 62))
    barn(draw, side * 0.15, side * 0.75, side * 0.5)
    pixels = numpy.asarray(pattern)
    sky, grass = (bytes(color) * width for color in ((120, 176, 224), (104, 154, 62)))
    whole = png(width, height, 8, 2, (sky if y < height * 0.6 else grass for y in range(height)), level=1)
    write("200-megapixels.heic", heic(whole, 20, "-p", "preset=ultrafast"))
    tiled = numpy.tile(pixels, (-(-height // side), -(-width // side), 1))[:height, :width]
    write("200-megapixels-tiled.heic", heic_grid(Image.fromarray(tiled), 512, 30, quarter_turns=3))


def main():
    photo = scene(1600, 1200)
    view, small = photo.resize((800, 600), Image.Resampling.LANCZOS), photo.resize((400, 300), Image.Resampling.LANCZOS)
    write("photo.jpg", jpeg(photo, exif=exif()))
    orientations(small)
    write("progressive.jpg", jpeg(small, progressive=True))
    write("gray.jpg", jpeg(small.convert("L")))
    write("cmyk.jpg", jpeg(small.convert("CMYK")))
    write("ycck.jpg", ycck(small))
    write("422.jpg", jpeg(small, subsampling="4:2:2"))
    write("444.jpg", jpeg(small, subsampling="4:4:4"))
    write("gps.jpg", jpeg(small, exif=exif(place=True)))

    profile = display_p3()
    to_p3 = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), ImageCms.ImageCmsProfile(io.BytesIO(profile)), "RGB", "RGB")
    write("display-p3.jpg", jpeg(ImageCms.applyTransform(small, to_p3), icc_profile=profile))

    cutout = cow_cutout(320, 240)
    out = io.BytesIO()
    cutout.save(out, "PNG", optimize=True)
    write("alpha.png", out.getvalue())
    write("palette.png", flat_barn(320, 240))
    tiny = photo.resize((200, 150), Image.Resampling.LANCZOS)
    pixels = numpy.asarray(tiny)
    # A little below the 8-bit level in every sample, so that a decoder which cuts instead of rounding shows it.
    deep = numpy.maximum(pixels.astype(numpy.int32) * 257 - 100, 0).astype(">u2")
    write("16bit.png", png(200, 150, 16, 2, (row.tobytes() for row in deep)))
    write("interlaced.png", png(200, 150, 8, 2, adam7(pixels), interlaced=True))

    view.save(FOLDER / "photo.webp", quality=80, method=6)
    cutout.save(FOLDER / "alpha.webp", quality=80, method=6)
    tiny.save(FOLDER / "lossless.webp", lossless=True, method=6)
    frames = list(walk(6, 200, 150))
    frames[0].save(FOLDER / "animated.webp", save_all=True, append_images=frames[1:], duration=200, loop=0, quality=60, method=6)
    flat = [frame.quantize(64, dither=Image.Dither.NONE) for frame in frames]
    flat[0].save(FOLDER / "animated.gif", save_all=True, append_images=flat[1:], duration=200, loop=0)

    # As a phone held upright stores it: lying on its side, in tiles, in Display P3, with the place in its EXIF.
    lying = ImageCms.applyTransform(view, to_p3).transpose(Image.Transpose.ROTATE_90)
    write("photo.heic", heic_grid(lying, 256, 60, quarter_turns=3, profile=profile, exif=exif(place=True)))
    write("turned.heic", heic_turned(tiny.transpose(Image.Transpose.ROTATE_90), 60, 3))
    view.save(FOLDER / "photo.avif", quality=60, speed=4, max_threads=1)
    gigantic()
    broken(photo)


if __name__ == "__main__":
    main()
