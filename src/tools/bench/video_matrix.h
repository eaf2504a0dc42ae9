// What the priors are timed on.
#pragma once

#include <torch/types.h>

namespace proxseg {

// A static background of varying brightness with noise of about one grey level: [frames, pixels].
inline torch::Tensor video_matrix(int64_t frames, int64_t pixels) {
  torch::manual_seed(1);
  return (torch::rand({frames, 1}) * 0.2 + 0.9) * torch::rand({1, pixels}) +
         0.004 * torch::randn({frames, pixels});
}

}  // namespace proxseg
