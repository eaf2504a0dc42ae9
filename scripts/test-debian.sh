#!/usr/bin/env bash
# Builds these sources and runs the whole test suite on another Debian release: scripts/test-debian.sh trixie [ctest options ...]
# That Debian is in build/root/SUITE, made by the first call; later ones build only what has changed. Needs root and
# debootstrap.
set -euo pipefail
cd "$(dirname "$0")/.."

suite=$1
shift
root=build/root/$suite
in_root() { scripts/in-root.sh "$suite" "$root" "$@"; }

# Without Python's LibTorch and OpenCV a test of the documentation would be skipped.
in_root bash -c 'dpkg --status "$@" >/dev/null 2>&1 || {
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
}' install python3-torch python3-opencv
in_root mkdir -p /proxseg
find "$root/proxseg" -mindepth 1 -maxdepth 1 ! -name build -exec rm -rf {} +
git ls-files -z --cached --others --exclude-standard | tar -c --null -T - | tar -x -C "$root/proxseg"
in_root /proxseg/scripts/test.sh release "$@"
