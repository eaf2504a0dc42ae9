#!/usr/bin/env bash
# Trains the network that the program itself holds on generated scenes, without labels, and puts it where the build takes it
# from, data/generic/model.safetensors:
#   scripts/train-generic.sh [OUTPUT] [arguments for proxseg train ...]
# Build again afterwards. SCENES=320 takes more scenes. One thread, so that the same code gives the same weights; about ten minutes
# of it. A training that was stopped goes on.
#
# Area and outline weigh less than in a training on one video: scenes that it has not seen, at whose contrast it cannot look
# beforehand, want a network that rather sees too much.
set -euo pipefail

root=$(realpath "$(dirname "$0")/..")
output=$(realpath -m "${1:-$root/runs/generic}")
shift $(($# < 1 ? $# : 1))

cd "$root"
program=${PROXSEG:-build/release/proxseg}
[ -n "${PROXSEG:-}" ] || scripts/build.sh release proxseg
export OMP_NUM_THREADS=1

if [ -e "$output/run/provenance.json" ]; then
  "$program" train --resume "$output/run"
else
  "$program" synth --scenes "${SCENES:-160}" --frames 24 --output "$output/scenes" --force
  "$program" train --input "$output/scenes" --output "$output/run" \
    --set train.init=none --set train.steps=1200 --set loss.l1.weight=0.5 --set loss.tv.weight=0.75 "$@"
fi
mkdir -p data/generic
cp "$output/run/model.safetensors" data/generic/
