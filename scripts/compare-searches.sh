#!/usr/bin/env bash
# Searches twelve fields by tpe and at random, with the same number of configurations, and prints
# the F-measure of the best configuration of each, for each seed of the search:
#   scripts/compare-searches.sh OUTPUT SEQUENCE...
# Sequences need ground truth. TRIALS=30 and SEEDS=5 change how many. Goes on where it stopped.
# PROXSEG=PATH takes another program.
set -euo pipefail

program=${PROXSEG:-$(dirname "$0")/../build/release/proxseg}
trials=${TRIALS:-30} seeds=${SEEDS:-5}
[ $# -ge 2 ] || { sed -n '2,6s/^# //p' "$0"; exit 2; }
output=$1
shift
mkdir -p "$output"
inputs=$(for sequence in "$@"; do printf ', "%s"' "$(realpath "$sequence")"; done)

write_file() { # SEARCH SEED
  cat <<JSON
{
  "base": "fast",
  "inputs": [${inputs:2}],
  "set": {
    "threads": 1, "input.pixels": 10000, "train.init": "none", "train.steps": 40, "model.channels": 8
  },
  "$1": {
    "trials": $trials,
    "seed": $2,
    "loss.l1.weight": { "log_uniform": [0.02, 10] },
    "loss.tv.weight": { "log_uniform": [0.02, 10] },
    "loss.nuclear.weight": { "log_uniform": [0.02, 10] },
    "loss.nuclear.penalty": { "choice": ["nuclear", "truncated", "log_det"] },
    "background.noise_floor": { "uniform": [0.02, 0.3] },
    "model.norm": { "choice": ["batch", "group", "none"] },
    "model.depth": { "integer": [1, 3] },
    "train.learning_rate": { "log_uniform": [0.0001, 0.1] },
    "train.batch": { "integer": [4, 12] },
    "train.optimizer": { "choice": ["adam", "adamw", "sgd"] },
    "mask.threshold": { "uniform": [0.05, 0.95] },
    "mask.min_area": { "log_uniform": [0.00001, 0.01] }
  }
}
JSON
}

best() { # SEARCH SEED
  local folder=$output/$1-$2
  write_file "$1" "$2" >"$folder.json"
  "$program" sweep "$folder.json" --output "$folder" --jobs 2 -q --no-progress >"$folder.log" 2>&1 ||
    echo "$folder: not all trials were done, see $folder.log" >&2
  "$program" sweep best "$folder" --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["mean"])'
}

echo "seed  tpe  random"
for ((seed = 1; seed <= seeds; ++seed)); do
  printf '%s  %.4f  %.4f\n' "$seed" "$(best tpe "$seed")" "$(best random "$seed")"
done
