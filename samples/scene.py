"""A meadow in Minas Gerais as a picture of any size: sky, hills, a barn, a fence, cows, grass. The same bytes each time."""
import random

import numpy
from PIL import Image, ImageDraw


def noise(height, width, cell, seed):
    """Smooth noise from -1 to 1 whose features are about `cell` pixels."""
    source = numpy.random.RandomState(seed).rand(height // cell + 2, width // cell + 2)
    image = Image.fromarray((source * 255).astype(numpy.uint8))
    image = image.resize(((width // cell + 2) * cell, (height // cell + 2) * cell), Image.Resampling.BICUBIC)
    return numpy.asarray(image, dtype=numpy.float32)[:height, :width] / 127.5 - 1


def sky(width, height):
    y = numpy.linspace(0, 1, height, dtype=numpy.float32)[:, None, None]
    top, low = numpy.array([64, 128, 206], numpy.float32), numpy.array([214, 232, 240], numpy.float32)
    picture = numpy.broadcast_to(top + (low - top) * numpy.minimum(1, y / 0.5) ** 0.8, (height, width, 3)).copy()
    clouds = sum(noise(height, width, max(2, width // n), n) / k for n, k in ((5, 1), (11, 2), (23, 4), (47, 8)))
    cover = numpy.clip(clouds - 0.25, 0, 1)[..., None] * 0.95
    return picture * (1 - cover) + 250 * cover


def cow(draw, x, y, size, body, patches, rng):
    """A cow that stands with its feet at (x, y), `size` pixels long, looking left."""
    def box(left, top, right, bottom, fill):
        draw.ellipse([x + left * size, y + top * size, x + right * size, y + bottom * size], fill=fill)

    dark = tuple(int(c * 0.75) for c in body)
    draw.ellipse([x - 0.05 * size, y - 0.04 * size, x + 1.1 * size, y + 0.06 * size], fill=(52, 84, 30))
    for leg in (0.18, 0.3, 0.74, 0.86):
        draw.rectangle([x + leg * size, y - 0.32 * size, x + (leg + 0.07) * size, y], fill=dark if leg in (0.3, 0.86) else body)
        draw.rectangle([x + leg * size, y - 0.04 * size, x + (leg + 0.07) * size, y], fill=(40, 34, 30))
    box(0.1, -0.66, 1.0, -0.2, body)
    draw.line([x + 0.97 * size, y - 0.55 * size, x + 1.03 * size, y - 0.2 * size], fill=dark, width=max(1, int(size * 0.03)))
    box(0.62, -0.3, 0.78, -0.16, (226, 168, 160))
    for _ in range(5):
        px, py, r = rng.uniform(0.25, 0.8), rng.uniform(-0.55, -0.36), rng.uniform(0.05, 0.1)
        box(px - r, py - r * 0.8, px + r, py + r * 0.8, patches)
    draw.polygon([(x + a * size, y + b * size) for a, b in ((0.22, -0.62), (0.06, -0.72), (0.04, -0.5), (0.2, -0.4))], fill=body)
    box(-0.12, -0.78, 0.12, -0.5, body)
    box(-0.18, -0.62, 0.0, -0.48, (214, 170, 150))
    draw.polygon([(x + a * size, y + b * size) for a, b in ((0.08, -0.76), (0.2, -0.8), (0.12, -0.68))], fill=dark)
    draw.line([x - 0.02 * size, y - 0.77 * size, x - 0.06 * size, y - 0.86 * size], fill=(236, 228, 206), width=max(1, int(size * 0.03)))
    box(-0.06, -0.7, -0.01, -0.65, (20, 18, 16))


def barn(draw, x, y, s):
    draw.polygon([(x, y), (x, y - 0.55 * s), (x + 0.35 * s, y - 0.85 * s), (x + 0.7 * s, y - 0.55 * s), (x + 0.7 * s, y)], fill=(160, 44, 36))
    draw.polygon([(x + 0.7 * s, y), (x + 0.7 * s, y - 0.55 * s), (x + 1.3 * s, y - 0.55 * s), (x + 1.3 * s, y)], fill=(128, 34, 30))
    draw.polygon([(x + 0.35 * s, y - 0.9 * s), (x + 0.95 * s, y - 0.9 * s), (x + 1.36 * s, y - 0.52 * s), (x + 0.74 * s, y - 0.52 * s)], fill=(92, 88, 92))
    draw.polygon([(x - 0.05 * s, y - 0.52 * s), (x + 0.35 * s, y - 0.9 * s), (x + 0.38 * s, y - 0.86 * s), (x + 0.02 * s, y - 0.5 * s)], fill=(236, 232, 224))
    draw.rectangle([x + 0.22 * s, y - 0.36 * s, x + 0.48 * s, y], fill=(240, 236, 226))
    draw.rectangle([x + 0.245 * s, y - 0.335 * s, x + 0.455 * s, y], fill=(120, 34, 28))
    for i in range(3):
        draw.rectangle([x + (0.8 + 0.17 * i) * s, y - 0.4 * s, x + (0.9 + 0.17 * i) * s, y - 0.26 * s], fill=(238, 226, 168))


def scene(width, height):
    """The meadow, `width` × `height` pixels, RGB."""
    scale = 2
    w, h = width * scale, height * scale
    pixels = sky(w, h)
    x = numpy.arange(w, dtype=numpy.float32) / w
    rows = numpy.arange(h, dtype=numpy.float32)[:, None] / h
    fine = noise(h, w, 2 * scale, 7) * 0.6 + noise(h, w, 7 * scale, 8) * 0.4
    for base, swing, tint, depth in (
        (0.43, (0.05, 5.0, 0.3), (118, 150, 146), 4), (0.49, (0.035, 7.0, 2.0), (92, 134, 84), 9), (0.56, (0.02, 4.0, 4.0), (104, 154, 62), 14),
    ):
        edge = base + swing[0] * numpy.sin(x * swing[1] + swing[2]) + 0.006 * noise(1, w, 24 * scale, depth)[0]
        mask = (rows > edge[None, :])[..., None]
        pixels = numpy.where(mask, numpy.array(tint, numpy.float32) + fine[..., None] * depth, pixels)
    # Grass: blades get longer and stripes wider towards the viewer.
    near = numpy.clip((rows - 0.56) / 0.44, 0, 1)[..., None]
    mown = numpy.sin((x[None, :] - 0.5) / (0.2 + near[..., 0]) * 40)[..., None]
    pixels = pixels + near * (mown * 7 + fine[..., None] * 22 + numpy.array([4, -8, -18], numpy.float32))

    image = Image.fromarray(numpy.clip(pixels, 0, 255).astype(numpy.uint8))
    draw = ImageDraw.Draw(image)
    rng = random.Random(2)
    draw.ellipse([w * 0.80, h * 0.07, w * 0.80 + w * 0.07, h * 0.07 + w * 0.07], fill=(255, 246, 206))
    for _ in range(70):
        tx, ty = rng.uniform(0, 1) * w, h * rng.uniform(0.50, 0.53)
        r = h * rng.uniform(0.008, 0.02)
        green = rng.randint(70, 105)
        draw.ellipse([tx - r, ty - 1.4 * r, tx + r, ty + r], fill=(green - 30, green, 44))
    barn(draw, w * 0.62, h * 0.58, h * 0.16)
    for i in range(26):
        fx = w * i / 25
        draw.line([fx, h * 0.585, fx, h * 0.635], fill=(112, 86, 60), width=max(1, w // 300))
    for fy in (0.595, 0.615):
        draw.line([0, h * fy, w, h * fy], fill=(132, 104, 74), width=max(1, h // 360))
    for _ in range(int(420 * min(1, width / 800))):
        fy = rng.uniform(0.66, 0.99)
        fx, r = rng.uniform(0, 1) * w, h * 0.002 + h * 0.004 * (fy - 0.6)
        draw.ellipse([fx - r, fy * h - r, fx + r, fy * h + r], fill=rng.choice([(250, 232, 96), (250, 250, 244), (226, 110, 150)]))
    for _ in range(int(3000 * min(1, width / 800))):
        fy = rng.uniform(0.63, 1.02)
        fx, length = rng.uniform(0, 1) * w, h * 0.03 * (fy - 0.55)
        shade = rng.randint(-26, 26)
        draw.line([fx, fy * h, fx + length * rng.uniform(-0.4, 0.4), fy * h - length], fill=(92 + shade, 138 + shade, 48 + shade // 2), width=scale)
    cow(draw, w * 0.44, h * 0.68, h * 0.10, (240, 236, 228), (46, 38, 34), rng)
    cow(draw, w * 0.84, h * 0.74, h * 0.15, (168, 98, 52), (196, 130, 78), rng)
    cow(draw, w * 0.14, h * 0.86, h * 0.26, (244, 240, 232), (40, 34, 32), rng)
    return image.resize((width, height), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    scene(1600, 1200).show()
