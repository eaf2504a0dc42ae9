#!/usr/bin/env bash
# How well objects keep their identities, against overlap alone (boxes of IoU >= .3, the best first): on true masks of
# generated streets and on those of the generic network; and, given a folder with the sequences of CDnet 2014 and
# SBI2015 that tests/track/real has boxes of, on those:
#   scripts/benchmark-tracks.sh [OUTPUT] [DATA]
# Prints the tables. OUTPUT (runs/benchmark-tracks) keeps the streets, the masks and the tracks. STREETS=no leaves the
# streets out.
set -euo pipefail

output=$(realpath -m "${1:-runs/benchmark-tracks}")
data=${2:+$(realpath "$2")}
cd "$(dirname "$0")/.."
scripts/build.sh release proxseg proxseg_track_benchmark >&2
program=build/release/proxseg
benchmark=build/release/tests/track/proxseg_track_benchmark

streets() {
  local seeds=(1 2 3) objects seed street
  "$benchmark" "${seeds[@]}"
  for objects in 2 4 6; do
    for seed in "${seeds[@]}"; do
      street=$output/street-$objects-$seed
      "$program" synth --output "$street" --force --frames 300 --width 240 --height 180 --objects "$objects" --seed "$seed" >&2
      "$program" infer --model generic --input "$street" --output "$street-masks" --force >&2
      "$benchmark" --masks "generic, $objects at once, seed $seed" "$street-masks/mask" "$street/tracks.txt"
    done
  done
}

# row SEQUENCE MASKS TRACKER TRACKS
row() {
  "$program" eval --tracks "$4" --truth "tests/track/real/$1.txt" --markdown "$output/row.md" >&2
  printf '| %s | %s | %s %s\n' "$1" "$2" "$3" "$(tail -n 1 "$output/row.md")"
}

# sequence NAME FOLDER RANGE
sequence() {
  local name=$1 folder=$data/$2 range=$3 at=$output/$1
  "$benchmark" --follow "$folder/groundtruth" "$range" "$at-true"
  "$program" infer --model generic --input "$folder" --set input.range="$range" --save mask,tracks --output "$at" --force >&2
  "$benchmark" --follow "$at/mask" '' "$at-generic"
  row "$name" true "the program" "$at-true/tracks.txt"
  row "$name" true overlap "$at-true/plain.txt"
  row "$name" generic "the program" "$at/tracks.txt"
  row "$name" generic overlap "$at-generic/plain.txt"
}

mkdir -p "$output"
[ "${STREETS:-yes}" = no ] || streets
[ -n "$data" ] || exit 0
echo
echo '| sequence | masks | tracker | HOTA | DetA | AssA | IDF1 | MOTA | IDSW | FN | FP | boxes | objects |'
echo '|---|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|'
sequence highway CDnet2014/baseline_highway 766:965
sequence HighwayI SBI2015/HighwayI 131:250
sequence CAVIAR2 SBI2015/CAVIAR2 61:260
