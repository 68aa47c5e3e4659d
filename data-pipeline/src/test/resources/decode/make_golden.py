#!/usr/bin/env python3
"""Makes the images of DecoderAgreementTest, and beside each the pixels that Pillow reads from it.

How to run, on Debian 12 (the build does not need it; the files are committed):

    apt-get install python3-pil libjpeg-turbo-progs libtiff-tools webp
    /usr/bin/python3 make_golden.py

The committed files were made with Pillow 9.4.0, libjpeg-turbo 2.1.5, libtiff 4.5.0 and libwebp 1.2.4.

NAME.EXT is the image, NAME.EXT.png the golden pixels, forms.csv lists all with the tolerance of the test (levels of 0 to
255, the largest difference of any pixel and channel) and the reason for it.

Golden pixels are those of torchvision's loader, ImageOps.exif_transpose(Image.open(f)).convert("RGB"), but for what
Pillow itself gets wrong:
  - 16 bits of gray, which convert("RGB") clips at 255: the high byte, as Pillow takes of 16 bits of colour;
  - the orientation of a TIFF, which this Pillow applies when it loads the pixels and exif_transpose once more: once.
"""
import csv
import io
import math
import os
import struct
import subprocess
import tempfile
import zlib

from PIL import Image, ImageFile, ImageOps

HERE = os.path.dirname(os.path.abspath(__file__))
WIDTH, HEIGHT = 25, 18
FORMS = []

EXACT = (0, "lossless")
JPEG = (1, "the same libjpeg-turbo family, another SIMD version of the inverse DCT or upsampling")
CMYK = (1, "the product of ink and black is rounded differently")


def picture(width=WIDTH, height=HEIGHT):
    """Smooth colours with an edge and a red corner, so that mirroring and turning show."""
    image = Image.new("RGB", (width, height))
    for y in range(height):
        for x in range(width):
            r = 128 + 100 * math.sin(x / 6.0 + 1)
            g = 128 + 100 * math.cos(y / 5.0)
            b = 255 * (x + y) / max(1, width + height - 2)
            if x > 2 * width // 3 and y < height // 2:
                r, g, b = 255 - r, g / 2, 40
            if x < width // 4 and y < height // 4:
                r, g, b = 250, 20, 10
            image.putpixel((x, y), (int(r), int(g), int(b)))
    return image


def golden(data, orient=True):
    image = Image.open(io.BytesIO(data))
    if image.format == "TIFF" or not orient:
        return image.convert("RGB")
    return ImageOps.exif_transpose(image).convert("RGB")


def form(name, data, tolerance=EXACT, pixels=None):
    """Writes an image, its golden pixels and its line of the list."""
    if pixels is None:
        pixels = golden(data)
    with open(os.path.join(HERE, name), "wb") as file:
        file.write(data)
    pixels.save(os.path.join(HERE, name + ".png"), optimize=True)
    FORMS.append((name, tolerance[0], tolerance[1]))


