// A network whose statistics are not those of a new one.
#pragma once

#include <torch/types.h>

#include "proxseg/nn/unet.h"

namespace proxseg {

inline UNet settled(const UNetOptions& options) {
  torch::NoGradGuard no_grad;
  UNet network(options, 1);
  for (int i = 0; i < 3; ++i) network.forward(torch::rand({2, options.in_channels, 32, 32}) * 3.0);
  network.train(false);
  return network;
}

}  // namespace proxseg
