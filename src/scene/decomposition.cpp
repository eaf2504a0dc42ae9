#include "proxseg/scene/decomposition.h"

#include "proxseg/core/check.h"

namespace proxseg {

UNetOptions network_options(Form form, UNetOptions options, int64_t frame_channels) {
  const bool masked = form == Form::kMasked;
  options.in_channels = masked ? 2 * frame_channels : frame_channels;
  options.out_channels = masked ? 1 : frame_channels;
  options.out_bias = masked;
  return options;
}

torch::Tensor network_input(Form form, const torch::Tensor& frames,
                            const torch::Tensor& background) {
  expect_tensor(frames, {"N", "C", "H", "W"}, "frames");
  if (form == Form::kSigned) return frames;
  expect_tensor(background, {1, frames.size(1), frames.size(2), frames.size(3)}, "background");
  return torch::cat({frames, frames - background}, 1);
}

Decomposition decompose(Form form, const torch::Tensor& output, const torch::Tensor& frames,
                        const torch::Tensor& background, const torch::Tensor& roi) {
  expect_tensor(frames, {"N", "C", "H", "W"}, "frames");
  const int64_t n = frames.size(0), c = frames.size(1), h = frames.size(2), w = frames.size(3);
  expect_tensor(output, {n, form == Form::kSigned ? c : 1, h, w}, "output");
  if (roi.defined()) expect_tensor(roi, {1, 1, h, w}, "roi");
  const auto inside = [&](const torch::Tensor& x) { return roi.defined() ? x * roi : x; };

  Decomposition result;
  if (form == Form::kSigned) {
    result.foreground = inside(output);
    result.mask = result.foreground.abs().amax(1, /*keepdim=*/true);
  } else {
    expect_tensor(background, {1, c, h, w}, "background");
    result.mask = inside(torch::sigmoid(output));
    result.foreground = result.mask * (frames - background);
  }
  result.background = frames - result.foreground;
  return result;
}

}  // namespace proxseg
