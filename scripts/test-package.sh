#!/usr/bin/env bash
# Packs the release build, installs the package in an empty Debian, and trains on a video there:
# scripts/test-package.sh VIDEO
# Needs root, debootstrap, dpkg-dev, and scripts/build.sh before.
set -euo pipefail
video=$(realpath "$1")
cd "$(dirname "$0")/.."

suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
root=build/root/package
in_root() { scripts/in-root.sh "$suite" "$root" "$@"; }

rm -rf "$root" build/package
cmake --build build/release --target proxseg
(cd build/release && cpack -B ../package)
in_root apt-get update -qq
cp build/package/proxseg_*.deb "$root/proxseg.deb"
in_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq /proxseg.deb >build/package/install.log
cp "$video" "$root/${video##*/}"
in_root proxseg doctor
in_root proxseg run "/${video##*/}" --output /result

in_root proxseg inspect "/${video##*/}" --json >build/package/video.json
frames=$(grep -Po '"readable": \K\d+' build/package/video.json)
masks=$(find "$root/result/mask" -name '*.png' | wc -l)
[ "$frames" -eq "$masks" ] && [ -s "$root/result/overlay.mp4" ] && [ -s "$root/result/report.html" ]
echo "package: $masks masks of $frames frames"
