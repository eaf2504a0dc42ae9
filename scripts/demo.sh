#!/usr/bin/env bash
# The quickest start: installs, builds, fetches a real surveillance video, trains on it without labels, exports masks.
# Results are in runs/demo. A second run neither builds nor downloads again what is there.
set -euo pipefail
cd "$(dirname "$0")/.."

video=build/demo/vtest.avi
output=runs/demo

# vtest.avi (768 x 576, 795 frames, pedestrians) is one file of Debian's opencv-doc package.
fetch_video() {
  local folder
  mkdir -p build/demo
  folder=$(mktemp -d)
  chmod 755 "$folder"
  (cd "$folder" && apt-get download -qq opencv-doc >/dev/null 2>&1) &&
    dpkg-deb --fsys-tarfile "$folder"/opencv-doc_*.deb |
    tar -x --to-stdout ./usr/share/doc/opencv-doc/examples/data/vtest.avi >"$video.partial" 2>/dev/null &&
    [ -s "$video.partial" ] && mv "$video.partial" "$video"
  local result=$?
  rm -rf "$folder" "$video.partial"
  return $result
}

echo "1/3  Building (the first time takes some minutes)"
scripts/build.sh release proxseg

echo "2/3  Fetching a real surveillance video"
if [ ! -s "$video" ] && ! fetch_video; then
  echo "     Debian's opencv-doc package is not available; the bundled synthetic sequence is used instead."
  video=data/synthetic
fi

echo "3/3  Learning from $video, without labels"
build/release/proxseg run "$video" --output "$output" --force

cat <<END

Masks:          $output/mask
Overlay video:  $output/overlay.mp4
Preview sheet:  $output/preview.png

Your own video, from a camera that stands still:
  build/release/proxseg run VIDEO --output runs/mine
END
