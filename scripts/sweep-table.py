#!/usr/bin/env python3
"""F of every setting of a sweep on every sequence, the means over its seeds, as a Markdown table:

    proxseg sweep export SWEEP --json | scripts/sweep-table.py

Below it, how well the score that needs no labels ranks the trials on each sequence: Spearman's rank correlation with F.
"""
import collections
import json
import statistics
import sys


def settings_of(trial):
    settings = {key: value for key, value in trial["settings"].items() if key != "seed"}
    return ", ".join(f"`{key}={json.dumps(value)}`" for key, value in settings.items()) or "nothing changed"


def ranks(values):
    """From 1; the mean of their ranks for equal values."""
    return [1 + sum(v < x for v in values) + (sum(v == x for v in values) - 1) / 2 for x in values]


def correlation(a, b):
    return statistics.correlation(ranks(a), ranks(b))


def print_table(trials):
    found = collections.defaultdict(list)
    for trial in trials:
        found[settings_of(trial), trial["sequence"]].append(trial["F"])
    sequences = list(dict.fromkeys(trial["sequence"] for trial in trials))
    print("| settings | " + " | ".join(sequences) + " | mean | spread |")
    print("|---|" + "---:|" * (len(sequences) + 2))
    for settings in dict.fromkeys(settings_of(trial) for trial in trials):
        cells = [found.get((settings, sequence)) for sequence in sequences]
        means = [statistics.fmean(cell) if cell else None for cell in cells]
        known = [mean for mean in means if mean is not None]
        spreads = [max(cell) - min(cell) for cell in cells if cell and len(cell) > 1]
        numbers = means + [statistics.fmean(known), statistics.fmean(spreads) if spreads else None]
        print(f"| {settings} | " + " | ".join("" if x is None else f"{x:.3f}"[x < 1:] for x in numbers) + " |")


def print_correlations(trials):
    print("\n| sequence | trials | score and F |\n|---|---:|---:|")
    for sequence in dict.fromkeys(trial["sequence"] for trial in trials):
        rows = [trial for trial in trials if trial["sequence"] == sequence]
        if len(rows) > 2:
            value = correlation([row["score"] for row in rows], [row["F"] for row in rows])
            print(f"| {sequence} | {len(rows)} | {value:.2f} |")


def main():
    trials = [trial for trial in json.load(sys.stdin)["trials"] if trial["state"] == "done"]
    print_table(trials)
    print_correlations(trials)


if __name__ == "__main__":
    main()
