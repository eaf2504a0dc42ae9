#!/usr/bin/env bash
# How well a network segments sequences that it has never seen: three times, a network is trained on two thirds of the
# sequences of a tree and segments the others, with nothing but their own reference background:
#   scripts/benchmark-unseen.sh [TREE] [OUTPUT] [arguments for proxseg train ...]
# Writes OUTPUT/results.md and prints the table. OUTPUT/log is what the program says while it works. Finished trainings are
# kept: a benchmark that was stopped goes on.
set -euo pipefail

root=$(realpath "$(dirname "$0")/..")
tree=$(realpath "${1:-$root/../shared/data}")
output=$(realpath -m "${2:-$root/runs/benchmark-unseen}")
shift $(($# < 2 ? $# : 2))

cd "$root"
scripts/build.sh release proxseg
program=build/release/proxseg
work=$output/$(sha256sum <"$program" | head -c 12)
mkdir -p "$work"

mapfile -t sequences < <(cd "$tree" && find . -type d -name groundtruth -printf '%P\n' | sed 's:/groundtruth$::' | sort)
folds=3
[ "${#sequences[@]}" -ge "$folds" ] || { echo "'$tree' has fewer than $folds sequences with ground truth" >&2; exit 4; }

train_and_segment() { # fold
  local fold=$1 inputs=() run=$work/run-$1 i
  shift
  for i in "${!sequences[@]}"; do
    ((i % folds == fold)) || inputs+=(--input "$tree/${sequences[i]}")
  done
  [ -e "$run/model.safetensors" ] || "$program" train "${inputs[@]}" --output "$run" --force --init none --set train.steps=300 "$@"
  for i in "${!sequences[@]}"; do
    ((i % folds == fold)) || continue
    "$program" infer --model "$run" --input "$tree/${sequences[i]}" --output "$work/masks/${sequences[i]}" --layout cdnet
  done
}

commit=$(git rev-parse --short HEAD)
[ -z "$(git status --porcelain)" ] || commit+=" + changes"
for ((fold = 0; fold < folds; ++fold)); do
  train_and_segment "$fold" "$@" >>"$output/log" 2>&1 || { code=$?; tail -n 20 "$output/log" >&2; exit "$code"; }
done
"$program" eval --masks "$work/masks" --ground-truth "$tree" --markdown "$work/results.md"
{
  echo "proxseg $commit, $(date +%F): scripts/benchmark-unseen.sh $(basename "$tree")${*:+ $*}" && echo
  cat "$work/results.md"
} >"$output/results.md"
