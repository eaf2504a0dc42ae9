#!/usr/bin/env python3
"""F by the number of steps, from a network that has learned from other sequences and from random weights:

    scripts/warm-start.py TREE UNSEEN [OUTPUT]

UNSEEN: the folder HASH below the output of `scripts/benchmark-unseen.sh TREE`, its networks and masks. Every sequence starts from
the network that has not seen it; zero steps are that network as it is. Sweeps in OUTPUT that go on where they were stopped;
prints a Markdown table. PROXSEG=PATH takes another program.
"""
import json
import os
import pathlib
import statistics
import subprocess
import sys

PROGRAM = os.environ.get("PROXSEG", str(pathlib.Path(__file__).parent.parent / "build/release/proxseg"))
WARM_STEPS = 30, 75, 150
COLD_STEPS = 75, 150, 300


def run(*arguments):
    return subprocess.run([PROGRAM, *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout


def unseen_by(network, sequences):
    inputs = json.loads((network / "environment.json").read_text())["inputs"]
    seen = {sequence["name"] for sequence in inputs}
    return [sequence for sequence in sequences if sequence.name not in seen]


def measure_as_it_is(masks, sequence):
    return json.loads(run("eval", "--masks", str(masks), "--ground-truth", str(sequence), "--json"))["sequences"][0]["F"]


def train(network, sequences, output):
    """F by sequence and settings."""
    output.mkdir(parents=True, exist_ok=True)
    warm = [{"train.init": str(network), "train.steps": steps} for steps in WARM_STEPS]
    cold = [{"train.init": "none", "train.steps": steps} for steps in COLD_STEPS]
    sweep = {"inputs": [str(sequence.resolve()) for sequence in sequences], "list": warm + cold}
    (output / "sweep.json").write_text(json.dumps(sweep, indent=2))
    run("sweep", str(output / "sweep.json"), "--output", str(output), "--jobs", "2")
    trials = json.loads(run("sweep", "export", str(output), "--json"))["trials"]
    found = {(t["input"], t["settings"]["train.init"] != "none", t["steps"]): t["F"] for t in trials}
    columns = [(True, steps) for steps in WARM_STEPS] + [(False, steps) for steps in COLD_STEPS]
    return {sequence: [found[(str(sequence.resolve()), *column)] for column in columns] for sequence in sequences}


def main():
    tree, unseen = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    output = pathlib.Path(sys.argv[3] if len(sys.argv) > 3 else "runs/warm-start").resolve()
    sequences = sorted(folder.parent for folder in tree.rglob("groundtruth"))
    rows = {}
    for network in sorted(unseen.glob("run-*")):
        trained = train(network, unseen_by(network, sequences), output / network.name)
        for sequence, values in trained.items():
            rows[sequence.name] = [measure_as_it_is(unseen / "masks" / sequence.relative_to(tree), sequence), *values]
    rows["**mean**"] = [statistics.fmean(column) for column in zip(*rows.values())]
    print(f"| | from it: 0 | {' | '.join(map(str, WARM_STEPS))} | from random weights: {' | '.join(map(str, COLD_STEPS))} |")
    print("|---|" + "---:|" * (1 + len(WARM_STEPS) + len(COLD_STEPS)))
    for name, values in rows.items():
        print(f"| {name} | " + " | ".join(f"{value:.3f}"[1:] for value in values) + " |")


if __name__ == "__main__":
    main()
