"""The standard job's inputs: real ones from a folder, or photo-like ones that are made here.

usage: inputs.py FOLDER      makes those that are not there yet
"""
import os, sys

NAMES = ("p12.jpg", "p24.jpg", "a2.png")


def make(folder):
    os.makedirs(folder, exist_ok=True)
    for name in NAMES:
        path = os.path.join(folder, name)
        if not os.path.exists(path):
            print(f"Making {path}", flush=True)
            _make(name, path)


def _make(name, path):
    from PIL import Image
    if name == "a2.png":
        picture = _scene(1600, 1200, seed=3)
        picture.putalpha(Image.linear_gradient("L").resize(picture.size))
        picture.save(path)
    elif name == "p12.jpg":
        exif = Image.Exif()
        exif[0x0112] = 6
        _scene(4000, 3000, seed=1).save(path, quality=88, exif=exif)
    else:
        _scene(6000, 4000, seed=2).save(path, quality=88)


def _scene(width, height, seed):
    """Detail at every scale, falling with frequency as in photographs, some hard edges, and a sensor's grain."""
    import numpy
    from PIL import Image, ImageDraw
    random = numpy.random.default_rng(seed)
    pixels = numpy.full((height, width, 3), 128, dtype=numpy.float32)
    cells, strength = 4, 70.0
    while cells < width / 3:
        noise = random.normal(0, 1, (max(2, cells * height // width), cells, 3)).astype(numpy.float32)
        # Mostly gray, as the world is.
        noise = 0.7 * noise[..., :1] + 0.3 * noise
        for channel in range(3):
            layer = Image.fromarray(numpy.ascontiguousarray(noise[..., channel])).resize((width, height), Image.BICUBIC)
            pixels[..., channel] += strength * numpy.asarray(layer)
        cells, strength = cells * 2, strength * 0.62
    picture = Image.fromarray(numpy.clip(pixels, 0, 255).astype(numpy.uint8))
    draw = ImageDraw.Draw(picture)
    for _ in range(60):
        x, y, size = random.integers(0, width), random.integers(0, height), random.integers(width // 60, width // 10)
        color = tuple(int(value) for value in random.integers(20, 235, 3))
        (draw.ellipse if random.random() < 0.5 else draw.rectangle)((x, y, x + size, y + size // 2), fill=color)
    grain = random.normal(0, 4, (height, width, 1)).astype(numpy.float32)
    return Image.fromarray(numpy.clip(numpy.asarray(picture) + grain, 0, 255).astype(numpy.uint8))


if __name__ == "__main__":
    make(sys.argv[1])
