#!/usr/bin/env bash
# Installs what is missing and builds a preset of CMakePresets.json: scripts/build.sh [PRESET] [TARGET ...]
# Quiet when all is well; build/PRESET/proxseg is the program.
set -euo pipefail
cd "$(dirname "$0")/.."

preset=${1:-release}
shift || true
scripts/install-dependencies.sh

mkdir -p build
log=build/$preset.log
if ! { cmake --preset "$preset" && cmake --build --preset "$preset" ${1:+--target "$@"}; } >"$log" 2>&1; then
  tail -n 60 "$log" >&2
  echo "The build failed; the whole log is in $log" >&2
  exit 1
fi
