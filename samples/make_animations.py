#!/usr/bin/env python3
"""Remakes the animations whose every pixel is known, and beside each its frames as a viewer sees them, in a row (see README.md).

Needs Python 3.11 with Pillow 12 or later and numpy:

    /tmp/samples-venv/bin/python samples/make_animations.py
"""
import io
import struct
from pathlib import Path

import numpy
from PIL import Image

FOLDER = Path(__file__).parent
SKY, GRASS, RED, STRAW, BLACK, WHITE = (120, 176, 224), (104, 154, 62), (196, 58, 44), (232, 190, 70), (20, 20, 24), (250, 248, 240)
NOTHING = (0, 0, 0, 0)


def opaque(color):
    return (*color, 255)


def canvas(width, height):
    return numpy.zeros((height, width, 4), numpy.uint8)


def strip(name, frames):
    """The frames side by side, as a viewer sees them."""
    out = io.BytesIO()
    Image.fromarray(numpy.concatenate(frames, axis=1), "RGBA").save(out, "PNG", optimize=True)
    (FOLDER / name).write_bytes(out.getvalue())


class GIF:
    """A GIF89a written block by block, and what it looks like: after each frame, before that frame goes."""
    PALETTE = [SKY, GRASS, RED, STRAW, BLACK, WHITE, (1, 2, 3), (3, 2, 1)]
    TRANSPARENT = 6

    def __init__(self, width, height, repeats=None):
        self.screen = canvas(width, height)
        self.shown = []
        self.bytes = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x82, 0, 0) + bytes(v for color in self.PALETTE for v in color)
        if repeats is not None:
            self.bytes += b"\x21\xFF\x0BNETSCAPE2.0\x03\x01" + struct.pack("<H", repeats) + b"\0"

    def frame(self, left, top, indices, disposal=0, delay=0, palette=None, interlaced=False):
        height, width = indices.shape
        has_hole = bool((indices == self.TRANSPARENT).any())
        self.bytes += struct.pack("<BBBBHBB", 0x21, 0xF9, 4, disposal << 2 | has_hole, delay, self.TRANSPARENT if has_hole else 0, 0)
        flags = (0x82 if palette else 0) | (0x40 if interlaced else 0)
        self.bytes += struct.pack("<BHHHHB", 0x2C, left, top, width, height, flags)
        if palette:
            self.bytes += bytes(v for color in palette for v in color)
        order = [y for first, step in ((0, 8), (4, 8), (2, 4), (1, 2)) for y in range(first, height, step)] if interlaced else range(height)
        data = self.packed([int(v) for y in order for v in indices[y]])
        self.bytes += b"\x03" + b"".join(bytes([len(data[i:i + 255])]) + data[i:i + 255] for i in range(0, len(data), 255)) + b"\0"
        self.show(left, top, indices, disposal, palette or self.PALETTE)

    @staticmethod
    def packed(indices):
        """LZW that never grows its table: a clear code (8) before every sixth index keeps all codes at four bits."""
        codes = []
        for number, index in enumerate(indices):
            if number % 6 == 0:
                codes.append(8)
            codes.append(index)
        codes.append(9)
        codes += [0] * (len(codes) % 2)
        return bytes(low | high << 4 for low, high in zip(codes[::2], codes[1::2]))

    def show(self, left, top, indices, disposal, palette):
        before = self.screen.copy()
        part = self.screen[top:top + indices.shape[0], left:left + indices.shape[1]]
        seen = indices[:part.shape[0], :part.shape[1]]
        colors = numpy.array([opaque(color) for color in palette], numpy.uint8)
        drawn = seen != self.TRANSPARENT
        part[drawn] = colors[seen[drawn]]
        self.shown.append(self.screen.copy())
        if disposal == 2:
            part[:] = 0
        elif disposal in (3, 4):
            self.screen = before

    def write(self, name):
        (FOLDER / f"{name}.gif").write_bytes(self.bytes + b"\x3B")
        strip(f"{name}-gif-frames.png", self.shown)


def area(width, height, index):
    return numpy.full((height, width), index, numpy.uint8)


