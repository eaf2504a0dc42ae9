#!/usr/bin/env bash
# Shows that these sources work on a Debian release, as README says: scripts/test-debian.sh bookworm|trixie [ctest options ...]
# Makes an empty Debian in build/root/SUITE, or takes the one that an earlier call made and builds only what has changed;
# runs there what README begins with, demo.sh and test.sh, then makes the Debian package and installs it.
# Needs root and debootstrap.
set -euo pipefail
cd "$(dirname "$0")/.."

suite=${1:?usage: $0 bookworm|trixie [ctest options ...]}
shift
root=build/root/$suite
in_root() { scripts/in-root.sh "$suite" "$root" "$@"; }

in_root mkdir -p /proxseg
find "$root/proxseg" -mindepth 1 -maxdepth 1 ! -name build -exec rm -rf {} +
git ls-files -z --cached --others --exclude-standard | tar -c --null -T - | tar -x -C "$root/proxseg"
in_root /proxseg/scripts/demo.sh

# Without Python's LibTorch and OpenCV and without a broker, tests would be skipped; the package needs the others.
in_root bash -c 'dpkg --status "$@" >/dev/null 2>&1 || {
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
}' install python3-torch python3-opencv mosquitto dpkg-dev file
in_root /proxseg/scripts/test.sh release "$@"

in_root bash -c 'cd /proxseg/build/release && rm -f proxseg_*.deb && cpack && apt-get install -y -qq --reinstall ./proxseg_*.deb &&
  cd / && proxseg --version && proxseg doctor' >"$root.package.log" 2>&1 || { cat "$root.package.log" >&2; exit 1; }
echo "$suite: all is well"
