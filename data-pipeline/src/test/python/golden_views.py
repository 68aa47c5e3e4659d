#!/usr/bin/env python3
"""Writes the golden views and draws that GoldenViewsTest and GoldenDrawsTest hold ours against.

    /usr/bin/python3 golden_views.py ../resources/golden

Needs Debian's python3-torchvision (written with torch 1.13, torchvision 0.14.1, NumPy 1.24, Pillow 9.4).

torchvision: its own functions do everything, on float tensors; one view more is resized by Pillow.
simclr: TensorFlow is not packaged by Debian, so the formulas of google-research/simclr (tf2/data_util.py) and of the
TensorFlow kernels behind it are transcribed to NumPy here, from their text and independently of the Java code:
sample_distorted_bounding_box_op.cc, resize_bicubic_op.cc (half_pixel_centers, its table of 1,024 weights included),
adjust_contrast, adjust_saturation, adjust_hue (through HSV and back by the standard library's colorsys),
rgb_to_grayscale, depthwise_conv2d with padding SAME.
"""
import colorsys
import json
import math
import random
import sys

import numpy as np
import torch
from torchvision import transforms
from torchvision.transforms import InterpolationMode
from torchvision.transforms import functional as F

WIDTH, HEIGHT = 61, 47
DRAWS = 100_000