def disposal():
    """Every way in which a frame goes, holes, odd offsets, a local palette, interlacing, a frame that reaches beyond the screen, a frame
    that changes nothing, and delays that browsers take for mistakes."""
    gif = GIF(61, 47, repeats=2)
    field = area(61, 47, 0)
    field[25:] = 1
    gif.frame(0, 0, field, disposal=1, delay=20)
    gif.frame(5, 7, area(11, 9, 2), disposal=2, delay=0)
    ring = area(13, 13, 3)
    ring[4:9, 4:9] = GIF.TRANSPARENT
    gif.frame(20, 11, ring, disposal=3, delay=5)
    stripes = area(61, 17, 2)
    stripes[::3] = 4
    stripes[:, ::7] = 5
    gif.frame(0, 29, stripes, delay=1, palette=[RED, BLACK, (90, 40, 120), STRAW, WHITE, (40, 90, 120), (0, 0, 1), GRASS], interlaced=True)
    gif.frame(50, 40, area(20, 20, 5), disposal=1, delay=30)
    gif.frame(3, 3, area(9, 9, GIF.TRANSPARENT), disposal=1, delay=8)
    gif.frame(33, 1, area(9, 21, 4), disposal=4, delay=12)
    gif.frame(34, 2, area(7, 7, 2), disposal=5, delay=655)
    gif.write("disposal")


def sprite():
    """A square that walks over nothing, once: each frame is cleared before the next."""
    gif = GIF(40, 24)
    for step in range(5):
        square = area(9, 9, 2)
        square[3:6, 3:6] = 3
        gif.frame(1 + 7 * step, 3 + 2 * step, square, disposal=2, delay=10)
    gif.write("sprite")


def chunk(name, payload):
    return name + struct.pack("<I", len(payload)) + payload + b"\0" * (len(payload) % 2)


def triple(value):
    return struct.pack("<I", value)[:3]


class WebP:
    """An animated WebP put together chunk by chunk (RFC 9649 section 2.7.1), frames lossless, and what it looks like."""

    def __init__(self, width, height, plays):
        self.size = (width, height)
        self.screen = canvas(width, height)
        self.shown = []
        # A background colour that no browser shows.
        self.chunks = chunk(b"ANIM", bytes([0, 0, 255, 255]) + struct.pack("<H", plays))

    def frame(self, left, top, pixels, duration, blends=True, clears=False):
        out = io.BytesIO()
        Image.fromarray(pixels, "RGBA").save(out, "WEBP", lossless=True, exact=True, method=6)
        riff = out.getvalue()
        bitstream = riff[riff.index(b"VP8L"):]
        height, width = pixels.shape[:2]
        head = triple(left // 2) + triple(top // 2) + triple(width - 1) + triple(height - 1) + triple(duration)
        self.chunks += chunk(b"ANMF", head + bytes([(0 if blends else 2) | (1 if clears else 0)]) + bitstream)
        part = self.screen[top:top + height, left:left + width]
        if blends:
            above, below = pixels.astype(float), part.astype(float)
            a, b = above[..., 3:] / 255, below[..., 3:] / 255
            alpha = a + b * (1 - a)
            mixed = (above[..., :3] * a + below[..., :3] * b * (1 - a)) / numpy.maximum(alpha, 1e-9)
            part[:] = numpy.concatenate([mixed, alpha * 255], axis=2).round().astype(numpy.uint8)
        else:
            part[:] = pixels
        self.shown.append(self.screen.copy())
        if clears:
            part[:] = 0

    def write(self, name):
        width, height = self.size
        head = chunk(b"VP8X", bytes([0x12, 0, 0, 0]) + triple(width - 1) + triple(height - 1))
        (FOLDER / f"{name}.webp").write_bytes(b"RIFF" + struct.pack("<I", 4 + len(head + self.chunks)) + b"WEBP" + head + self.chunks)
        strip(f"{name}-webp-frames.png", self.shown)


def composition():
    """Frames that are laid over what is there and frames that replace it, frames that stay and frames that go, and durations that browsers
    take for mistakes."""
    webp = WebP(51, 39, plays=3)
    field = canvas(51, 39)
    field[:20], field[20:] = opaque(SKY), opaque(GRASS)
    webp.frame(0, 0, field, 120)
    glass = canvas(21, 13)
    glass[:] = (*RED, 128)
    webp.frame(6, 4, glass, 5, clears=True)
    hole = canvas(15, 15)
    hole[:] = opaque(STRAW)
    hole[5:10, 5:10] = NOTHING
    webp.frame(30, 10, hole, 70, blends=False)
    webp.frame(12, 22, glass, 0)
    webp.write("composition")


if __name__ == "__main__":
    disposal()
    sprite()
    composition()
