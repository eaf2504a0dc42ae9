#!/usr/bin/env bash
# Feeds readers of files that may come from anywhere with broken ones, under sanitizers: scripts/fuzz.sh [SECONDS for each]
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
    -malloc_limit_mb=256 -max_len=65536 -print_final_stats=1 -artifact_prefix=build/fuzz/findings/ "build/fuzz/corpus/$1" "$2"
}
fuzz recipe configs
for reader in labels safetensors sweep temporal_roi y4m; do
  fuzz "$reader" "tests/fuzz/corpus/$reader"
done
