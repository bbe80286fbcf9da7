"""The standard image job as libvips and Pillow do it: fit 1280, 640 and 320 and a 160×160 cut, each as WebP (quality 80,
method 4) and JPEG (quality 80), on one thread.

usage: peers.py NAME FILE --out DIR [--repeats N]      NAME is one of vips-each, vips-cascade, pillow
The last line printed is cpu_ms_per_job=…
"""
import argparse, io, os, resource

os.environ["VIPS_CONCURRENCY"] = "1"
FITS = {"large": 1280, "medium": 640, "small": 320}


class Vips:
    """What vipsthumbnail does, and the services that are built on libvips."""

    def __init__(self, cascade):
        import pyvips
        self.pyvips = pyvips
        self.cascade = cascade

    def thumbnails(self, path):
        image = self.pyvips.Image
        if self.cascade:
            large = image.thumbnail(path, 1280, height=1280, size="down").copy_memory()
            for name, side in FITS.items():
                yield name, large.thumbnail_image(side, height=side, size="down").copy_memory()
            yield "thumb", large.thumbnail_image(160, height=160, crop="centre").copy_memory()
        else:
            for name, side in FITS.items():
                yield name, image.thumbnail(path, side, height=side, size="down").copy_memory()
            yield "thumb", image.thumbnail(path, 160, height=160, crop="centre").copy_memory()

    def job(self, path):
        for name, image in self.thumbnails(path):
            opaque = image.flatten(background=[255, 255, 255]) if image.hasalpha() else image
            yield f"{name}.webp", image.webpsave_buffer(Q=80, effort=4, keep="none")
            yield f"{name}.jpg", opaque.jpegsave_buffer(Q=80, keep="none")


class Pillow:
    """Draft mode for JPEG, then each size by LANCZOS with a reducing gap."""

    def job(self, path):
        from PIL import Image, ImageOps
        picture = Image.open(path)
        picture.draft("RGB", (1280, 1280))
        picture = ImageOps.exif_transpose(picture)
        sizes = {}
        for name, side in FITS.items():
            sizes[name] = picture.copy()
            sizes[name].thumbnail((side, side), Image.LANCZOS, reducing_gap=2.0)
        sizes["thumb"] = ImageOps.fit(picture, (160, 160), Image.LANCZOS)
        for name, image in sizes.items():
            opaque = image
            if image.mode == "RGBA":
                opaque = Image.new("RGB", image.size, "white")
                opaque.paste(image, mask=image.getchannel("A"))
            for suffix, kind, source, options in (
                ("webp", "WEBP", image, {"method": 4}), ("jpg", "JPEG", opaque, {}),
            ):
                buffer = io.BytesIO()
                source.save(buffer, kind, quality=80, **options)
                yield f"{name}.{suffix}", buffer.getvalue()


PEERS = {"vips-each": lambda: Vips(False), "vips-cascade": lambda: Vips(True), "pillow": Pillow}


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("name", choices=PEERS)
    parser.add_argument("file")
    parser.add_argument("--out", required=True)
    parser.add_argument("--repeats", type=int, default=1)
    options = parser.parse_args()
    peer = PEERS[options.name]()
    os.makedirs(options.out, exist_ok=True)
    for name, data in peer.job(options.file):
        with open(os.path.join(options.out, name), "wb") as file:
            file.write(data)
    if options.repeats > 1:
        start = cpu_seconds()
        for _ in range(options.repeats - 1):
            for _ in peer.job(options.file):
                pass
        print(f"cpu_ms_per_job={(cpu_seconds() - start) * 1000 / (options.repeats - 1):.2f}")


if __name__ == "__main__":
    main()
