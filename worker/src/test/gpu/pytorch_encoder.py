"""The steps of `bench gpu`'s encoders in PyTorch, for the ratio on one machine.

Run by hand where torch and torchvision see a GPU: python3 pytorch_encoder.py [precision ...].
Per micro-batch of random views: bytes to the device, to pixels, forward; then, for both views,
backward from a gradient at the embeddings. Nothing is optimised: engines do not either.
"""

import json
import os
import statistics
import sys
import time

os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")

import torch
import torchvision

WARM_UP = 5
ROUNDS = 5


def network(depth, small):
    net = torchvision.models.resnet18() if depth == 18 else torchvision.models.resnet50()
    features = net.fc.in_features
    hidden = 512 if depth == 18 else 2048
    if small:
        net.conv1 = torch.nn.Conv2d(3, 64, 3, 1, 1, bias=False)
        net.maxpool = torch.nn.Identity()
    net.fc = torch.nn.Sequential(
        torch.nn.Linear(features, hidden, bias=False),
        torch.nn.BatchNorm1d(hidden),
        torch.nn.ReLU(inplace=True),
        torch.nn.Linear(hidden, 128, bias=False),
    )
    return net.cuda().to(memory_format=torch.channels_last).train()


def measure(net, side, count, precision):
    views = [
        torch.randint(0, 256, (count, 3, side, side), dtype=torch.uint8).pin_memory()
        for _ in range(2)
    ]
    upstream = [torch.randn(count, 128, device="cuda") for _ in range(2)]
    forward, backward = [], []
    for r in range(-WARM_UP, ROUNDS):
        net.zero_grad(set_to_none=False)
        torch.cuda.synchronize()
        start = time.perf_counter()
        z = []
        for v in views:
            x = v.to("cuda", non_blocking=True).float().div(255)
            x = x.contiguous(memory_format=torch.channels_last)
            with torch.autocast("cuda", torch.bfloat16, enabled=precision == "bfloat16"):
                z.append(net(x))
        torch.cuda.synchronize()
        embedded = time.perf_counter()
        for a, dz in zip(z, upstream):
            a.backward(dz.to(a.dtype))
        torch.cuda.synchronize()
        if r >= 0:
            forward.append((embedded - start) / 2)
            backward.append((time.perf_counter() - embedded) / 2)
    return statistics.median(forward), statistics.median(backward)


def main():
    print(torch.__version__, torch.cuda.get_device_name(), file=sys.stderr)
    results = []
    for depth, small, side, counts in [
        (18, True, 32, [64, 256, 1024]),
        (50, False, 224, [32, 64, 128, 256]),
    ]:
        net = network(depth, small)
        for precision in sys.argv[1:] or ["float32", "tf32", "bfloat16"]:
            torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"
            torch.backends.cudnn.allow_tf32 = precision == "tf32"
            for deterministic in [False, True]:
                torch.use_deterministic_algorithms(deterministic)
                torch.backends.cudnn.deterministic = deterministic
                # As the engine: nothing reads memory that was not written.
                torch.utils.deterministic.fill_uninitialized_memory = False
                for count in counts:
                    f, b = measure(net, side, count, precision)
                    results.append(
                        {
                            "depth": depth,
                            "precision": precision,
                            "deterministic": deterministic,
                            "batch": count,
                            "views_per_second": count / (f + b),
                            "forward_seconds": f,
                            "backward_seconds": b,
                        }
                    )
                    print(
                        f"ResNet-{depth}, {side} px, {precision}, micro-batch {count}"
                        f"{', deterministic' if deterministic else ''}: {count / (f + b):.0f} views/s"
                        f" (forward {f * 1e3:.1f} ms, backward {b * 1e3:.1f} ms)",
                        file=sys.stderr,
                        flush=True,
                    )
        del net
    print(json.dumps(results))


main()
