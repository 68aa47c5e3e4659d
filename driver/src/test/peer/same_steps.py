#!/usr/bin/env python3
"""Goes on with a run of learning.conf in PyTorch, on the views that training made: the same loss at every step.

    deploy/simclr pretrain --conf driver/src/test/peer/learning.conf --run runs/learning
    java ... org.simclrspark.driver.train.TrainingViews runs/learning 133 19 views
    /usr/bin/python3 same_steps.py runs/learning 133 views

Starts from the checkpoint before the given step, its momentum included. Needs Debian's python3-torchvision. Prints the
loss of each step, there and here, and as the last line one JSON object: the largest difference of a loss, and how far
the parameters are apart at the end, as a part of how far these steps have moved them (largest of all blocks).
"""
import json
import math
import pathlib
import re
import sys

import numpy as np
import torch

from simclr_peer import encoder, head, nt_xent

BATCH, SIZE, TEMPERATURE = 128, 32, 0.5
RATE, EPOCHS, STEPS_PER_EPOCH, WEIGHT_DECAY = 0.3, 8, 19, 5e-4

OF_BLOCK = {
    "conv1.weight": "conv1.weight", "bn1.weight": "conv1.norm.scale", "bn1.bias": "conv1.norm.shift",
    "conv2.weight": "conv2.weight", "bn2.weight": "conv2.norm.scale", "bn2.bias": "conv2.norm.shift",
    "downsample.0.weight": "shortcut.weight",
    "downsample.1.weight": "shortcut.norm.scale", "downsample.1.bias": "shortcut.norm.shift",
}
OF_STEM = {"conv1.weight": "stem.weight", "bn1.weight": "stem.norm.scale", "bn1.bias": "stem.norm.shift"}
OF_HEAD = {
    "0.weight": "layer1.weight", "1.weight": "layer1.norm.scale", "1.bias": "layer1.norm.shift",
    "3.weight": "layer2.weight", "4.weight": "layer2.norm.scale",
}


def our_name(name):
    """Our name of a parameter of torchvision's encoder."""
    block = re.fullmatch(r"layer(\d)\.(\d)\.(.*)", name)
    return f"stage{block[1]}.block{block[2]}.{OF_BLOCK[block[3]]}" if block else OF_STEM[name]


def read_layout(path):
    """Offset, length and shape of each block of the parameters, by name."""
    found = {}
    for line in path.read_text().splitlines():
        name, offset, length, shape = line.split(" ", 3)
        found[name] = int(offset), int(length), [int(part) for part in shape.strip("[]").split(",")]
    return found


def learning_rate(step):
    if step < STEPS_PER_EPOCH:
        return RATE * (step + 1) / STEPS_PER_EPOCH
    done = (step - STEPS_PER_EPOCH) / ((EPOCHS - 1) * STEPS_PER_EPOCH)
    return RATE * 0.5 * (1 + math.cos(math.pi * done))


def main():
    run, start, views = pathlib.Path(sys.argv[1]), int(sys.argv[2]), pathlib.Path(sys.argv[3])
    layout = read_layout(views / "layout.txt")
    pixels = np.fromfile(views / "views.bin", np.uint8).reshape(-1, 2, BATCH, 3, SIZE, SIZE)
    losses = {}
    for line in (run / "metrics.jsonl").read_text().splitlines():
        record = json.loads(line)
        losses[record["step"]] = record.get("loss")

    f, features = encoder(0.25)
    g = head(features, 128, 128)
    # Our head ends in a norm without a shift, as the published code has it.
    g[4].bias.requires_grad_(False)
    parameters = {our_name(name): p for name, p in f.named_parameters()}
    parameters |= {f"projection.{OF_HEAD[name]}": p for name, p in g.named_parameters() if name in OF_HEAD}
    assert parameters.keys() == layout.keys()

    def floats(step, name):
        return np.fromfile(run / "checkpoints" / f"step-{step:08d}" / name, "<f4")

    def block(values, name):
        offset, length, shape = layout[name]
        return torch.from_numpy(values[offset : offset + length].reshape(shape).copy())

    optimizer = torch.optim.SGD([
        {"params": [p for p in parameters.values() if p.ndim > 1], "weight_decay": WEIGHT_DECAY},
        {"params": [p for p in parameters.values() if p.ndim == 1]},
    ], lr=RATE, momentum=0.9)
    before, momentum = floats(start, "parameters.bin"), floats(start, "optimizer-momentum.bin")
    with torch.no_grad():
        for name, parameter in parameters.items():
            parameter.copy_(block(before, name))
            optimizer.state[parameter]["momentum_buffer"] = block(momentum, name)

    f.train(), g.train()
    largest = 0
    for step, pair in enumerate(pixels, start):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step)
        first, second = (torch.from_numpy(view) / 255.0 for view in pair)
        loss = nt_xent(g(f(first)), g(f(second)), TEMPERATURE)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        largest = max(largest, abs(loss.item() - losses[step + 1]))
        print(f"step {step + 1}: {loss.item():.6f} in PyTorch, {losses[step + 1]:.6f} here")

    after = floats(start + len(pixels), "parameters.bin")
    apart = max(
        ((parameter - block(after, name)).norm() / (block(after, name) - block(before, name)).norm()).item()
        for name, parameter in parameters.items()
    )
    print(json.dumps({"largest_difference_of_loss": largest, "parameters_apart": apart}))


main()
