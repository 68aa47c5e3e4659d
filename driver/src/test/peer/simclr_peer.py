#!/usr/bin/env python3
"""SimCLR in PyTorch and torchvision, with the recipe of learning.conf beside it: what our training is held against.

    /usr/bin/python3 simclr_peer.py --train data_batch_1.bin --images 2500 --test test_batch.bin --seed 1
    deploy/simclr pretrain --conf driver/src/test/peer/learning.conf --set train.seed=1 --run runs/learning-1

Needs Debian's python3-torchvision. Prints one JSON object: loss of the first and the last epoch, accuracy of the
weighted nearest neighbours (k = 200, temperature 0.1) and of a linear probe on h, and of the neighbours on the
untrained encoder's h. Nothing here is ours: network, initial values, crop, jitter, loss, optimizer and batch norm are
written with PyTorch's and torchvision's own parts.
"""
import argparse
import json
import math

import numpy as np
import torch
import torchvision
from torch import nn
from torch.nn import functional
from torchvision import transforms


def read(path, count):
    """CIFAR's binary format: images [n, 3, 32, 32] of bytes, labels [n]."""
    rows = np.fromfile(path, np.uint8).reshape(-1, 3073)[:count]
    return torch.from_numpy(rows[:, 1:].reshape(-1, 3, 32, 32).copy()), torch.from_numpy(rows[:, 0].astype(np.int64))


def encoder(width):
    """torchvision's ResNet-18 of a quarter of the width, with a first layer for 32 px."""
    network = torchvision.models.ResNet(
        torchvision.models.resnet.BasicBlock, [2, 2, 2, 2], num_classes=1, width_per_group=64
    )
    base = int(64 * width)
    network.inplanes = base
    network.conv1 = nn.Conv2d(3, base, 3, 1, 1, bias=False)
    network.bn1 = nn.BatchNorm2d(base)
    network.maxpool = nn.Identity()
    for stage, stride in enumerate([1, 2, 2, 2]):
        layer = network._make_layer(torchvision.models.resnet.BasicBlock, base << stage, 2, stride)
        setattr(network, f"layer{stage + 1}", layer)
    network.fc = nn.Identity()
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    return network, base << 3


def head(features, hidden, dim):
    return nn.Sequential(
        nn.Linear(features, hidden, bias=False),
        nn.BatchNorm1d(hidden),
        nn.ReLU(),
        nn.Linear(hidden, dim, bias=False),
        nn.BatchNorm1d(dim),
    )


def augmentation():
    return transforms.Compose([
        transforms.RandomResizedCrop(32, scale=(0.2, 1.0), antialias=True),
        transforms.RandomHorizontalFlip(),
        transforms.RandomApply([transforms.ColorJitter(0.4, 0.4, 0.4, 0.1)], 0.8),
        transforms.RandomGrayscale(0.2),
    ])


def nt_xent(first, second, temperature):
    z = functional.normalize(torch.cat([first, second]), dim=1)
    similarities = z @ z.T / temperature
    similarities.fill_diagonal_(-math.inf)
    n = len(first)
    return functional.cross_entropy(similarities, torch.cat([torch.arange(n, 2 * n), torch.arange(n)]))


@torch.no_grad()
def representations(network, images):
    network.eval()
    return torch.cat([network(part / 255.0) for part in images.split(256)])


@torch.no_grad()
def knn(train, labels, test, test_labels, k=200, temperature=0.1):
    similarities = functional.normalize(test, dim=1) @ functional.normalize(train, dim=1).T
    values, indices = similarities.topk(min(k, len(train)), 1)
    votes = torch.zeros(len(test), 10).scatter_add_(1, labels[indices], (values / temperature).exp())
    return (votes.argmax(1) == test_labels).double().mean().item()


def linear_probe(train, labels, test, test_labels, regularisation=1e-3):
    """Logistic regression on h of unit standard deviation."""
    deviation = train.std(0).clamp_min(1e-12)
    train, test = (train / deviation).double(), (test / deviation).double()
    weights = torch.zeros(10, train.shape[1], dtype=torch.double, requires_grad=True)
    bias = torch.zeros(10, dtype=torch.double, requires_grad=True)
    solver = torch.optim.LBFGS([weights, bias], max_iter=200, line_search_fn="strong_wolfe")

    def loss():
        solver.zero_grad()
        value = functional.cross_entropy(train @ weights.T + bias, labels) + regularisation / 2 * (weights**2).sum()
        value.backward()
        return value

    solver.step(loss)
    return ((test @ weights.T + bias).argmax(1) == test_labels).double().mean().item()


@torch.no_grad()
def calibrate(network, images, group):
    """Statistics of an untrained encoder's batch norms on 1,024 images, group by group."""
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
    network.train()
    spread = images[torch.arange(1024) * len(images) // 1024]
    for part in range(1024 // group):
        network(spread[part :: 1024 // group] / 255.0)
    for norm in norms:
        norm.momentum = 0.1


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--train", required=True)
    arguments.add_argument("--images", type=int, default=10_000)
    arguments.add_argument("--test", required=True)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--epochs", type=int, default=8)
    arguments.add_argument("--batch", type=int, default=128)
    arguments.add_argument("--rate", type=float, default=0.3)
    arguments.add_argument("--temperature", type=float, default=0.5)
    a = arguments.parse_args()
    torch.manual_seed(a.seed)
    images, labels = read(a.train, a.images)
    test, test_labels = read(a.test, 10_000)
    f, features = encoder(0.25)
    g = head(features, 128, 128)
    calibrate(f, images, a.batch)
    untrained = knn(representations(f, images), labels, representations(f, test), test_labels)

    weights = [p for p in [*f.parameters(), *g.parameters()] if p.ndim > 1]
    others = [p for p in [*f.parameters(), *g.parameters()] if p.ndim == 1]
    optimizer = torch.optim.SGD(
        [{"params": weights, "weight_decay": 5e-4}, {"params": others}], lr=a.rate, momentum=0.9
    )
    augment = augmentation()
    steps = len(images) // a.batch
    losses = []
    for epoch in range(a.epochs):
        order = torch.randperm(len(images))
        total = 0
        f.train(), g.train()
        for step in range(steps):
            done = epoch * steps + step
            warm = (done + 1) / steps
            rest = 0.5 * (1 + math.cos(math.pi * (done - steps) / max(1, (a.epochs - 1) * steps)))
            optimizer.param_groups[0]["lr"] = optimizer.param_groups[1]["lr"] = a.rate * (warm if epoch == 0 else rest)
            batch = images[order[step * a.batch : (step + 1) * a.batch]] / 255.0
            first, second = (torch.stack([augment(image) for image in batch]) for _ in range(2))
            loss = nt_xent(g(f(first)), g(f(second)), a.temperature)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
        losses.append(total / steps)
    h, test_h = representations(f, images), representations(f, test)
    print(json.dumps({
        "seed": a.seed,
        "loss_first_epoch": round(losses[0], 4),
        "loss_last_epoch": round(losses[-1], 4),
        "knn_accuracy": knn(h, labels, test_h, test_labels),
        "linear_accuracy": linear_probe(h, labels, test_h, test_labels),
        "knn_accuracy_random_encoder": untrained,
    }))


if __name__ == "__main__":
    main()