def saved(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def tool(command, data, suffix_in, suffix_out):
    """Runs a program from a file to a file; {in} and {out} stand for them."""
    with tempfile.TemporaryDirectory() as folder:
        source = os.path.join(folder, "in" + suffix_in)
        target = os.path.join(folder, "out" + suffix_out)
        with open(source, "wb") as file:
            file.write(data)
        subprocess.run([part.replace("{in}", source).replace("{out}", target) for part in command], check=True,
                       stderr=subprocess.DEVNULL)
        with open(target, "rb") as file:
            return file.read()


def exif(orientation, order=">", extra=b""):
    """A TIFF block that holds an orientation between two other tags."""
    mark = b"MM" if order == ">" else b"II"
    entries = struct.pack(order + "HHIHH", 0x010E, 2, 2, 0x4100 if order == ">" else 0x41, 0)
    entries += struct.pack(order + "HHIHH", 0x0112, 3, 1, orientation, 0)
    entries += struct.pack(order + "HHII", 0x011A, 5, 1, 50)
    return mark + struct.pack(order + "HIH", 42, 8, 3) + entries + struct.pack(order + "III", 0, 72, 1) + extra


def segment(marker, content):
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def cjpeg(*options, image=None):
    ppm = saved(image or picture(), "PPM")
    return tool(["cjpeg", "-quality", "90", *options, "-outfile", "{out}", "{in}"], ppm, ".ppm", ".jpg")


def jpegs():
    image = picture()
    for name, sampling in (("444", 0), ("422", 1), ("420", 2)):
        form(f"jpeg-{name}.jpg", saved(image, "JPEG", quality=90, subsampling=sampling), JPEG)
        form(f"jpeg-{name}-progressive.jpg",
             saved(image, "JPEG", quality=90, subsampling=sampling, progressive=True), JPEG)
    form("jpeg-440.jpg", cjpeg("-sample", "1x2"), (2, "chroma rows are interpolated in another precision"))
    form("jpeg-411.jpg", cjpeg("-sample", "4x1"), JPEG)
    form("jpeg-optimised.jpg", saved(image, "JPEG", quality=85, optimize=True), JPEG)
    form("jpeg-coarse.jpg", saved(image, "JPEG", quality=10), JPEG)
    form("jpeg-gray.jpg", saved(image.convert("L"), "JPEG", quality=90), JPEG)
    form("jpeg-gray-progressive.jpg", saved(image.convert("L"), "JPEG", quality=90, progressive=True), JPEG)
    form("jpeg-rgb-adobe.jpg", cjpeg("-rgb"), JPEG)
    form("jpeg-restart.jpg", cjpeg("-restart", "1"), JPEG)
    form("jpeg-arithmetic.jpg", cjpeg("-arithmetic"), JPEG)
    form("jpeg-1x1.jpg", saved(image.crop((12, 9, 13, 10)), "JPEG"), JPEG)
    form("jpeg-1x20.jpg", saved(image.resize((1, 20)), "JPEG"), JPEG)
    form("jpeg-33x7.jpg", saved(picture(33, 7), "JPEG", quality=80), JPEG)
    cmyk = Image.merge("CMYK", [*ImageOps.invert(image).split(), image.convert("L").point(lambda v: (255 - v) // 2)])
    adobe = saved(cmyk, "JPEG", quality=95)
    form("jpeg-cmyk.jpg", adobe, CMYK)
    form("jpeg-cmyk-progressive.jpg", saved(cmyk, "JPEG", quality=95, progressive=True), CMYK)
    ycc = ImageOps.invert(Image.merge("RGB", cmyk.split()[:3])).convert("YCbCr")
    ycck = Image.merge("CMYK", [*(ImageOps.invert(part) for part in ycc.split()), cmyk.split()[3]])
    data = saved(ycck, "JPEG", quality=95)
    at = data.index(b"Adobe") + 11
    assert data[at] == 0
    form("jpeg-ycck.jpg", data[:at] + b"\x02" + data[at + 1:], (2, "colours are converted twice, in other roundings"))

    plain = saved(image, "JPEG", quality=90)
    assert plain[2:4] == b"\xff\xe0"
    rest = 4 + struct.unpack(">H", plain[4:6])[0]
    for orientation in range(1, 9):
        for order, mark in ((">", "be"), ("<", "le")):
            block = segment(0xE1, b"Exif\0\0" + exif(orientation, order))
            form(f"jpeg-exif-{orientation}-{mark}.jpg", plain[:2] + block + plain[rest:], JPEG)
    block = segment(0xE1, b"Exif\0\0" + exif(6))
    profile = segment(0xE2, b"ICC_PROFILE\0\x01\x01" + bytes(range(256)) * 2)
    xmp = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta/>")
    form("jpeg-exif-after-jfif.jpg", plain[:rest] + block + plain[rest:], JPEG)
    form("jpeg-exif-after-profile.jpg", plain[:rest] + profile + block + plain[rest:], JPEG)
    form("jpeg-exif-after-xmp.jpg", plain[:2] + xmp + block + plain[rest:], JPEG)
    thumbnail = saved(image.resize((8, 6)), "JPEG", quality=30)
    block = segment(0xE1, b"Exif\0\0" + exif(6, extra=thumbnail))
    form("jpeg-exif-thumbnail.jpg", plain[:2] + block + plain[rest:], JPEG)
    form("jpeg-exif-cut.jpg", plain[:2] + segment(0xE1, b"Exif\0\0" + exif(6)[:20]) + plain[rest:], JPEG,
         golden(plain))
    form("jpeg-fill-bytes.jpg", plain[:rest] + b"\xff\xff\xff" + plain[rest:], JPEG)
    form("jpeg-trailing.jpg", plain + b"\0\1\2 trailing \xff\xd8\xff\xe0" * 9, JPEG)
    form("jpeg-no-end.jpg", plain[:-2], JPEG, golden(plain))
    form("jpeg-no-end-progressive.jpg", saved(image, "JPEG", quality=90, progressive=True)[:-2], JPEG,
         golden(saved(image, "JPEG", quality=90, progressive=True)))
    form("jpeg-extraneous-end.jpg", plain[:-2] + b"\0\1\2\3\4" + plain[-2:], JPEG)
    form("jpeg-extraneous-tables.jpg", plain[:rest] + b"\0\1\2" + plain[rest:], JPEG)
    progressive = saved(image, "JPEG", quality=90, progressive=True)
    form("jpeg-extraneous-scans.jpg", progressive.replace(b"\xff\xda", b"\1\2\3\xff\xda"), JPEG)


def chunk(kind, content, checksum=None):
    crc = zlib.crc32(kind + content) if checksum is None else checksum
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", crc)


SIGNATURE = b"\x89PNG\r\n\x1a\n"
ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def png(samples, width, height, depth, color, interlace=False, chunks=(), pieces=1, end=True):
    """A PNG; samples(x, y) gives the channels of a pixel. Rows take the filters in turns."""
    data = b""
    for x0, y0, dx, dy in ADAM7 if interlace else ((0, 0, 1, 1),):
        columns = range(x0, width, dx)
        if not columns:
            continue
        channels = len(samples(0, 0))
        distance = max(1, channels * depth // 8)
        previous = bytes((len(columns) * channels * depth + 7) // 8)
        for index, y in enumerate(range(y0, height, dy)):
            bits = "".join(format(value, f"0{depth}b") for x in columns for value in samples(x, y))
            bits += "0" * (-len(bits) % 8)
            row = int(bits, 2).to_bytes(len(bits) // 8, "big")
            kind = index % 5
            data += bytes([kind]) + filtered(kind, row, previous, distance)
            previous = row
    packed = zlib.compress(data, 9)
    size = -(-len(packed) // pieces)
    parts = b"".join(chunk(b"IDAT", packed[i:i + size]) for i in range(0, len(packed), size))
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, int(interlace)))
    return SIGNATURE + header + b"".join(chunks) + parts + (chunk(b"IEND", b"") if end else b"")


def filtered(kind, row, previous, distance):
    out = bytearray()
    for i, value in enumerate(row):
        left = row[i - distance] if i >= distance else 0
        up = previous[i]
        corner = previous[i - distance] if i >= distance else 0
        estimate = left + up - corner
        paeth = min((abs(estimate - left), 0, left), (abs(estimate - up), 1, up), (abs(estimate - corner), 2, corner))
        out.append(value - (0, left, up, (left + up) // 2, paeth[2])[kind] & 0xFF)
    return bytes(out)


def pngs():
    image = picture()
    gray = image.convert("L")
    palette = image.quantize(16)
    colors = bytes(palette.getpalette()[:48])
    plte = chunk(b"PLTE", colors)
    size = (WIDTH, HEIGHT)
    clear = lambda x, y: (x * 10 + y * 3) % 256
    deep = lambda x, y: (image.getpixel((x, y))[1] * 256 + (x * 37 + y * 11) % 256)

    for interlace in (False, True):
        tail = "-interlaced.png" if interlace else ".png"
        for depth in (1, 2, 4, 8):
            form(f"png-gray-{depth}{tail}",
                 png(lambda x, y: (gray.getpixel((x, y)) >> 8 - depth,), *size, depth, 0, interlace))
            form(f"png-palette-{depth}{tail}",
                 png(lambda x, y: (palette.getpixel((x, y)) % 2 ** min(depth, 4),), *size, depth, 3, interlace,
                     [chunk(b"PLTE", colors[:3 * 2 ** min(depth, 4)])]))
        high = Image.new("RGB", size)
        high.putdata([(deep(x, y) >> 8,) * 3 for y in range(HEIGHT) for x in range(WIDTH)])
        form(f"png-gray-16{tail}", png(lambda x, y: (deep(x, y),), *size, 16, 0, interlace), pixels=high)
        form(f"png-gray-alpha-8{tail}",
             png(lambda x, y: (gray.getpixel((x, y)), clear(x, y)), *size, 8, 4, interlace))
        form(f"png-gray-alpha-16{tail}",
             png(lambda x, y: (deep(x, y), 256 * clear(x, y)), *size, 16, 4, interlace))
        form(f"png-rgb-8{tail}", png(lambda x, y: image.getpixel((x, y)), *size, 8, 2, interlace))
        form(f"png-rgb-16{tail}",
             png(lambda x, y: tuple(256 * v + (x * 19 + y) % 256 for v in image.getpixel((x, y))), *size, 16, 2,
                 interlace))
        form(f"png-rgba-8{tail}",
             png(lambda x, y: (*image.getpixel((x, y)), clear(x, y)), *size, 8, 6, interlace))
        form(f"png-rgba-16{tail}",
             png(lambda x, y: tuple(257 * v for v in (*image.getpixel((x, y)), clear(x, y))), *size, 16, 6,
                 interlace))
    form("png-palette-transparent.png",
         png(lambda x, y: (palette.getpixel((x, y)),), *size, 8, 3,
             chunks=[plte, chunk(b"tRNS", bytes([0, 40, 255, 128]))]))
    form("png-palette-4-transparent.png",
         png(lambda x, y: (palette.getpixel((x, y)),), *size, 4, 3, chunks=[plte, chunk(b"tRNS", bytes([7] * 9))]))
    form("png-gray-transparent.png",
         png(lambda x, y: (gray.getpixel((x, y)),), *size, 8, 0, chunks=[chunk(b"tRNS", struct.pack(">H", 128))]))
    form("png-rgb-transparent.png",
         png(lambda x, y: image.getpixel((x, y)), *size, 8, 2, chunks=[chunk(b"tRNS", struct.pack(">HHH", 250, 20, 10))]))
    rgb = lambda chunks=(), **more: png(lambda x, y: image.getpixel((x, y)), *size, 8, 2, chunks=chunks, **more)
    form("png-gamma.png", rgb([chunk(b"gAMA", struct.pack(">I", 100000))]))
    form("png-srgb.png", rgb([chunk(b"sRGB", b"\0"), chunk(b"gAMA", struct.pack(">I", 45455))]))
    form("png-gray-gamma.png", png(lambda x, y: (gray.getpixel((x, y)),), *size, 8, 0,
                                   chunks=[chunk(b"gAMA", struct.pack(">I", 100000))]))
    form("png-profile.png", rgb([chunk(b"iCCP", b"none\0\0" + zlib.compress(bytes(200)))]))
    form("png-background.png", png(lambda x, y: (*image.getpixel((x, y)), clear(x, y)), *size, 8, 6,
                                   chunks=[chunk(b"bKGD", struct.pack(">HHH", 0, 255, 0))]))
    for orientation in (3, 6):
        form(f"png-exif-{orientation}.png", rgb([chunk(b"eXIf", exif(orientation))]))
    form("png-exif-8-palette.png", png(lambda x, y: (palette.getpixel((x, y)),), *size, 8, 3,
                                       chunks=[plte, chunk(b"eXIf", exif(8, "<"))]))
    form("png-pieces.png", rgb(pieces=7))
    form("png-trailing.png", rgb() + b"trailing")
    form("png-no-end.png", rgb(end=False), pixels=golden(rgb()))
    form("png-no-end-rgba.png",
         png(lambda x, y: (*image.getpixel((x, y)), clear(x, y)), *size, 8, 6, end=False), pixels=golden(rgb()))
    form("png-bad-note.png", rgb([chunk(b"tEXt", b"Comment\0hello", 12345)]), pixels=golden(rgb()))
    form("png-bad-note-palette.png",
         png(lambda x, y: (palette.getpixel((x, y)),), *size, 8, 3,
             chunks=[plte, chunk(b"tEXt", b"Comment\0hello", 12345)]),
         pixels=palette.convert("RGB"))
    form("png-1x1.png", png(lambda x, y: (9, 200, 77), 1, 1, 8, 2))


def tiff(samples, bits, photometric, order="<", orientation=None):
    """An uncompressed TIFF of one strip, for what neither Pillow nor tiffcp writes."""
    channels = len(samples(0, 0))
    form_of = order + str(channels) + ("H" if bits == 16 else "B")
    data = b"".join(struct.pack(form_of, *samples(x, y)) for y in range(HEIGHT) for x in range(WIDTH))
    tags = [(256, 3, 1, WIDTH), (257, 3, 1, HEIGHT), (259, 3, 1, 1), (262, 3, 1, photometric), (277, 3, 1, channels),
            (278, 3, 1, HEIGHT), (279, 4, 1, len(data))]
    if orientation:
        tags.append((274, 3, 1, orientation))
    count = len(tags) + 2
    after = 8 + 2 + 12 * count + 4
    tags.append((258, 3, channels, bits if channels == 1 else after))
    tags.append((273, 4, 1, after + 2 * channels))
    directory = struct.pack(order + "H", count)
    for tag, kind, number, value in sorted(tags):
        packed = struct.pack(order + "HH", value, 0) if kind == 3 and number == 1 else struct.pack(order + "I", value)
        directory += struct.pack(order + "HHI", tag, kind, number) + packed
    mark = b"II" if order == "<" else b"MM"
    return (mark + struct.pack(order + "HI", 42, 8) + directory + struct.pack(order + "I", 0)
            + struct.pack(order + "H", bits) * channels + data)


def tiffcp(data, *options):
    return tool(["tiffcp", *options, "{in}", "{out}"], data, ".tif", ".tif")


def tiffs():
    image = picture()
    gray, bilevel, palette = image.convert("L"), image.convert("1"), image.quantize(64)
    rgba = image.copy()
    rgba.putalpha(gray)
    cmyk = Image.merge("CMYK", [*ImageOps.invert(image).split(), gray.point(lambda v: (255 - v) // 2)])
    raw = saved(image, "TIFF")
    form("tiff-rgb.tif", raw)
    for name, compression in (("lzw", "tiff_lzw"), ("deflate", "tiff_adobe_deflate"), ("packbits", "packbits")):
        form(f"tiff-rgb-{name}.tif", saved(image, "TIFF", compression=compression))
    form("tiff-rgb-strips.tif", tiffcp(raw, "-r", "4", "-c", "lzw"))
    form("tiff-rgb-predictor.tif", tiffcp(raw, "-c", "lzw:2"))
    form("tiff-rgb-tiles.tif", tiffcp(raw, "-t", "-w", "16", "-l", "16", "-c", "zip"))
    form("tiff-rgb-planar.tif", tiffcp(raw, "-p", "separate", "-c", "none"))
    form("tiff-rgb-planar-lzw.tif", tiffcp(raw, "-p", "separate", "-c", "lzw"))
    form("tiff-rgb-big-endian.tif", tiffcp(raw, "-B", "-c", "lzw"))
    form("tiff-rgb-jpeg.tif", tiffcp(raw, "-c", "jpeg:r:90", "-r", "16"), JPEG)
    form("tiff-ycbcr-jpeg.tif", tiffcp(raw, "-c", "jpeg:90", "-r", "16"),
         (5, "chroma of 4:2:0 upsampled by repeating instead of interpolating"))
    form("tiff-rgba.tif", saved(rgba, "TIFF", compression="tiff_lzw"))
    form("tiff-gray.tif", saved(gray, "TIFF"))
    form("tiff-gray-white-is-zero.tif", tiff(lambda x, y: (gray.getpixel((x, y)),), 8, 0))
    form("tiff-bilevel.tif", saved(bilevel, "TIFF"))
    form("tiff-bilevel-group3.tif", saved(bilevel, "TIFF", compression="group3"))
    form("tiff-bilevel-group4.tif", saved(bilevel, "TIFF", compression="group4"))
    form("tiff-bilevel-white-is-zero.tif", tiffcp(saved(bilevel, "TIFF", compression="group4"), "-c", "none"))
    form("tiff-palette.tif", saved(palette, "TIFF"))
    form("tiff-palette-lzw.tif", saved(palette, "TIFF", compression="tiff_lzw"))
    form("tiff-cmyk.tif", saved(cmyk, "TIFF"), CMYK)
    form("tiff-cmyk-lzw.tif", saved(cmyk, "TIFF", compression="tiff_lzw"), CMYK)
    for order, mark in (("<", "le"), (">", "be")):
        deep = lambda x, y: gray.getpixel((x, y)) * 256 + (x * 37 + y * 11) % 256
        form(f"tiff-gray-16-{mark}.tif", tiff(lambda x, y: (deep(x, y),), 16, 1, order), pixels=gray.convert("RGB"))
        form(f"tiff-rgb-16-{mark}.tif",
             tiff(lambda x, y: tuple(256 * v + (x * 19 + y) % 256 for v in image.getpixel((x, y))), 16, 2, order))
    for orientation in range(1, 9):
        form(f"tiff-orientation-{orientation}.tif", saved(image, "TIFF", tiffinfo={274: orientation}))
    form("tiff-orientation-6-gray-lzw.tif", saved(gray, "TIFF", tiffinfo={274: 6}, compression="tiff_lzw"))
    pages = io.BytesIO()
    image.save(pages, "TIFF", save_all=True, append_images=[gray.rotate(90)])
    form("tiff-pages.tif", pages.getvalue())


def bmp(width, height, bits, rows, palette=b"", compression=0, masks=b"", top_down=False):
    offset = 14 + 40 + len(masks) + len(palette)
    header = struct.pack("<IiiHHIIiiII", 40, width, -height if top_down else height, 1, bits, compression, len(rows),
                         2835, 2835, len(palette) // 4, 0)
    return b"BM" + struct.pack("<IHHI", offset + len(rows), 0, 0, offset) + header + masks + palette + rows


def bmps():
    image = picture()
    size = (WIDTH, HEIGHT)
    bottom_up = range(HEIGHT - 1, -1, -1)
    padded = lambda row: row + bytes(-len(row) % 4)

    def packed(indices, bits):
        rows = b""
        for y in bottom_up:
            text = "".join(format(indices.getpixel((x, y)), f"0{bits}b") for x in range(WIDTH))
            text += "0" * (-len(text) % 8)
            rows += padded(int(text, 2).to_bytes(len(text) // 8, "big"))
        return rows

    for bits in (1, 4, 8):
        indices = image.quantize(2 ** bits if bits < 8 else 200)
        colors = indices.getpalette()[:3 * 2 ** bits]
        colors += [0] * (3 * 2 ** bits - len(colors))
        table = b"".join(bytes([colors[i + 2], colors[i + 1], colors[i], 0]) for i in range(0, len(colors), 3))
        form(f"bmp-{bits}.bmp", bmp(*size, bits, packed(indices, bits), table))
        if bits == 8:
            rle = b""
            for y in bottom_up:
                row = [indices.getpixel((x, y)) for x in range(WIDTH)]
                rle += bytes([3, row[0]]) if row[0] == row[1] == row[2] else bytes([0, 3, *row[:3], 0])
                rle += b"".join(bytes([1, value]) for value in row[3:]) + (b"\0\0" if y else b"\0\1")
            form("bmp-8-rle.bmp", bmp(*size, 8, rle, table, 1))
            triples = b"".join(bytes([colors[i + 2], colors[i + 1], colors[i]]) for i in range(0, len(colors), 3))
            rows = packed(indices, 8)
            offset = 14 + 12 + len(triples)
            form("bmp-8-os2.bmp", b"BM" + struct.pack("<IHHI", offset + len(rows), 0, 0, offset)
                 + struct.pack("<IHHHH", 12, *size, 1, 8) + triples + rows)
    row = lambda y, extra=b"": padded(b"".join(bytes(image.getpixel((x, y))[::-1]) + extra for x in range(WIDTH)))
    form("bmp-24.bmp", bmp(*size, 24, b"".join(row(y) for y in bottom_up)))
    form("bmp-24-top-down.bmp", bmp(*size, 24, b"".join(row(y) for y in range(HEIGHT)), top_down=True))
    form("bmp-32.bmp", bmp(*size, 32, b"".join(row(y, b"\x80") for y in bottom_up)))
    masks = struct.pack("<III", 0xFF0000, 0xFF00, 0xFF)
    form("bmp-32-masks.bmp", bmp(*size, 32, b"".join(row(y, b"\0") for y in bottom_up), compression=3, masks=masks))

    def short(y, red, green):
        values = []
        for x in range(WIDTH):
            r, g, b = image.getpixel((x, y))
            values.append(r >> 3 << red | g >> 8 - green << 5 | b >> 3)
        return padded(struct.pack(f"<{WIDTH}H", *values))

    form("bmp-16-555.bmp", bmp(*size, 16, b"".join(short(y, 10, 5) for y in bottom_up)),
         (7, "five bits are spread over 0 to 255 by Pillow, shifted by others"))
    masks = struct.pack("<III", 0xF800, 0x7E0, 0x1F)
    form("bmp-16-565.bmp", bmp(*size, 16, b"".join(short(y, 11, 6) for y in bottom_up), compression=3, masks=masks),
         (7, "five bits are spread over 0 to 255 by Pillow, shifted by others"))
    rgba = image.copy()
    rgba.putalpha(image.convert("L"))
    form("bmp-alpha.bmp", saved(rgba, "BMP"))


def gif_frame(indices, left=0, top=0, interlace=False, colors=None):
    """An image descriptor and its pixels; a clear code before the table could grow makes LZW trivial."""
    width, height = indices.size
    flags = (0x40 if interlace else 0) | (0x80 | 5 if colors else 0)
    out = b"," + struct.pack("<HHHHB", left, top, width, height, flags) + (colors or b"")
    rows = range(height)
    if interlace:
        rows = [*range(0, height, 8), *range(4, height, 8), *range(2, height, 4), *range(1, height, 2)]
    codes = []
    for count, value in enumerate(indices.getpixel((x, y)) for y in rows for x in range(width)):
        if count % 60 == 0:
            codes.append(64)
        codes.append(value)
    codes.append(65)
    bits = "".join(format(code, "07b") for code in reversed(codes))
    bits = "0" * (-len(bits) % 8) + bits
    data = int(bits, 2).to_bytes(len(bits) // 8, "little")
    blocks = b"".join(bytes([len(data[i:i + 255])]) + data[i:i + 255] for i in range(0, len(data), 255))
    return out + b"\x06" + blocks + b"\0"


def gifs():
    image = picture()
    indices = image.quantize(64)
    colors = bytes(indices.getpalette()[:192])
    other = bytes(255 - value for value in colors)
    screen = lambda version, table=colors, width=WIDTH, height=HEIGHT, background=0: (
        version + struct.pack("<HHBBB", width, height, 0xF5 if table else 0x70, background, 0) + (table or b""))
    control = lambda clear, disposal=0: b"!\xf9\x04" + struct.pack("<BHB", disposal << 2 | int(clear is not None), 5,
                                                                  clear or 0) + b"\0"
    form("gif-87.gif", screen(b"GIF87a") + gif_frame(indices) + b";")
    form("gif-89-comment.gif", screen(b"GIF89a") + b"!\xfe\x05hello\0" + gif_frame(indices) + b";")
    form("gif-interlaced.gif", screen(b"GIF89a") + gif_frame(indices, interlace=True) + b";")
    form("gif-transparent.gif", screen(b"GIF89a") + control(indices.getpixel((1, 1))) + gif_frame(indices) + b";")
    form("gif-local-colors.gif", screen(b"GIF89a", other) + gif_frame(indices, colors=colors) + b";")
    form("gif-local-colors-only.gif", screen(b"GIF89a", None) + gif_frame(indices, colors=colors) + b";")
    part = indices.crop((3, 2, 17, 12))
    form("gif-animated.gif", screen(b"GIF89a") + control(None) + gif_frame(indices) + control(None)
         + gif_frame(part, 5, 5) + b";")
    form("gif-frame-within-screen.gif", screen(b"GIF89a", background=3) + gif_frame(part, 4, 3) + b";")
    form("gif-frame-within-screen-transparent.gif",
         screen(b"GIF89a", background=3) + control(7) + gif_frame(part, 4, 3) + b";")
    form("gif-no-end.gif", screen(b"GIF89a") + gif_frame(indices))
    form("gif-lzw.gif", saved(image, "GIF"))


def webps():
    image = picture()
    rgba = image.copy()
    rgba.putalpha(image.convert("L"))
    lossy = (0, "the same libwebp family")
    form("webp-lossy.webp", saved(image, "WEBP", quality=80), lossy)
    form("webp-lossy-coarse.webp", saved(image, "WEBP", quality=5), lossy)
    form("webp-lossy-odd.webp", saved(picture(17, 13), "WEBP", quality=90), lossy)
    form("webp-lossy-alpha.webp", saved(rgba, "WEBP", quality=80), lossy)
    form("webp-lossless.webp", saved(image, "WEBP", lossless=True))
    form("webp-lossless-palette.webp", saved(image.quantize(16).convert("RGB"), "WEBP", lossless=True))
    form("webp-lossless-alpha.webp", saved(rgba, "WEBP", lossless=True, exact=True))
    form("webp-1x1.webp", saved(image.crop((12, 9, 13, 10)), "WEBP", lossless=True))
    for orientation in (1, 3, 6, 8):
        form(f"webp-exif-{orientation}.webp",
             saved(image, "WEBP", lossless=True, exif=b"Exif\0\0" + exif(orientation)))
    form("webp-exif-plain.webp", saved(image, "WEBP", lossless=True, exif=exif(6, "<")))
    form("webp-profile.webp", saved(image, "WEBP", quality=80, icc_profile=bytes(200)), lossy)
    form("webp-animated.webp", saved(image, "WEBP", save_all=True, append_images=[image.rotate(180)], lossless=True))
    form("webp-animated-lossy.webp",
         saved(image, "WEBP", save_all=True, append_images=[image.rotate(180)], quality=80), lossy)
    form("webp-animated-alpha.webp",
         saved(rgba, "WEBP", save_all=True, append_images=[rgba.rotate(180)], lossless=True, exact=True))
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, name) for name in ("part.webp", "all.webp", "out.webp")]
        image.crop((3, 2, 17, 12)).save(paths[0], lossless=True)
        image.save(paths[1], lossless=True)
        subprocess.run(["webpmux", "-frame", paths[0], "+100+4+2+0+b", "-frame", paths[1], "+100", "-bgcolor",
                        "255,10,200,30", "-o", paths[2]], check=True, stderr=subprocess.DEVNULL)
        with open(paths[2], "rb") as file:
            form("webp-animated-part.webp", file.read())


def pnms():
    image = picture()
    gray, bilevel = image.convert("L"), image.convert("1")
    size = b"%d %d\n" % (WIDTH, HEIGHT)
    pixels = [image.getpixel((x, y)) for y in range(HEIGHT) for x in range(WIDTH)]
    text = lambda values: b"\n".join(b" ".join(b"%d" % v for v in values[i:i + 12]) for i in range(0, len(values), 12))
    bits = [0 if bilevel.getpixel((x, y)) else 1 for y in range(HEIGHT) for x in range(WIDTH)]
    channels = [v for pixel in pixels for v in pixel]
    form("pnm-bits.pbm", saved(bilevel, "PPM"))
    form("pnm-bits-text.pbm", b"P1\n# a comment\n" + size + text(bits) + b"\n")
    form("pnm-bits-text-dense.pbm", b"P1\n" + size + b"".join(b"%d" % v for v in bits) + b"\n")
    form("pnm-gray.pgm", saved(gray, "PPM"))
    form("pnm-gray-text.pgm", b"P2\n" + size + b"255\n" + text(list(gray.getdata())) + b"\n")
    form("pnm-gray-15.pgm", b"P5 " + size + b"15\n" + bytes(v >> 4 for v in gray.getdata()))
    form("pnm-gray-100.pgm", b"P5 " + size + b"100\n" + bytes(v * 100 // 255 for v in gray.getdata()),
         (1, "rounded otherwise"))
    deep = [v * 256 + i % 256 for i, v in enumerate(gray.getdata())]
    form("pnm-gray-16.pgm", b"P5 " + size + b"65535\n" + struct.pack(f">{len(deep)}H", *deep), (1, "rounded"),
         pixels=gray.convert("RGB"))
    form("pnm-rgb.ppm", saved(image, "PPM"))
    form("pnm-rgb-comment.ppm", b"P6\n# one\n%d # two\n%d\n# three\n255\n" % (WIDTH, HEIGHT) + bytes(channels))
    form("pnm-rgb-text.ppm", b"P3\n" + size + b"255\n" + text(channels) + b"\n")
    form("pnm-rgb-text-31.ppm", b"P3\n" + size + b"31\n" + text([v >> 3 for v in channels]) + b"\n",
         (1, "rounded otherwise"))
    form("pnm-rgb-1000.ppm", b"P6\n" + size + b"1000\n" + struct.pack(f">{len(channels)}H",
                                                                     *(v * 1000 // 255 for v in channels)),
         (1, "rounded otherwise"))
    form("pnm-rgb-16.ppm", b"P6\n" + size + b"65535\n" + struct.pack(f">{len(channels)}H",
                                                                    *(v * 257 for v in channels)))


def main():
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    for name in os.listdir(HERE):
        if name.split("-")[0] in ("jpeg", "png", "tiff", "bmp", "gif", "webp", "pnm"):
            os.remove(os.path.join(HERE, name))
    for make in (jpegs, pngs, tiffs, bmps, gifs, webps, pnms):
        make()
    with open(os.path.join(HERE, "forms.csv"), "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("file", "tolerance", "reason"))
        writer.writerows(FORMS)


if __name__ == "__main__":
    main()