def picture():
    """Edges, smooth parts, saturated colours, grays: [HEIGHT, WIDTH, 3] bytes."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    red = 127.5 + 127.5 * np.sin(0.23 * x + 0.11 * y)
    green = np.where((x // 5 + y // 4) % 2 == 0, 240, 12)
    blue = (x * 7 + y * 13) % 256
    rgb = np.stack([red, green, blue], -1)
    rgb[:8, :8] = 255
    rgb[-8:, -8:] = 0
    rgb[20:30, 20:30] = rgb[20:30, 20:30].mean(-1, keepdims=True)
    return np.round(rgb).astype(np.uint8)


# TensorFlow's formulas.


def keys(x):
    x = abs(x)
    if x < 1:
        return 1.5 * x**3 - 2.5 * x**2 + 1
    return -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2 if x < 2 else 0.0


def bicubic_matrix(length, size):
    """[size, length]: each row the weights of one output pixel."""
    scale = np.float32(length) / np.float32(size)
    matrix = np.zeros((size, length))
    for out in range(size):
        location = (np.float32(out) + np.float32(0.5)) * scale - np.float32(0.5)
        first = math.floor(location)
        delta = round((float(location) - first) * 1024) / 1024
        for tap in range(-1, 3):
            if 0 <= first + tap < length:
                matrix[out, first + tap] = keys(tap - delta)
        matrix[out] /= matrix[out].sum()
    return matrix


def tf_resize(image, size):
    vertical = bicubic_matrix(image.shape[0], size)
    horizontal = bicubic_matrix(image.shape[1], size)
    return np.einsum("ya,abc,xb->yxc", vertical, image, horizontal)


def per_pixel(image, function):
    return np.array([[function(*pixel) for pixel in row] for row in image])


def tf_hsv(r, g, b):
    """As adjust_saturation_op.cc: a saturation above 1 where a channel is below 0."""
    value = max(r, g, b)
    chroma = value - min(r, g, b)
    saturation = chroma / value if value > 0 else 0
    if chroma <= 0:
        hue = 0
    elif r == value:
        hue = (g - b) / chroma / 6
    elif g == value:
        hue = (b - r) / chroma / 6 + 2 / 6
    else:
        hue = (r - g) / chroma / 6 + 4 / 6
    return hue % 1, saturation, value


def tf_saturation(image, factor):
    def adjust(r, g, b):
        hue, saturation, value = tf_hsv(r, g, b)
        return colorsys.hsv_to_rgb(hue, min(1, max(0, saturation * factor)), value)

    return per_pixel(image, adjust)


def tf_hue(image, turns):
    """As adjust_hue_op.cc, which keeps the least and the greatest channel as they are."""

    def adjust(r, g, b):
        low, high = min(r, g, b), max(r, g, b)
        if high == low:
            return r, g, b
        hue, _, _ = tf_hsv(r, g, b)
        turned = colorsys.hsv_to_rgb((hue + turns) % 1, 1, 1)
        return tuple(low + (high - low) * part for part in turned)

    return per_pixel(image, adjust)


def tf_contrast(image, factor):
    mean = image.mean((0, 1))
    return (image - mean) * factor + mean


def tf_blur(image, kernel, sigma):
    radius = kernel // 2
    weights = np.exp(-np.arange(-radius, radius + 1) ** 2 / (2.0 * sigma**2))
    weights /= weights.sum()
    for axis in (1, 0):
        padding = [(0, 0)] * 3
        padding[axis] = (radius, radius)
        padded = np.pad(image, padding)
        image = sum(
            weight * np.take(padded, range(k, k + image.shape[axis]), axis) for k, weight in enumerate(weights)
        )
    return image


def tf_view(image, case):
    part = image[case["top"] : case["top"] + case["height"], case["left"] : case["left"] + case["width"]]
    view = tf_resize(part / 255.0, case["size"])
    if case["flip"]:
        view = view[:, ::-1]
    if case["jitter"]:
        for operation in case["order"]:
            if operation == "brightness":
                view = view * case["brightness"]
            elif operation == "contrast":
                view = tf_contrast(view, case["contrast"])
            elif operation == "saturation":
                view = tf_saturation(view, case["saturation"])
            else:
                view = tf_hue(view, case["hue"])
            view = np.clip(view, 0, 1)
    if case["gray"]:
        view = np.repeat((view @ [0.2989, 0.587, 0.114])[..., None], 3, -1)
    view = np.clip(view, 0, 1)
    if case["blur"]:
        view = np.clip(tf_blur(view, case["kernel"], case["sigma"]), 0, 1)
    return view.transpose(2, 0, 1)


def tf_crop(width, height, rng, area_range=(0.08, 1.0), ratio=(0.75, 4 / 3), covered=0.1, attempts=100):
    """sample_distorted_bounding_box_op.cc with one object, the whole image: left, top, width, height."""
    f = np.float32
    for _ in range(attempts):
        aspect = f(f(rng.random()) * (f(ratio[1]) - f(ratio[0])) + f(ratio[0]))
        least, greatest = f(area_range[0]) * f(width) * f(height), f(area_range[1]) * f(width) * f(height)
        low = int(np.rint(np.sqrt(least / aspect)))
        high = int(np.rint(np.sqrt(greatest / aspect)))
        if np.rint(f(high) * aspect) > width:
            high = int((width + 0.5 - 1e-7) / float(aspect))
            if np.rint(f(high) * aspect) > width:
                high -= 1
        high = min(high, height)
        h = min(low, high)
        if h < high:
            h += rng.randrange(high - h + 1)
        w = int(np.rint(f(h) * aspect))
        if w * h < least:
            h += 1
            w = int(np.rint(f(h) * aspect))
        if w * h > greatest:
            h -= 1
            w = int(np.rint(f(h) * aspect))
        if w * h < least or w * h > greatest or w > width or h > height or w <= 0 or h <= 0:
            continue
        top = rng.randrange(height - h) if h < height else 0
        left = rng.randrange(width - w) if w < width else 0
        if f(w * h) / f(width * height) >= f(covered):
            return left, top, w, h
    return 0, 0, width, height


# torchvision's functions.


def torchvision_view(image, case):
    tensor = torch.from_numpy(image.transpose(2, 0, 1) / 255.0).double()
    view = F.resized_crop(
        tensor,
        case["top"],
        case["left"],
        case["height"],
        case["width"],
        [case["size"]] * 2,
        InterpolationMode.BILINEAR,
        antialias=True,
    )
    if case["flip"]:
        view = F.hflip(view)
    if case["jitter"]:
        adjust = {
            "brightness": F.adjust_brightness,
            "contrast": F.adjust_contrast,
            "saturation": F.adjust_saturation,
            "hue": F.adjust_hue,
        }
        for operation in case["order"]:
            view = adjust[operation](view, case[operation])
    if case["gray"]:
        view = F.rgb_to_grayscale(view, 3)
    if case["blur"]:
        view = F.gaussian_blur(view, [case["kernel"]] * 2, [case["sigma"]] * 2)
    return view.numpy()


def pillow_view(image, case):
    part = F.to_pil_image(image)
    view = F.resized_crop(
        part, case["top"], case["left"], case["height"], case["width"], [case["size"]] * 2, InterpolationMode.BILINEAR
    )
    return np.asarray(view).transpose(2, 0, 1) / 255.0


def cases():
    """Every operation alone and all together, over crops that enlarge, shrink, touch edges and are thin."""
    rng = random.Random(7)
    names = ["brightness", "contrast", "saturation", "hue"]
    plain = {
        "size": 16, "left": 9, "top": 5, "width": 31, "height": 27, "flip": False, "jitter": False, "order": names,
        "brightness": 1.0, "contrast": 1.0, "saturation": 1.0, "hue": 0.0, "gray": False, "blur": False, "sigma": 1.0,
        "kernel": 9,
    }
    found = []
    for left, top, width, height in [
        (0, 0, WIDTH, HEIGHT), (0, 0, 16, 16), (45, 31, 16, 16), (20, 20, 7, 9), (3, 4, 1, 1), (0, 10, WIDTH, 3),
        (30, 0, 2, HEIGHT), (12, 2, 40, 44),
    ]:
        found.append({**plain, "left": left, "top": top, "width": width, "height": height})
        found.append({**found[-1], "flip": True, "size": 13})
    for name, values in [
        ("brightness", [0.2, 0.7, 1.8]), ("contrast", [0.2, 1.0, 1.8]), ("saturation", [0.2, 0.9, 1.8]),
        ("hue", [-0.2, -0.05, 0.1, 0.2]),
    ]:
        for value in values:
            first = [name] + [other for other in names if other != name]
            found.append({**plain, "jitter": True, "order": first, name: value})
    found.append({**plain, "gray": True})
    for kernel, sigma in [(9, 0.1), (9, 0.8), (9, 2.0), (1, 1.0), (3, 1.3), (23, 2.0)]:
        found.append({**plain, "blur": True, "kernel": kernel, "sigma": sigma})
    for _ in range(30):
        order = names[:]
        rng.shuffle(order)
        width, height = rng.randint(4, WIDTH), rng.randint(4, HEIGHT)
        found.append({
            "size": rng.choice([11, 16, 24]), "left": rng.randint(0, WIDTH - width),
            "top": rng.randint(0, HEIGHT - height), "width": width, "height": height, "flip": rng.random() < 0.5,
            "jitter": rng.random() < 0.9, "order": order, "brightness": round(rng.uniform(0.2, 1.8), 4),
            "contrast": round(rng.uniform(0.2, 1.8), 4), "saturation": round(rng.uniform(0.2, 1.8), 4),
            "hue": round(rng.uniform(-0.2, 0.2), 4), "gray": rng.random() < 0.2, "blur": rng.random() < 0.5,
            "sigma": round(rng.uniform(0.1, 2), 4), "kernel": rng.choice([3, 9]),
        })
    return found


def shares(name, values, decimals):
    """The share of values at or below 40 thresholds that lie between possible values."""
    values = np.sort(np.asarray(values, dtype=np.float64))
    quantiles = np.unique(np.round(np.quantile(values, np.linspace(0.01, 0.99, 40)), decimals))
    thresholds = quantiles + 0.37 * 10.0**-decimals
    return {
        "name": name,
        "thresholds": [round(float(t), decimals + 2) for t in thresholds],
        "shares": [round(float(np.searchsorted(values, t, "right")) / len(values), 5) for t in thresholds],
    }


def draws(preset):
    """Statistics of 100,000 draws for pictures of several shapes, and of the factors."""
    found = []
    rng = random.Random(11)
    torch.manual_seed(11)
    for width, height in [(500, 375), (32, 32), (90, 400)]:
        image = torch.zeros(1, height, width)
        boxes = []
        for _ in range(DRAWS):
            if preset == "simclr":
                boxes.append(tf_crop(width, height, rng))
            else:
                top, left, h, w = transforms.RandomResizedCrop.get_params(image, [0.08, 1.0], [3 / 4, 4 / 3])
                boxes.append((left, top, w, h))
        left, top, w, h = np.array(boxes, dtype=np.float64).T
        found.append({
            "width": width,
            "height": height,
            "statistics": [
                shares("area", w * h / (width * height), 4), shares("ratio", w / h, 4), shares("width", w, 0),
                shares("height", h, 0), shares("left", left, 0), shares("top", top, 0),
            ],
        })
    factors = {name: [] for name in ["brightness", "contrast", "saturation", "hue"]}
    first = {name: 0 for name in factors}
    for _ in range(DRAWS):
        if preset == "simclr":
            # random_brightness, random_contrast, random_saturation, random_hue at strength 1; tf.random.shuffle.
            drawn = {name: rng.uniform(max(1 - 0.8, 0), 1 + 0.8) for name in factors}
            drawn["hue"] = rng.uniform(-0.2, 0.2)
            order = rng.sample(range(4), 4)
        else:
            order, *values = transforms.ColorJitter.get_params([0.2, 1.8], [0.2, 1.8], [0.2, 1.8], [-0.2, 0.2])
            drawn = dict(zip(factors, values))
        for name in factors:
            factors[name].append(drawn[name])
        first[list(factors)[int(order[0])]] += 1
    return {
        "draws": DRAWS,
        "crops": found,
        "factors": [shares(name, values, 4) for name, values in factors.items()],
        "first": {name: count / DRAWS for name, count in first.items()},
    }


def main(out):
    image = picture()
    image.tofile(f"{out}/picture-{WIDTH}x{HEIGHT}.rgb")
    for preset, view_of in [("simclr", tf_view), ("torchvision", torchvision_view), ("pillow", pillow_view)]:
        kept, views, offset = [], [], 0
        for case in cases():
            if preset == "pillow" and (case["jitter"] or case["gray"] or case["blur"] or case["flip"]):
                continue
            if preset == "torchvision" and case["kernel"] // 2 >= case["size"]:
                continue
            view = np.ascontiguousarray(view_of(image, case), dtype="<f4")
            kept.append({**case, "offset": offset})
            views.append(view.ravel())
            offset += view.size
        with open(f"{out}/{preset}.json", "w") as file:
            file.write("[\n" + ",\n".join(json.dumps(case) for case in kept) + "\n]\n")
        np.concatenate(views).tofile(f"{out}/{preset}.f32")
        if preset != "pillow":
            with open(f"{out}/{preset}-draws.json", "w") as file:
                json.dump(draws(preset), file, indent=1)
                file.write("\n")


main(sys.argv[1])
