#include "proxseg/train/memory.h"

#include <algorithm>

namespace proxseg {
namespace {

constexpr double kGiB = 1024.0 * 1024.0 * 1024.0;
constexpr double kForFrames = 0.25, kForNetwork = 0.5, kForLoss = 0.25;
constexpr int64_t kFloat = 4;

int64_t share(const TrainOptions& options, double part) {
  return static_cast<int64_t>(part * options.memory * kGiB);
}

// Channels that a convolution, norm and ReLU keep: the convolution's result if a norm needs it, the
// ReLU's, and with reflection the padded input.
int64_t block_channels(const UNetOptions& o, int64_t in, int64_t out) {
  return out * (o.norm == Norm::kNone ? 1 : 2) + (o.padding == Padding::kReflect ? in : 0);
}

}  // namespace

int64_t frames_to_hold(const TrainOptions& options, int64_t frame_bytes, int64_t clips) {
  const int64_t fitting = share(options, kForFrames) / (frame_bytes * clips);
  return std::clamp<int64_t>(fitting, 1, options.max_frames);
}

int64_t activation_bytes(const UNetOptions& o, int64_t height, int64_t width) {
  const int64_t r = o.pixel_unshuffle, stride = r << o.depth;
  const int64_t pixels = padded_size(height, stride) * padded_size(width, stride) / (r * r);
  const int64_t in = o.in_channels * r * r, out = o.out_channels * r * r;
  // The frame before and after the unshuffle, the output before and after the shuffle.
  int64_t values = pixels * 2 * (in + out);
  int64_t before = in;
  for (int64_t i = 0; i < o.depth; ++i) {
    const int64_t c = o.channels << i, size = pixels >> (2 * i);
    values += size * (block_channels(o, before, c) + block_channels(o, c, c));
    values += size / 4 * 3 * c;  // what was pooled, and where from: int64
    // The decoder of this level: cat(upsampled, features) and two blocks.
    const int64_t last = i > 0 ? c / 2 : c;
    values += size * (2 * c + block_channels(o, 2 * c, c) + block_channels(o, c, last));
    before = c;
  }
  const int64_t lowest = pixels >> (2 * o.depth);
  values +=
      lowest * (block_channels(o, before, 2 * before) + block_channels(o, 2 * before, before));
  if (o.detail) values += pixels * (2 * in + o.channels);
  values += pixels * 4 * o.channels;  // gradients at full resolution
  return values * kFloat;
}

StepPlan plan_step(const TrainOptions& options, const UNetOptions& network, int64_t frames,
                   int64_t channels, int64_t height, int64_t width, int64_t processes) {
  // D, D - B, S, L, what the priors judge, and their gradients back to the output.
  constexpr int64_t kCopies = 10;
  const int64_t loss = kCopies * channels * height * width * kFloat;
  const int64_t fitting =
      std::max<int64_t>(1, share(options, kForNetwork) / activation_bytes(network, height, width));
  StepPlan plan;
  const int64_t together = fitting * processes;
  plan.chunks = std::min((frames + together - 1) / together, frames / processes);
  plan.loss_in_pieces = frames * loss > share(options, kForLoss);
  return plan;
}

}  // namespace proxseg
