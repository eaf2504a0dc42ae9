#!/usr/bin/env bash
# Trains, infers and checks the results on the bundled sequence, as a user would: scripts/smoke.sh PROGRAM
set -euo pipefail
cd "$(dirname "$0")/.."

proxseg=$(realpath "$1")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

expect() { # description, actual, expected
  [ "$2" = "$3" ] || { echo "smoke: $1: $2, expected $3" >&2; exit 1; }
}
count() { find "$1" -name "$2" | wc -l; }

"$proxseg" doctor >/dev/null
"$proxseg" inspect data/synthetic >/dev/null
"$proxseg" run data/synthetic --output "$folder/run" --set train.steps=30
frames=$(count data/synthetic/input '*.jpg')
expect "masks of run" "$(count "$folder/run/mask" 'in*.png')" "$frames"
for file in overlay.mp4 preview.png report.html; do [ -s "$folder/run/$file" ]; done

"$proxseg" infer --model "$folder/run" --input data/synthetic --output "$folder/cdnet" --layout cdnet
expect "masks in CDnet's layout" "$(count "$folder/cdnet" 'bin*.png')" "$frames"
cmp "$folder/run/mask/in000060.png" "$folder/cdnet/bin000060.png"

"$proxseg" train --resume "$folder/run" --set train.steps=32
expect "rows of metrics.csv" "$(wc -l <"$folder/run/metrics.csv")" 33

"$folder/run/reproduce.sh" "$folder/again"
"$proxseg" report "$folder"
grep -q 'href="./run/report.html"' "$folder/report.html"

code=0
"$proxseg" run "$folder/nothing" --output "$folder/none" 2>"$folder/error" || code=$?
expect "exit code for a missing input" "$code" 4
grep -q "$folder/nothing" "$folder/error"
echo "smoke: all is well"
