// A network whose statistics, and whose norms' scales and shifts, are not those of a new one.
#pragma once

#include <torch/types.h>

#include "proxseg/nn/unet.h"

namespace proxseg {

inline UNet settled(const UNetOptions& options) {
  torch::NoGradGuard no_grad;
  UNet network(options, 1);
  for (int i = 0; i < 3; ++i) network.forward(torch::rand({2, options.in_channels, 32, 32}) * 3.0);
  for (const auto& [name, value] : network.state()) {
    if (name.find(".norm.") != std::string::npos && value.is_floating_point()) {
      value.add_(0.2 * torch::rand_like(value));
    }
  }
  network.train(false);
  return network;
}

}  // namespace proxseg
