#!/usr/bin/env bash
# What each ingredient of a recipe, `default` unless another is named, is worth: each is left out in turn, with two seeds,
# on every sequence with ground truth of a tree:
#   scripts/ablation.sh TREE [OUTPUT] [RECIPE]
# A sweep in OUTPUT that can be stopped and started again; prints its ranking, 'proxseg sweep status OUTPUT' all of it.
set -euo pipefail

root=$(realpath "$(dirname "$0")/..")
tree=$(realpath "${1:?usage: scripts/ablation.sh TREE [OUTPUT]}")
output=$(realpath -m "${2:-$root/runs/ablation}")
recipe=${3:-default}
[ ! -e "$recipe" ] || recipe=$(realpath "$recipe")

cd "$root"
scripts/build.sh release proxseg
mkdir -p "$output"

inputs=$(find "$tree" -type d -name groundtruth | sed 's:\(.*\)/groundtruth$:"\1":' | sort | paste -sd,)
[ -n "$inputs" ] || { echo "'$tree' has no sequence with ground truth" >&2; exit 4; }

left_out=(
  ''                                                       # nothing
  '"loss.tv.weight": 0'                                    # the price of the outline
  '"background.method": "median"'                          # the settled background
  '"mask.remove_shadows": false'                           # the removal of shadows
  '"mask.median": 0, "mask.min_area": 0, "mask.fill_holes": 0, "mask.remove_shadows": false' # all cleaning
  '"background.stabilize": false'                          # the alignment of a shaking camera
  '"background.follow_exposure": false'                    # a background as bright as the frame
  '"model.detail": false'                                  # each pixel's own difference at the output
)
trials=()
for seed in 1 2; do
  for settings in "${left_out[@]}"; do trials+=("{\"seed\": $seed${settings:+, $settings}}"); done
done
(IFS=,; echo "{\"base\": \"$recipe\", \"inputs\": [$inputs], \"list\": [${trials[*]}]}") >"$output/ablation.json"
build/release/proxseg sweep "$output/ablation.json" --output "$output" --jobs 2
