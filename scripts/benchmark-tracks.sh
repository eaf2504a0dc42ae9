#!/usr/bin/env bash
# How well objects keep their identities, against overlap alone (boxes of IoU >= .3, the best first): on true masks of
# generated streets and on those of the generic network:
#   scripts/benchmark-tracks.sh [OUTPUT]
# Prints the table. OUTPUT (runs/benchmark-tracks) keeps the streets and the masks.
set -euo pipefail

output=$(realpath -m "${1:-runs/benchmark-tracks}")
cd "$(dirname "$0")/.."
scripts/build.sh release proxseg proxseg_track_benchmark >&2
program=build/release/proxseg
benchmark=build/release/tests/track/proxseg_track_benchmark
seeds=(1 2 3)

"$benchmark" "${seeds[@]}"
for objects in 2 4 6; do
  for seed in "${seeds[@]}"; do
    street=$output/street-$objects-$seed
    "$program" synth --output "$street" --force --frames 300 --width 240 --height 180 --objects "$objects" --seed "$seed" >&2
    "$program" infer --model generic --input "$street" --output "$street-masks" --force >&2
    "$benchmark" --masks "generic, $objects at once, seed $seed" "$street-masks/mask" "$street/tracks.txt"
  done
done
