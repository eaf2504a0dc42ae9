// The shape of the U-Net.
#pragma once

#include <cstdint>

namespace proxseg {

enum class Norm { kBatch, kGroup, kNone };
enum class Padding { kZeros, kReflect };
enum class Skip {
  kConcat,     // decoder input: cat(upsample(x), encoder features)
  kDifference  // decoder input: cat(upsample(x - pooled encoder features), encoder features), as in
               // DeepLS
};

struct UNetOptions {
  int64_t in_channels = 1;
  int64_t out_channels = 1;
  // Channels at full resolution; they double at each of the `depth` poolings.
  int64_t channels = 16;
  int64_t depth = 2;
  Norm norm = Norm::kBatch;
  Padding padding = Padding::kZeros;
  Skip skip = Skip::kConcat;
  // Factor r of the pixel-unshuffle before and the pixel-shuffle behind the network: it then works
  // at 1/r of the resolution on r^2 times the channels. 1, 2 or 4; 1 is the plain U-Net.
  int64_t pixel_unshuffle = 1;
  // The output convolution also sees |input|, each pixel for itself: outlines stay sharp where
  // pixel_unshuffle makes the network coarse.
  bool detail = false;
  // A bias in the output convolution; the paper's network has none.
  bool out_bias = false;
};

// A height or width as the network pads it: the next multiple of its stride.
constexpr int64_t padded_size(int64_t size, int64_t stride) {
  return (size + stride - 1) / stride * stride;
}

}  // namespace proxseg
