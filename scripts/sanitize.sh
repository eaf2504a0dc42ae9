#!/usr/bin/env bash
# Builds with sanitizers and runs the whole suite: scripts/sanitize.sh [asan|asan-debug|tsan] [ctest options ...]
# asan: addresses, leaks and undefined behaviour; asan-debug: the same without optimisation, which hides some, for the
# modules whose tests are quick; tsan: races between threads. Any finding fails it, also in a program that
# a test starts; what is suppressed, and why, is in tests/sanitizers.
# The preset tsan gives each test one core, so that OpenMP and TBB, OpenCV's, start no threads: their
# libraries are not instrumented, and the sanitizer does not see how their threads wait for each other.
# GCC's own warning of uninitialised values is off in these presets: with sanitizers it names values in LibTorch's and the
# standard library's headers that are initialised (GCC's bug 105616).
set -euo pipefail
cd "$(dirname "$0")/.."

preset=${1:-asan}
shift || true
findings=$PWD/build/$preset/findings
export ASAN_OPTIONS=log_path=$findings/of:detect_stack_use_after_return=1:check_initialization_order=1
export UBSAN_OPTIONS=print_stacktrace=1:abort_on_error=1 # no exit code of the program is taken for it
export TSAN_OPTIONS=log_path=$findings/of:suppressions=$PWD/tests/sanitizers/tsan.txt

scripts/build.sh "$preset"
rm -rf "$findings"
mkdir -p "$findings"
code=0
ctest --preset "$preset" "$@" || code=$?
if compgen -G "$findings/*" >/dev/null; then
  cat "$findings"/*
  echo "sanitize: $(find "$findings" -type f | wc -l) processes had findings; they are above and in $findings" >&2
  exit 1
fi
exit "$code"
