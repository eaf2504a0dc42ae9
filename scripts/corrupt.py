#!/usr/bin/env python3
"""Corrupts sequences in CDnet's layout, frames and ground truth alike, to measure what a method makes of other conditions.

  scripts/corrupt.py OUTPUT SEQUENCE[:FIRST[:COUNT]] ...

Takes COUNT frames (200) from the FIRST (1) on and writes OUTPUT/KIND_SEQUENCE for each kind in CAMERAS and PICTURES: a camera
that shakes, pans, zooms, looks at two presets in turn or is knocked; light, noise and weather; an object that stands still.
What a moving camera shows beyond the picture is unknown (170). Needs NumPy and OpenCV; the same call gives the same files.
"""
import pathlib
import re
import sys

import cv2
import numpy as np

UNKNOWN, MOTION = 170, 255


class Camera:
    """Where it looks at frame i of n: the centre as a part of the picture, zoom and turn. view: the part that it shows."""

    def __init__(self, view, look):
        self.view, self.look = view, look

    def frames(self, sequence, rng):
        height, width = sequence[0][0].shape[:2]
        size = (int(width * self.view) // 2 * 2, int(height * self.view) // 2 * 2)
        for i, (image, truth) in enumerate(sequence):
            x, y, zoom, turn = self.look(i, i / max(1, len(sequence) - 1), rng)
            centre = (x * width, y * height)
            to = cv2.getRotationMatrix2D(centre, turn, zoom)
            to[:, 2] += np.array(size) / 2 - centre
            yield (cv2.warpAffine(image, to, size, borderMode=cv2.BORDER_REPLICATE),
                   cv2.warpAffine(truth, to, size, flags=cv2.INTER_NEAREST, borderValue=UNKNOWN))


def look_shaking(i, t, rng):
    return (0.5 + np.clip(rng.normal(0, 0.01), -0.06, 0.06), 0.5 + np.clip(rng.normal(0, 0.012), -0.06, 0.06), 1, rng.normal(0, 0.2))


CAMERAS = {
    "shake": Camera(0.84, look_shaking),
    "pan": Camera(0.62, lambda i, t, rng: (0.5 + 0.18 * np.sin(8.2 * t), 0.5 + 0.1 * np.sin(4.4 * t), 1, 0)),
    "zoom": Camera(0.72, lambda i, t, rng: (0.5, 0.5, 1.175 - 0.175 * np.cos(2 * np.pi * t), 0)),
    "positions": Camera(0.6, lambda i, t, rng: ((0.34, 0.38) if i // 40 % 2 else (0.66, 0.62)) + (1, 0)),
    "knock": Camera(0.84, lambda i, t, rng: (0.5, 0.5, 1, 0) if t <= 0.55 else (0.56, 0.45, 1, 1.5)),
}


def moved(image, truth, dx, dy):
    y, x = np.indices(truth.shape, np.float32)
    x, y = x + dx.astype(np.float32), y + dy.astype(np.float32)
    return (cv2.remap(image, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE),
            cv2.remap(truth, x, y, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE))


def grey(image):
    return cv2.cvtColor(np.clip(image, 0, 255).astype(np.uint8), cv2.COLOR_BGR2GRAY).astype(np.float32)


def in_colour(image):
    return np.repeat(image[..., None], 3, 2)


def turbulence(image, truth, t, i, rng):
    shift = cv2.GaussianBlur(rng.normal(0, 1, truth.shape + (2,)), (0, 0), 9)
    shift *= 1.2 / shift.std()
    return moved(image, truth, shift[..., 0], shift[..., 1])


def waves(image, truth, t, i, rng):
    y, x = np.indices(truth.shape)
    water = np.clip((y / truth.shape[0] - 0.6) / 0.06, 0, 1)
    shift = 2.2 * water * np.sin(0.35 * y + 0.45 * i + 2 * np.sin(0.05 * x + 0.11 * i))
    image, truth = moved(image, truth, shift, 0 * shift)
    return image + (10 * water * np.sin(0.5 * y + 0.07 * x + 0.6 * i))[..., None], truth


def sun(image, truth, t, i, rng):
    y, x = np.indices(truth.shape)
    shade = 1 / (1 + np.exp(-(x + 0.3 * y - (1.5 * t - 0.2) * truth.shape[1]) / 6))
    return image * (1 - shade[..., None] * [0.35, 0.45, 0.55]), truth


def lamp(image, truth, t, i, rng):
    if not 0.3 < t < 0.6:
        return image, truth
    y, x = np.indices(truth.shape) / np.array(truth.shape)[:, None, None]
    gain = 1.1 + 0.9 * np.exp(-((x - 0.4) ** 2 + (y - 0.35) ** 2) / 0.18)
    return image * gain[..., None] * [0.85, 1, 1.1], truth


def infrared(image, truth, t, i, rng):
    if not 0.35 < t < 0.65:
        return image, truth
    y, x = 2 * np.indices(truth.shape) / np.array(truth.shape)[:, None, None] - 1
    night = 204 * np.clip(grey(image) / 255 * (1.25 - 0.6 * (x ** 2 + y ** 2)), 0, 1) ** 0.75
    return in_colour(night + rng.normal(0, 5, truth.shape)), truth


def night(image, truth, t, i, rng):
    """The larger objects carry two headlights, which light the road before them."""
    y, x = np.indices(truth.shape)
    light = np.full(truth.shape, 0.22)
    for left, top, width, height, area in cv2.connectedComponentsWithStats((truth == MOTION).astype(np.uint8))[2][1:]:
        if area < 150:
            continue
        light += 0.6 * np.exp(-((x - left - width / 2) / (0.7 * width)) ** 2 - ((y - top - 1.35 * height) / (0.45 * height)) ** 2)
        for side in (0.25, 0.75):
            distance = (x - left - side * width) ** 2 + (y - top - 0.75 * height) ** 2
            light += 2.5 * np.exp(-distance / (2 * max(1.5, 0.06 * width) ** 2))
    return image * light[..., None] * [1.05, 1, 0.9] + rng.normal(0, 5, image.shape), truth


def thermal(image, truth, t, i, rng):
    """Soft and grey, objects warm, the gain automatic."""
    warm = cv2.GaussianBlur((truth == MOTION).astype(np.float32), (0, 0), 1.2)
    heat = 60 + 0.5 * cv2.GaussianBlur(grey(image), (0, 0), 1.5) + 45 * warm + rng.normal(0, 2, truth.shape)
    low, high = np.percentile(heat, (1, 99.5))
    return in_colour(10 + 230 * (heat - low) / (high - low)), truth


def lights(image, truth, t, i, rng):
    """Each frame in its own light."""
    return 255 * (image / 255) ** rng.uniform(0.75, 1.3) * rng.uniform(0.65, 1.25) * rng.uniform(0.92, 1.08, 3), truth


def haze(image, truth, t, i, rng):
    return 100 + 0.3 * image + rng.normal(0, 1.5, image.shape), truth


def noise(image, truth, t, i, rng):
    """A sensor's, in the dark and amplified."""
    return image + rng.normal(0, 25, image.shape), truth


def snow(image, truth, t, i, rng):
    image = image.copy()
    for _ in range(truth.size // 600):
        x, y, length = rng.integers(truth.shape[1]), rng.integers(truth.shape[0]), rng.uniform(0.6, 2.2)
        cv2.line(image, (int(x), int(y)), (int(x + length), int(y + 2.5 * length)), (235, 235, 235), max(1, int(length)))
    return image + rng.normal(0, 3, image.shape), truth


def standing(path):
    """A patterned object whose left edge lies at path(t), from 0 before the picture over 1 at its place to 2 behind it."""

    def add(image, truth, t, i, rng):
        height, width = truth.shape
        size = (int(0.12 * width), int(0.22 * height))
        pattern = cv2.resize(np.random.default_rng(1).integers(0, 255, (6, 4, 3)).astype(np.uint8), size, interpolation=cv2.INTER_CUBIC)
        shape = cv2.ellipse(np.zeros(size[::-1], np.uint8), ((size[0] / 2, size[1] / 2), size, 0), 255, -1)
        left = int(np.interp(path(t), (0, 1, 2), (-size[0], 0.45 * width, width)))
        canvas, mask = np.zeros_like(image), np.zeros_like(truth)
        where = slice(int(0.55 * height), int(0.55 * height) + size[1]), slice(max(0, left), min(width, left + size[0]))
        cut = slice(None), slice(where[1].start - left, where[1].stop - left)
        canvas[where], mask[where] = pattern[cut], shape[cut]
        return np.where(mask[..., None] > 0, canvas + rng.normal(0, 2, image.shape), image), np.where(mask > 0, MOTION, truth)

    return add


PICTURES = {
    "clean": lambda image, truth, t, i, rng: (image, truth),
    "turbulence": turbulence, "waves": waves, "sun": sun, "lamp": lamp, "infrared": infrared, "night": night, "thermal": thermal,
    "lights": lights, "haze": haze, "noise": noise, "snow": snow,
    "arrives": standing(lambda t: min(1, t / 0.4)),
    "rests": standing(lambda t: np.interp(t, (0, 0.15, 0.88, 1), (0, 1, 1, 2))),
    "leaves": standing(lambda t: np.interp(t, (0, 0.65, 0.9), (1, 1, 2))),
}


def read(sequence):
    folder, first, count = (sequence.split(":") + ["", ""])[:3]
    folder, number = pathlib.Path(folder), lambda path: int(re.findall(r"\d+", path.stem)[-1])
    truths = {number(path): path for path in (folder / "groundtruth").glob("*.png")}
    frames = sorted((folder / "input").iterdir(), key=number)[int(first or 1) - 1:][:int(count or 200)]
    images = [cv2.imread(str(path)) for path in frames]
    for path, image in zip(frames, images):
        truth = np.full(image.shape[:2], UNKNOWN, np.uint8)
        if number(path) in truths:
            labels = cv2.imread(str(truths[number(path)]), cv2.IMREAD_GRAYSCALE)
            truth = cv2.resize(labels, image.shape[1::-1], interpolation=cv2.INTER_NEAREST)
        yield image, truth


def write(folder, frames):
    for part in ("input", "groundtruth"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    count = 0
    for count, (image, truth) in enumerate(frames, 1):
        cv2.imwrite(f"{folder}/input/in{count:06d}.jpg", np.clip(image, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 92])
        cv2.imwrite(f"{folder}/groundtruth/gt{count:06d}.png", truth)
    (folder / "temporalROI.txt").write_text(f"1 {count}\n")


def corrupted(sequence, change, rng):
    for i, (image, truth) in enumerate(sequence):
        yield change(image.astype(np.float32), truth, i / max(1, len(sequence) - 1), i, rng)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    for name in sys.argv[2:]:
        sequence = list(read(name))
        base = pathlib.Path(name.split(":")[0]).name
        for kind in [*CAMERAS, *PICTURES]:
            rng = np.random.default_rng(list(f"{kind} {base}".encode()))
            camera = CAMERAS.get(kind)
            frames = camera.frames(sequence, rng) if camera else corrupted(sequence, PICTURES[kind], rng)
            write(pathlib.Path(sys.argv[1]) / f"{kind}_{base}", frames)


if __name__ == "__main__":
    main()
