#!/usr/bin/env bash
# Trains on every sequence with ground truth of a tree and compares with classical methods:
#   scripts/benchmark.sh [TREE] [OUTPUT] [arguments for proxseg compare ...]
# Writes OUTPUT/results.md and OUTPUT/results.csv and prints the table. OUTPUT/log is what compare says while it works.
# Masks and networks lie in a folder for each build, so that a benchmark that was stopped goes on only with its own build.
set -euo pipefail

root=$(realpath "$(dirname "$0")/..")
tree=$root/../shared/data
[ -d "$tree" ] || tree=$root/data/synthetic
tree=$(realpath "${1:-$tree}")
output=$(realpath -m "${2:-$root/runs/benchmark}")
shift $(($# < 2 ? $# : 2))

cd "$root"
scripts/build.sh release proxseg
program=build/release/proxseg
work=$output/$(sha256sum <"$program" | head -c 12)
mkdir -p "$work"

commit=$(git rev-parse --short HEAD)
[ -z "$(git status --porcelain)" ] || commit+=" + changes"
machine="$(sed -n '/^model name/{s/[^:]*: //p;q}' /proc/cpuinfo), $(getconf _NPROCESSORS_ONLN) cores"
header="proxseg $commit, $(date +%F), $machine: proxseg compare $(basename "$tree")${*:+ $*}"

code=0
table=$("$program" compare "$tree" --output "$work" --csv "$work/results.csv" --markdown "$work/results.md" "$@" \
  2>"$output/log") || code=$?
if [ "$code" -ne 0 ]; then
  tail -n 20 "$output/log" >&2
  exit "$code"
fi
{ echo "$header" && echo && cat "$work/results.md"; } >"$output/results.md"
{ echo "# $header" && cat "$work/results.csv"; } >"$output/results.csv"
echo "$table"
