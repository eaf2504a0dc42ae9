#!/usr/bin/env bash
# Feeds the readers of recipes and weights with broken files, under sanitizers: scripts/fuzz.sh [SECONDS for each]
# Needs clang. What breaks a reader is left in build/fuzz/findings, and the script fails.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-60}
cmake --preset fuzz >/dev/null
cmake --build --preset fuzz
mkdir -p build/fuzz/findings

fuzz() { # reader, folder of good files
  mkdir -p "build/fuzz/corpus/$1"
  "build/fuzz/tests/fuzz/proxseg_$1_fuzz" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
    -malloc_limit_mb=256 -print_final_stats=1 -artifact_prefix=build/fuzz/findings/ "build/fuzz/corpus/$1" "$2"
}
fuzz recipe configs
fuzz safetensors tests/fuzz/corpus/safetensors
