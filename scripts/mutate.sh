#!/usr/bin/env bash
# Breaks the numeric core in small ways, one at a time, and checks that a test notices:
#   scripts/mutate.sh [PATTERN]    only the mutations whose line matches
# Works on a copy of this checkout and of build/dev (scripts/build.sh dev makes it), mounted in its place for this script
# alone. Fails when a mutation survives, no longer applies or does not compile.
set -euo pipefail
cd "$(dirname "$0")/.."

# FILE @ TEXT, which must occur @ WHAT TAKES ITS PLACE, once
mutations() {
  grep -E -- "${1:-}" <<'END'
src/prox/operators.cpp @ x - x.clamp(-t, t) @ x + x.clamp(-t, t)
src/prox/operators.cpp @ t / norm.clamp_min(t) @ t / norm
src/prox/operators.cpp @ singular_value_threshold(X.t(), t).t() @ singular_value_threshold(X.t(), t)
src/prox/operators.cpp @ 1 - t * spectral_weights @ 1 + t * spectral_weights
src/prox/penalty.cpp @ 0.5 * torch::log1p((s / e).square()) @ torch::log1p((s / e).square())
src/prox/penalty.cpp @ s.pow(o.p) / o.p @ s.pow(o.p)
src/prox/penalty.cpp @ s.clamp_min(options.knee) @ s.clamp_min(0.5 * options.knee)
src/prox/penalty.cpp @ tail(w, o.rank).copy_(tail(m, o.rank).reciprocal()) @ tail(w, o.rank + 1).copy_(tail(m, o.rank + 1).reciprocal())
src/prox/penalty.cpp @ (e + m).square() * m @ (e + m) * m
src/prox/penalty.cpp @ .masked_fill(s == 0, 0) @ 
src/prox/spectral.cpp @ 0.5 * mean @ mean
src/prox/spectral.cpp @ b[i] + b[j] @ b[i]
src/prox/spectral.cpp @ (V * w).mm(V.t()) @ (V * w).mm(V)
src/prox/spectral.cpp @ vectors.flip(1) @ vectors
src/prox/spectral.cpp @ squares.masked_fill(squares <= floor, 0) @ squares.clamp_min(0)
src/prox/sparse_norms.cpp @ std::clamp(d * steepness, -bound, bound) @ std::clamp(d * steepness, -2 * bound, bound)
src/prox/sparse_norms.cpp @ (above[j] - below[j]) @ (above[j] + below[j])
src/prox/sparse_norms.cpp @ across[j] - across[j + 1] @ across[j + 1] - across[j]
src/prox/sparse_norms.cpp @ (d > 0) - (d < 0) @ (d >= 0) - (d < 0)
src/prox/sparse_norms.cpp @ size.clamp_min(slope.knee) @ (size + slope.knee)
src/prox/sparse_norms.cpp @ .masked_fill_(size == 0, 0) @ 
src/prox/sparse_norms.cpp @ std::abs(static_cast<double>(x[i])) @ static_cast<double>(x[i])
src/train/loss.cpp @ std::max(n, frames.numel() @ std::min(n, frames.numel()
src/train/loss.cpp @ lambda / d.scale * d.background @ lambda * d.scale * d.background
src/train/loss.cpp @ d.scale.defined() ? 2 : 1 @ d.scale.defined() ? 1 : 2
src/train/loss.cpp @ kMask ? channels : 1 @ kMask ? 1 : channels
src/train/loss_gradient.cpp @ d.foreground.detach() - d.foreground @ d.foreground - d.foreground.detach()
src/train/loss_gradient.cpp @ d.background.detach() + relaxed @ d.background + relaxed
src/train/loss_gradient.cpp @ -torch::xlogy(p, p) @ torch::xlogy(p, p)
src/train/loss_gradient.cpp @ lambda_, batch_.bytes.size(1) @ lambda_, batch_.bytes.size(0)
src/train/loss_gradient.cpp @ > recipe.mask.threshold @ < recipe.mask.threshold
src/train/loss_gradient.cpp @ weight * weigh(parts @ weigh(parts
src/train/schedule.cpp @ 1.0 + std::cos @ 1.0 - std::cos
src/train/schedule.cpp @ static_cast<double>(step + 1) @ static_cast<double>(step)
src/train/schedule.cpp @ side / 2 >= kLeastSide @ side / 2 > kLeastSide
src/train/schedule.cpp @ step) < steps @ step) <= steps
src/scene/decomposition.cpp @ frames - result.foreground @ frames + result.foreground
src/scene/decomposition.cpp @ (frames - scene.background) @ (scene.background - frames)
src/scene/decomposition.cpp @ .clamp_max_(1.0) @ 
src/scene/decomposition.cpp @ mask * scene.roi @ mask
src/scene/components.cpp @ lower.begin <= upper.end @ lower.begin < upper.end
src/scene/components.cpp @ upper.end < lower.end ? ++i : ++j @ ++j
src/nn/kernels/batch_norm_relu.cpp @ v + m * m @ v - m * m
src/nn/kernels/batch_norm_relu.cpp @ means[1] - means[0] * means[0] @ means[1]
src/nn/kernels/batch_norm_relu.cpp @ > 0.0F ? dy : 0.0F @ < 0.0F ? dy : 0.0F
src/nn/kernels/batch_norm_relu.cpp @ -affine.a * means[0] - p * mean @ -affine.a * means[0]
src/nn/kernels/upsample.cpp @ 2 * i + 2, 2 * size - 1 @ 2 * i + 1, 2 * size - 1
src/nn/kernels/pixel_shuffle.cpp @ corner[i * strides.row + j * strides.column] @ corner[j * strides.row + i * strides.column]
src/nn/kernels/output_layer.cpp @ std::fabs(static_cast<float>(from[l])) @ static_cast<float>(from[l])
src/nn/kernels/output_layer.cpp @ totals[i] + weights.bias[first + i] @ totals[i]
src/nn/kernels/output_layer.cpp @ i / 2 * step + i % 2 @ i % 2 * step + i / 2
src/nn/kernels/output_layer.cpp @ sums.of[2], sums.of[3], second @ sums.of[3], sums.of[2], second
src/nn/kernels/pixel_shuffle.cpp @ row += values @ row += channels
src/nn/kernels/pixel_shuffle.cpp @ std::min(i * r + k, h - 1) @ std::min(i * r, h - 1)
src/nn/kernels/pixel_shuffle.cpp @ std::min(j, w - 1) @ std::min(j, w - 2)
src/nn/kernels/pixel_shuffle.cpp @ view({channels, r * r}).t() @ view({r * r, channels}).t()
src/scene/background.cpp @ below[b] <= static_cast<int>(q * shown[b]) @ below[b] < static_cast<int>(q * shown[b])
src/scene/background.cpp @ shown[b] |= static_cast<uchar>(counts_[b] == 0) @ shown[b] |= static_cast<uchar>(0)
src/scene/background.cpp @ kBits = 18; @ kBits = 17;
src/scene/background.cpp @ b / channels * covered[0].cols / size.width @ std::min(b / channels, covered[0].cols - 1)
src/scene/network_input.cpp @ gains.data_ptr<float>()[n] @ gains.data_ptr<float>()[0]
src/scene/network_input.cpp @ first = k % rows * size @ first = k % h * size
src/scene/network_input.cpp @ values + frame @ values + size
src/scene/network_input.cpp @ .clamp(-kMostDifference, kMostDifference) @ 
src/train/batch.cpp @ .add_(2) @ 
src/train/batch.cpp @ narrow(3, window.left, window.width) @ narrow(3, 0, window.width)
src/train/schedule.cpp @ height - window.height + 1 @ height - window.height
END
}

# Starts over on the copy.
if [ -z "${PROXSEG_MUTANT:-}" ]; then
  copy=$(mktemp -d)
  trap 'rm -rf "$copy"' EXIT
  git ls-files -z | xargs -0 cp -a --parents -t "$copy"
  mkdir "$copy/build"
  cp -a build/dev "$copy/build/"
  unshare --mount --map-root-user bash -c 'mount --bind "$1" "$PWD" && cd "$PWD" && PROXSEG_MUTANT=1 scripts/mutate.sh "$2"' \
    _ "$copy" "${1:-}"
  exit
fi

fields() { # LINE: file, text, replacement
  file=${1%% @ *} text=${1#* @ }
  replacement=${text#* @ } text=${text%% @ *}
  module=$(cut -d/ -f2 <<<"$file")
}

test_of() { echo "build/dev/tests/$1/proxseg_$1_test"; }

build() { cmake --build build/dev --target "proxseg_$1_test" >build/mutate.log 2>&1; }

mapfile -t lines < <(mutations "${1:-}")
failures=0
for line in "${lines[@]}"; do
  fields "$line"
  grep -qF -- "$text" "$file" || { echo "no longer applies: $line"; failures=$((failures + 1)); }
done
[ "$failures" -eq 0 ] || exit 1

for module in $(printf '%s\n' "${lines[@]}" | cut -d/ -f2 | sort -u); do
  build "$module" && "$(test_of "$module")" --gtest_brief=1 >build/mutate.log 2>&1 ||
    { cat build/mutate.log >&2; echo "the tests of $module fail without any mutation" >&2; exit 1; }
done

caught=0
for line in "${lines[@]}"; do
  fields "$line"
  cp -p "$file" build/original
  content=$(<"$file")
  printf '%s\n' "${content/"$text"/"$replacement"}" >"$file"
  if ! build "$module"; then
    echo "does not compile: $line"
  elif timeout 300 "$(test_of "$module")" --gtest_brief=1 --gtest_fail_fast >build/mutate.log 2>&1; then
    echo "survived: $line"
  else
    caught=$((caught + 1))
  fi
  cp build/original "$file" # with a new time, so that it is built again
done
echo "$caught of ${#lines[@]} mutations caught"
[ "$caught" -eq "${#lines[@]}" ]
