// The U-Net's forward pass as a list of operations, for writers of other formats.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "proxseg/nn/unet_options.h"

namespace proxseg {

enum class OperationKind {
  kInput,
  kPixelUnshuffle,
  kConvBlock,  // 3 x 3 convolution, norm and ReLU of `module`
  kMagnitude,
  kMaxPool,   // 2 x 2
  kUpsample,  // bilinear x 2
  kSubtract,
  kConcat,
  kOutput,  // 1 x 1 convolution of `module`
  kPixelShuffle
};

struct Operation {
  OperationKind kind;
  std::vector<size_t> inputs;  // earlier operations, by their place in the list
  std::string module;          // prefix of its weights in UNet::state(); "" if it has none
  int64_t channels = 0;        // of each input of kSubtract
};

// In order; the first is the input, the last gives the output. Height and width are taken to be
// multiples of the stride.
std::vector<Operation> forward_operations(const UNetOptions& options);

}  // namespace proxseg
