"""Files that Pillow cannot write, made by hand: PNGs of any kind, an ICC profile, a HEIC in tiles as phones store it."""
import hashlib
import io
import struct
import subprocess
import tempfile
import zlib
from pathlib import Path

import numpy
from PIL import Image


def png(width, height, depth, color_type, rows, interlaced=False, chunks=(), level=9):
    """A PNG; `rows` is an iterable of packed rows (of all passes, if interlaced), each without its filter byte."""
    packer = zlib.compressobj(level)
    data = b"".join(packer.compress(b"\0" + bytes(row)) for row in rows) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, int(interlaced))
    parts = [(b"IHDR", header), *chunks, (b"IDAT", data), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in parts)


def adam7(pixels):
    """The rows of the seven passes of an array of height × width × channels bytes."""
    for x, y, dx, dy in ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)):
        for row in pixels[y::dy, x::dx]:
            if row.size:
                yield row.tobytes()


def display_p3():
    """An ICC 4.3 profile of Display P3: its primaries brought to D50, the curve of sRGB."""
    def fixed(*values):
        return b"".join(struct.pack(">i", round(v * 65536)) for v in values)

    def text(value):
        body = value.encode("utf-16-be")
        return b"mluc\0\0\0\0" + struct.pack(">II", 1, 12) + b"enUS" + struct.pack(">II", len(body), 28) + body

    curve = b"para\0\0\0\0" + struct.pack(">HH", 3, 0) + fixed(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
    tags = [
        (b"desc", text("Display P3")), (b"cprt", text("CC0")), (b"wtpt", b"XYZ \0\0\0\0" + fixed(0.9642, 1, 0.8249)),
        (b"rXYZ", b"XYZ \0\0\0\0" + fixed(0.51512, 0.24120, -0.00105)), (b"gXYZ", b"XYZ \0\0\0\0" + fixed(0.29198, 0.69225, 0.04189)),
        (b"bXYZ", b"XYZ \0\0\0\0" + fixed(0.15710, 0.06657, 0.78407)), (b"rTRC", curve), (b"gTRC", curve), (b"bTRC", curve),
    ]
    table, body = struct.pack(">I", len(tags)), b""
    for name, data in tags:
        table += name + struct.pack(">II", 128 + 4 + 12 * len(tags) + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    header = bytearray(128)
    struct.pack_into(">I4sI4s4s4s", header, 0, 128 + len(table) + len(body), b"\0\0\0\0", 0x04300000, b"mntr", b"RGB ", b"XYZ ")
    struct.pack_into(">6H4s", header, 24, 2025, 1, 1, 0, 0, 0, b"acsp")
    header[68:80] = fixed(0.9642, 1, 0.8249)
    return bytes(header) + table + body


def box(kind, *parts):
    body = b"".join(parts)
    return struct.pack(">I", 8 + len(body)) + kind + body


def children(data):
    """The boxes in `data`, as (kind, body)."""
    offset = 0
    while offset + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, offset)
        yield kind, data[offset + 8:offset + size]
        offset += size


def heic(source, quality, *options):
    """A PNG's bytes as a HEIC in one piece."""
    with tempfile.TemporaryDirectory() as folder:
        picture, target = Path(folder, "picture.png"), Path(folder, "picture.heic")
        picture.write_bytes(source)
        command = ["heif-enc", "-q", str(quality), *options, "-o", target, picture]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return target.read_bytes()


def coded_tile(image, quality):
    """One image coded by heif-enc: its decoder configuration (the hvcC box's body) and its bytes."""
    out = io.BytesIO()
    image.save(out, "PNG")
    data = heic(out.getvalue(), quality)
    meta = next(body for kind, body in children(data) if kind == b"meta")[4:]
    properties = next(body for kind, body in children(meta) if kind == b"iprp")
    container = next(body for kind, body in children(properties) if kind == b"ipco")
    configuration = next(body for kind, body in children(container) if kind == b"hvcC")
    return configuration, next(body for kind, body in children(data) if kind == b"mdat")


def heic_turned(image, quality, quarter_turns):
    """A HEIC in one piece that is turned counter-clockwise by `quarter_turns` for display, and says so before it says its size: against
    the standard, but there are cameras that write it."""
    configuration, data = coded_tile(image, quality)
    properties = [
        box(b"irot", bytes([quarter_turns])), box(b"ispe", struct.pack(">III", 0, image.width, image.height)), box(b"hvcC", configuration),
    ]

    def meta(start):
        return box(
            b"meta", bytes(4), box(b"hdlr", bytes(8), b"pict", bytes(13)), box(b"pitm", struct.pack(">IH", 0, 1)),
            box(b"iinf", struct.pack(">IH", 0, 1), box(b"infe", struct.pack(">IHH4s", 2 << 24, 1, 0, b"hvc1"), b"\0")),
            box(b"iprp", box(b"ipco", *properties), box(b"ipma", struct.pack(">IIHB", 0, 1, 1, 3), bytes([0x81, 2, 0x83]))),
            box(b"iloc", struct.pack(">IBBH", 0, 0x44, 0, 1), struct.pack(">HHHII", 1, 0, 1, start, len(data))))

    kind = box(b"ftyp", b"heic", bytes(4), b"mif1", b"heic")
    return kind + meta(len(kind) + len(meta(0)) + 8) + box(b"mdat", data)


def heic_grid(image, tile, quality, quarter_turns=0, profile=None, exif=None):
    """A HEIC whose picture is a grid of tiles of `tile` × `tile` pixels, turned counter-clockwise by `quarter_turns`
    for display. Tiles that look the same are stored once."""
    columns, rows = -(-image.width // tile), -(-image.height // tile)
    pixels = numpy.asarray(image)
    pixels = numpy.pad(pixels, ((0, rows * tile - image.height), (0, columns * tile - image.width), (0, 0)), mode="edge")
    known = {}

    def coded(block):
        key = hashlib.sha256(block.tobytes()).digest()
        if key not in known:
            known[key] = coded_tile(Image.fromarray(block), quality)
        return known[key]

    tiles = [coded(pixels[y * tile:(y + 1) * tile, x * tile:(x + 1) * tile]) for y in range(rows) for x in range(columns)]
    if len({configuration for configuration, _ in tiles}) != 1:
        raise ValueError("the tiles need one decoder configuration")
    grid, metadata = len(tiles) + 1, len(tiles) + 2
    layout = struct.pack(">BBBBHH", 0, 0, rows - 1, columns - 1, image.width, image.height)
    properties = [
        box(b"hvcC", tiles[0][0]), box(b"ispe", struct.pack(">III", 0, tile, tile)),
        box(b"ispe", struct.pack(">III", 0, image.width, image.height)), box(b"irot", bytes([quarter_turns])),
        box(b"colr", b"prof" + profile if profile else b"nclx" + struct.pack(">HHHB", 1, 13, 6, 0x80)),
    ]
    names = [(i + 1, b"hvc1", 1) for i in range(len(tiles))] + [(grid, b"grid", 0)] + ([(metadata, b"Exif", 1)] if exif else [])
    infos = [box(b"infe", struct.pack(">BBBBHH4s", 2, 0, 0, hidden, number, 0, kind), b"\0") for number, kind, hidden in names]
    owned = [(i + 1, (0x81, 2, 5)) for i in range(len(tiles))] + [(grid, (3, 0x84, 5))]
    references = [box(b"dimg", struct.pack(">HH", grid, len(tiles)), b"".join(struct.pack(">H", i + 1) for i in range(len(tiles))))]
    if exif:
        references.append(box(b"cdsc", struct.pack(">HHH", metadata, 1, grid)))
    payloads = [(i + 1, data) for i, (_, data) in enumerate(tiles)]
    if exif:
        payloads.append((metadata, struct.pack(">I", 0) + exif))
    offsets, stored = {}, b""
    for _, data in payloads:
        if data not in offsets:
            offsets[data] = len(stored)
            stored += data

    def meta(start):
        places = [struct.pack(">HHHHII", grid, 1, 0, 1, 0, len(layout))]
        places += [struct.pack(">HHHHII", number, 0, 0, 1, start + offsets[data], len(data)) for number, data in payloads]
        return box(
            b"meta", bytes(4), box(b"hdlr", bytes(8), b"pict", bytes(13)), box(b"pitm", struct.pack(">IH", 0, grid)),
            box(b"iinf", struct.pack(">IH", 0, len(infos)), *infos), box(b"iref", bytes(4), *references),
            box(b"iprp", box(b"ipco", *properties), box(b"ipma", struct.pack(">II", 0, len(owned)), *(
                struct.pack(">HB", number, len(items)) + bytes(items) for number, items in owned))),
            box(b"idat", layout), box(b"iloc", struct.pack(">IBBH", 1 << 24, 0x44, 0, len(places)), *places))

    kind = box(b"ftyp", b"heic", bytes(4), b"mif1", b"heic")
    start = len(kind) + len(meta(0)) + 8
    return kind + meta(start) + box(b"mdat", stored)
