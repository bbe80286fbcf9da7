"""How near a rendition is to the ideal one: SSIM (Wang et al. 2004, Gaussian window of 11, luma) against a Lanczos
reduction in floating point of the full decode. Transparency is judged on white.

usage: quality.py FILE FOLDER…      prints JSON: by folder, by rendition (large.webp, …), its SSIM and its bytes
"""
import io, json, os, sys

import numpy
from PIL import Image, ImageOps

WINDOW = numpy.exp(-((numpy.arange(11) - 5.0) ** 2) / (2 * 1.5**2))
WINDOW /= WINDOW.sum()


def _blur(a):
    rows = a.shape[0] - 10
    a = sum(weight * a[k : k + rows] for k, weight in enumerate(WINDOW))
    columns = a.shape[1] - 10
    return sum(weight * a[:, k : k + columns] for k, weight in enumerate(WINDOW))


def ssim(a, b):
    """Of two luma planes of 0 to 255."""
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    mean_a, mean_b = _blur(a), _blur(b)
    variance_a = _blur(a * a) - mean_a**2
    variance_b = _blur(b * b) - mean_b**2
    covariance = _blur(a * b) - mean_a * mean_b
    scores = (2 * mean_a * mean_b + c1) * (2 * covariance + c2)
    scores /= (mean_a**2 + mean_b**2 + c1) * (variance_a + variance_b + c2)
    return float(scores.mean())


def _luma(rgb):
    return rgb @ numpy.array([0.299, 0.587, 0.114])


def _on_white(premultiplied_rgba):
    return premultiplied_rgba[..., :3] + 255 - premultiplied_rgba[..., 3:]


def _resized(pixels, box, size):
    channels = [Image.fromarray(numpy.ascontiguousarray(pixels[..., c])).resize(size, Image.LANCZOS, box=box)
                for c in range(pixels.shape[2])]
    return numpy.stack([numpy.asarray(channel) for channel in channels], -1)


def references(path):
    """Luma planes of the ideal renditions, by preset."""
    picture = ImageOps.exif_transpose(Image.open(path))
    width, height = picture.size
    pixels = numpy.asarray(picture, dtype=numpy.float32)
    if picture.mode == "RGBA":
        pixels = pixels.copy()
        pixels[..., :3] *= pixels[..., 3:] / 255
    result = {}
    for name, side in (("large", 1280), ("medium", 640), ("small", 320)):
        scale = min(1, side / width, side / height)
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        result[name] = _resized(pixels, (0, 0, width, height), size)
    short = min(width, height)
    left, top = (width - short) / 2, (height - short) / 2
    result["thumb"] = _resized(pixels, (left, top, left + short, top + short), (160, 160))
    for name, rendition in result.items():
        rgb = _on_white(rendition) if rendition.shape[2] == 4 else rendition
        result[name] = _luma(numpy.clip(rgb, 0, 255).astype(numpy.float64))
    return result


def score(reference, data):
    """SSIM of an encoded rendition; 0 where its size is another."""
    picture = Image.open(io.BytesIO(data))
    if picture.mode in ("RGBA", "LA", "P"):
        rgba = numpy.asarray(picture.convert("RGBA"), dtype=numpy.float64).copy()
        rgba[..., :3] *= rgba[..., 3:] / 255
        rgb = _on_white(rgba)
    else:
        rgb = numpy.asarray(picture.convert("RGB"), dtype=numpy.float64)
    luma = _luma(rgb)
    return ssim(luma, reference) if luma.shape == reference.shape else 0.0


def main():
    ideal = references(sys.argv[1])
    result = {}
    for folder in sys.argv[2:]:
        result[folder] = {}
        for name in sorted(os.listdir(folder)):
            with open(os.path.join(folder, name), "rb") as file:
                data = file.read()
            result[folder][name] = [score(ideal[name.split(".")[0]], data), len(data)]
    print(json.dumps(result))


if __name__ == "__main__":
    main()
