#!/usr/bin/env bash
# Compares a GPU with the CPU: scripts/gpu-check.sh [BUILD_FOLDER] [DEVICE]
# Builds nothing: takes the program and the tests of BUILD_FOLDER (build/release), whose LibTorch must have CUDA. Runs
# the tests that need a GPU, trains, segments and measures the same sequence on DEVICE (cuda) and on the
# CPU, in under four minutes, and prints a table. Fails where results differ by more than rounding does.
set -euo pipefail
cd "$(dirname "$0")/.."

build=$(realpath "${1:-build/release}")
device=${2:-cuda}
proxseg=$build/proxseg
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
fail() { echo "gpu-check: $1" >&2; exit 1; }
value() { sed -n "s/^ *\"$2\": \([-0-9.e]*\),*\$/\1/p" "$1" | head -n 1; } # of a key in indented JSON

if [ "$device" != cpu ]; then
  "$proxseg" doctor --json | grep -A1 '"CUDA"' | grep -q '"yes"' ||
    fail "this LibTorch sees no CUDA device: build with one that has CUDA, on a machine with a GPU"
  for module in core prox train segment; do
    tests=$build/tests/$module/proxseg_${module}_test
    [ -x "$tests" ] || continue
    "$tests" --gtest_brief=1 --gtest_filter='Cuda.*:*OnAGpu' || fail "tests of $module fail"
  done
fi

"$proxseg" synth --quiet --frames 300 --width 320 --height 240 --seed 5 --output "$folder/street" >/dev/null
measure() { # name of the results, device
  local all=(--device "$2" --precision fp32 --quiet)
  "$proxseg" train --input "$folder/street" --output "$folder/$1.run" "${all[@]}" --json >"$folder/$1.train.json"
  "$proxseg" infer --model "$folder/$1.run" --input "$folder/street" --output "$folder/$1" "${all[@]}" --json \
    >"$folder/$1.infer.json"
  "$proxseg" infer --model "$folder/cpu.run" --input "$folder/street" --output "$folder/$1.same" "${all[@]}" >/dev/null
  "$proxseg" eval --masks "$folder/$1" --ground-truth "$folder/street" --quiet --json >"$folder/$1.eval.json"
}
measure cpu cpu
measure device "$device"

differing=0
for mask in "$folder"/cpu.same/mask/*.png; do
  cmp -s "$mask" "$folder/device.same/mask/${mask##*/}" || differing=$((differing + 1))
done

echo
echo "| 300 frames of 320 x 240, float32 | cpu | $device |"
echo "|---|---:|---:|"
row() { printf '| %s | %.3g | %.3g |\n' "$1" "$(value "$folder/cpu.$2.json" "$3")" "$(value "$folder/device.$2.json" "$3")"; }
row "training, s" train seconds
row "frames segmented a second" infer frames_per_second
row "F" eval F
echo "| masks of one network that differ, of 300 | | $differing |"
echo
"$proxseg" bench --device "$device" --size 320x240 --config default --baseline knn --quiet

f_cpu=$(value "$folder/cpu.eval.json" F)
f_device=$(value "$folder/device.eval.json" F)
awk -v a="$f_cpu" -v b="$f_device" 'BEGIN { exit !(a > 0.5 && b > a - 0.02 && b < a + 0.02) }' ||
  fail "F is $f_device on $device and $f_cpu on the CPU"
[ "$differing" -le 30 ] || fail "$differing of 300 masks of one network differ"
echo "gpu-check: all is well"
