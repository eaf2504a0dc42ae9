#!/usr/bin/env python3
"""Seconds a step of DeepLS (DICTA 2022) as one writes it down in PyTorch: the yardstick for how fast `proxseg train` is.

    scripts/plain-loop.py FRAMES_FOLDER [STEPS]

The network, the loss and the optimiser are those of the recipe deepls2022, with autograd through torch.linalg.svdvals, PyTorch's
own memory layout and nothing else: 50 grey frames of half the width and height, all in every step. Prints the loss and the
seconds of each step, then their median. Needs Debian's python3-torch, python3-opencv and python3-numpy.
"""
import math
import os
import pathlib
import statistics
import sys
import time

import cv2
import numpy
import torch
from torch import nn
from torch.nn import functional


def pair(inputs, middle, outputs):
    layers = []
    for i, o in ((inputs, middle), (middle, outputs)):
        layers += [nn.Conv2d(i, o, 3, padding=1, padding_mode="reflect"), nn.BatchNorm2d(o), nn.ReLU()]
    return nn.Sequential(*layers)


def upsample(x):
    return functional.interpolate(x, scale_factor=2, mode="bilinear", align_corners=True)


class DeepLS(nn.Module):
    def __init__(self, c=32):
        super().__init__()
        self.down1, self.down2 = pair(1, c, c), pair(c, 2 * c, 2 * c)
        self.middle = pair(2 * c, 4 * c, 2 * c)
        self.up2, self.up1 = pair(4 * c, 2 * c, c), pair(2 * c, c, c)
        self.last = nn.Conv2d(c, 1, 1, bias=False)

    def forward(self, frames):
        first = self.down1(frames)
        pooled1 = functional.max_pool2d(first, 2)
        second = self.down2(pooled1)
        pooled2 = functional.max_pool2d(second, 2)
        x = self.middle(pooled2)
        x = self.up2(torch.cat([upsample(x - pooled2), second], 1))
        x = self.up1(torch.cat([upsample(x - pooled1), first], 1))
        return self.last(x)


def read_frames(folder, count=50):
    files = sorted(f for f in pathlib.Path(folder).iterdir() if f.suffix in (".jpg", ".png"))
    generator = numpy.random.default_rng(1)
    chosen = sorted(generator.choice(len(files), count, replace=False))
    frames = []
    for i in chosen:
        frame = cv2.imread(str(files[i]), cv2.IMREAD_GRAYSCALE)
        # Two poolings need sides that divide by 4.
        size = [side // 8 * 4 for side in frame.shape[1::-1]]
        frames.append(cv2.resize(frame, size, interpolation=cv2.INTER_AREA))
    return torch.from_numpy(numpy.stack(frames)).float().div(255).unsqueeze(1)


def main():
    folder, steps = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 10
    torch.manual_seed(1)
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    frames = read_frames(folder)
    weight = 1 / math.sqrt(max(frames.shape[0], frames[0].numel()))
    network = DeepLS()
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-4)
    seconds = []
    for step in range(steps):
        start = time.perf_counter()
        optimizer.zero_grad()
        foreground = network(frames)
        background = (frames - foreground).flatten(1)
        loss = torch.linalg.svdvals(background).sum() + weight * foreground.abs().sum()
        loss.backward()
        optimizer.step()
        seconds.append(time.perf_counter() - start)
        print(f"step {step + 1}: loss {loss.item():.1f}, {seconds[-1]:.2f} s", flush=True)
    print(f"{torch.get_num_threads()} threads, median {statistics.median(seconds):.2f} s a step")


if __name__ == "__main__":
    main()
