#!/usr/bin/env bash
# Builds a preset and runs its whole test suite: scripts/test.sh [release|debug|asan] [ctest options ...]
set -euo pipefail
cd "$(dirname "$0")/.."

preset=${1:-release}
shift || true
scripts/build.sh "$preset"
ctest --preset "$preset" "$@"
