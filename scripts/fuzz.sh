#!/usr/bin/env bash
# Feeds broken files to the readers of files that may come from strangers, under sanitizers: scripts/fuzz.sh [SECONDS]
# SECONDS is for each reader. Needs clang. A file that breaks a reader is kept in build/fuzz/findings, and the script fails.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-60}
cmake --preset fuzz >/dev/null
cmake --build --preset fuzz
mkdir -p build/fuzz/findings

fuzz() { # reader, folder of good files
  mkdir -p "build/fuzz/corpus/$1"
  "build/fuzz/tests/fuzz/proxseg_$1_fuzz" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
    -malloc_limit_mb=256 -max_len=65536 -print_final_stats=1 -artifact_prefix=build/fuzz/findings/ "build/fuzz/corpus/$1" "$2"
}
fuzz recipe configs
for reader in labels safetensors sweep temporal_roi y4m; do
  fuzz "$reader" "tests/fuzz/corpus/$reader"
done
