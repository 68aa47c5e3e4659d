#!/usr/bin/env python3
"""Two SimCLR views of each image by torchvision, beside `deploy/simclr bench augment` on the same images.

Neither the build nor the tests need this. On Debian 12 (torchvision 0.14, Pillow 9.4):

    apt-get install python3-torchvision libopenblas0-pthread python3-pil
    /usr/bin/python3 data-pipeline/src/test/peer/torchvision_views.py --size 224 --source 500x375
    /usr/bin/python3 data-pipeline/src/test/peer/torchvision_views.py --size 32 --source 32x32

Both sides run on one and the same core, in turns. Both decode an image once, make two views with the parameters of the
SimCLR paper, and end with bytes in planes. CIFAR's images (32x32) are not decoded by either. The last line is JSON.
"""
import argparse
import io
import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[4]
ROUNDS = 3
SECONDS = 4


def bench(arguments, directory):
    command = [ROOT / "deploy/simclr", "bench", "augment", f"--size={arguments.size}", f"--source={arguments.source}",
               f"--threads=1", f"--save={directory}"]
    out = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout
    return json.loads(out.splitlines()[-1])["images_per_second_per_core"]


def peer(size, directory):
    import numpy
    import torch
    from PIL import Image
    from torchvision import transforms

    torch.set_num_threads(1)
    strength = 0.5 if size == 32 else 1.0
    jitter = transforms.ColorJitter(0.8 * strength, 0.8 * strength, 0.8 * strength, 0.2 * strength)
    steps = [
        transforms.RandomResizedCrop(size, scale=(0.08, 1), ratio=(3 / 4, 4 / 3),
                                     interpolation=transforms.InterpolationMode.BICUBIC),
        transforms.RandomHorizontalFlip(0.5),
        transforms.RandomApply([jitter], p=0.8),
        transforms.RandomGrayscale(0.2),
    ]
    if size != 32:
        steps.append(transforms.RandomApply([transforms.GaussianBlur(size // 10 // 2 * 2 + 1, (0.1, 2))], p=0.5))
    view = transforms.Compose(steps + [transforms.PILToTensor()])

    files = sorted(pathlib.Path(directory).iterdir())
    if size == 32 and files[0].suffix == ".png":
        arrays = [numpy.array(Image.open(file).convert("RGB")) for file in files]
        images = [lambda array=array: Image.fromarray(array) for array in arrays]
    else:
        contents = [file.read_bytes() for file in files]
        images = [lambda content=content: Image.open(io.BytesIO(content)).convert("RGB") for content in contents]

    def rate(seconds):
        done = 0
        start = time.perf_counter()
        while time.perf_counter() - start < seconds:
            for image in images:
                opened = image()
                view(opened)
                view(opened)
            done += len(images)
        return done / (time.perf_counter() - start)

    rate(1)
    return rate(SECONDS)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--source", default="500x375")
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as directory:
        for _ in range(ROUNDS):
            ours.append(bench(arguments, directory))
            theirs.append(peer(arguments.size, directory))
    print(json.dumps({
        "size": arguments.size,
        "source": arguments.source,
        "images_per_second_per_core": round(statistics.median(ours), 1),
        "torchvision_images_per_second_per_core": round(statistics.median(theirs), 1),
        "ratio": round(statistics.median(ours) / statistics.median(theirs), 2),
        "ratios": [round(a / b, 2) for a, b in zip(ours, theirs)],
    }))


if __name__ == "__main__":
    main()
