// The shape of the U-Net.
#pragma once

#include <cstdint>

namespace proxseg {

// After each convolution, before its ReLU.
enum class Norm {
  kBatch,  // statistics of the batch in training, running ones in inference, where it costs nothing
  kGroup,  // statistics of each frame alone; for batches of one or two frames. Cannot become ONNX
  kNone
};

// What 3 x 3 convolutions see beyond the border.
enum class Padding {
  kZeros,
  kReflect  // the mirror image, as in DeepLS; a pass over memory more for each convolution
};

// What a decoder level takes from the encoder's level of the same size.
enum class Skip {
  kConcat,  // cat(upsample(x), features)
  // cat(upsample(x - pooled features), features), as in DeepLS
  kDifference
};

struct UNetOptions {
  // Channels of the images that the network takes and gives.
  int64_t in_channels = 1;
  int64_t out_channels = 1;
  // Channels at the top; they double at each pooling. More of them tell more apart and cost time
  // with their square. In [1, 1024].
  int64_t channels = 16;
  // Poolings, in [1, 6]. One more doubles the distance from which a pixel is judged, and makes
  // three to four times as many weights.
  int64_t depth = 2;
  Norm norm = Norm::kBatch;
  Padding padding = Padding::kZeros;
  Skip skip = Skip::kConcat;
  // Factor r of the pixel-unshuffle before the network and of the pixel-shuffle after it: the
  // network works at 1/r of the resolution on r^2 times the channels. 2 or 4 take a fraction of the
  // time and blur outlines and small objects; 1 is the plain U-Net.
  int64_t pixel_unshuffle = 1;
  // The output convolution also sees |input|, each pixel for itself: outlines stay sharp where
  // pixel_unshuffle makes the network coarse. Costs next to nothing.
  bool detail = false;
  // A bias in the output convolution; the paper's network has none.
  bool out_bias = false;
};

// A height or width as the network pads it: the next multiple of its stride.
constexpr int64_t padded_size(int64_t size, int64_t stride) {
  return (size + stride - 1) / stride * stride;
}

}  // namespace proxseg
