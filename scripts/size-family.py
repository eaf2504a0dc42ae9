#!/usr/bin/env python3
"""F against frames a second for networks and frames of several sizes:

    scripts/size-family.py TREE [OUTPUT]

Trains every size on every sequence with ground truth of a tree (a sweep in OUTPUT, which goes on where it was stopped), then
measures how fast each is with `proxseg bench`: let nothing else run. Prints a Markdown table and writes OUTPUT/sizes.svg.
Needs gnuplot. PROXSEG=PATH takes another program.
"""
import json
import os
import pathlib
import statistics
import subprocess
import sys

PROGRAM = os.environ.get("PROXSEG", str(pathlib.Path(__file__).parent.parent / "build/release/proxseg"))
SCREENS = "320x240", "1280x720"
# Pixels of a frame at most, pixel-unshuffle, channels.
SIZES = [
    (19200, 4, 8),
    (19200, 4, 16),  # the recipe fast
    (19200, 2, 16),
    (40000, 4, 16),
    (40000, 2, 16),
    (100000, 4, 16),
    (100000, 2, 8),
    (100000, 2, 16),  # the recipe default
    (100000, 1, 8),
]


def settings_of(size):
    return dict(zip(("input.pixels", "model.pixel_unshuffle", "model.channels"), size))


def name_of(size):
    return "{}-u{}-c{}".format(*size)


def run(*arguments):
    return subprocess.run([PROGRAM, *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout


def measure_accuracy(tree, output):
    """The mean F over the sequences, for each size."""
    inputs = sorted(str(folder.parent.resolve()) for folder in tree.rglob("groundtruth"))
    sweep = {
        "base": "default",
        "inputs": inputs,
        "set": {"train.init": "none", "train.steps": 300},  # alike for all: there are generic weights of one size
        "list": [settings_of(size) for size in SIZES],
    }
    (output / "sweep.json").write_text(json.dumps(sweep, indent=2))
    run("sweep", str(output / "sweep.json"), "--output", str(output), "--jobs", "2")
    trials = json.loads(run("sweep", "export", str(output), "--json"))["trials"]
    return {size: statistics.fmean(t["F"] for t in trials if t["settings"] == settings_of(size)) for size in SIZES}


def write_recipe(size, folder):
    pixels, unshuffle, channels = size
    model = {"pixel_unshuffle": unshuffle, "channels": channels}
    file = folder / f"{name_of(size)}.json"
    file.write_text(json.dumps({"extends": "default", "input": {"pixels": pixels}, "model": model}))
    return str(file)


def measure_speed(output):
    """The most frames a second of several batches, for each size and screen."""
    files = {size: write_recipe(size, output) for size in SIZES}
    bench = "bench", "--config", ",".join(files.values()), "--size", ",".join(SCREENS), "--batch", "4,8,16", "--json"
    rows = json.loads(run(*bench))["segmenting"]

    def fastest(method, screen):
        return max(row["frames_per_second"] for row in rows if (row["method"], row["size"]) == (method, screen))

    return {size: [fastest(files[size], screen) for screen in SCREENS] for size in SIZES}


def plot(rows, file):
    data = "\n".join(f'{speed} {f} "{name}"' for name, f, speed in rows)
    commands = f"""
set terminal svg size 720,420 font 'sans-serif,13' background rgb 'white'
set output '{file}'
set logscale x
set xtics (50, 100, 200, 500, 1000, 2000, 5000)
set ytics 0.01
set format y '%.2f'
set xlabel 'frames a second, 320 x 240, two cores'
set ylabel 'mean F'
set grid
unset key
set offsets graph 0.05, graph 0.15, graph 0.35, graph 0.05
$rows << EOD
{data}
EOD
plot $rows using 1:2 with points pt 7 ps 0.8 lc rgb '#2563eb', $rows using 1:2:3 with labels left rotate by 50 offset 0.4,0.6
"""
    subprocess.run(["gnuplot"], input=commands, text=True, check=True)


def main():
    tree = pathlib.Path(sys.argv[1]).resolve()
    output = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else "runs/sizes").resolve()
    output.mkdir(parents=True, exist_ok=True)
    accuracy, speeds = measure_accuracy(tree, output), measure_speed(output)
    print(f"| pixels | unshuffle | channels | mean F | {' | '.join(SCREENS)} |\n|---:|---:|---:|---:|---:|---:|")
    for size in sorted(SIZES, key=lambda size: -speeds[size][0]):
        cells = [*size, f"{accuracy[size]:.3f}"[1:], *(f"{speed:.0f}" for speed in speeds[size])]
        print("| " + " | ".join(map(str, cells)) + " |")
    plot([(name_of(size), accuracy[size], speeds[size][0]) for size in SIZES], output / "sizes.svg")


if __name__ == "__main__":
    main()
