#!/usr/bin/env bash
# Installs what is missing and builds a preset: scripts/build.sh [release|debug|asan|tsan] [TARGET]
# Quiet when all is well; build/PRESET/proxseg is the program.
set -euo pipefail
cd "$(dirname "$0")/.."

preset=${1:-release}
target=${2:-all}
scripts/install-dependencies.sh

mkdir -p build
log=build/$preset.log
if ! { cmake --preset "$preset" && cmake --build --preset "$preset" --target "$target"; } >"$log" 2>&1; then
  tail -n 60 "$log" >&2
  echo "The build failed; the whole log is in $log" >&2
  exit 1
fi
