#!/usr/bin/env bash
# Checks the format of every source, and analyses each with cppcheck and clang-tidy; any finding fails it. .cppcheck and
# .clang-tidy say which findings are suppressed, and why. clang-tidy takes long the first time; then it reads what has changed.
set -euo pipefail
cd "$(dirname "$0")/.."

git ls-files -z '*.cpp' '*.h' | xargs -0 clang-format --dry-run --Werror
cppcheck --quiet --error-exitcode=1 --std=c++20 --language=c++ --enable=warning,style,performance,portability \
  --library=googletest '-DINSTANTIATE_TEST_SUITE_P(...)=' --suppressions-list=.cppcheck \
  -I include -I src -I tests src include tests docs/examples
cmake --preset tidy >/dev/null
cmake --build --preset tidy -- --quiet -k 0
