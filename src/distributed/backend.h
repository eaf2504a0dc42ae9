// What of c10d is used, in one place: two collectives on a tensor, begun and awaited.
#pragma once

#include <torch/types.h>

#include <functional>
#include <memory>

#include "proxseg/distributed/launch.h"

namespace proxseg {

class Backend {
 public:
  using Wait = std::function<void()>;  // throws what c10d throws

  virtual ~Backend() = default;
  // In place, on contiguous tensors of the backend's device.
  virtual Wait begin_sum(torch::Tensor x) = 0;
  virtual Wait begin_broadcast(torch::Tensor x) = 0;
};

// Throws what c10d throws; UsageError where this build has none for the device.
std::unique_ptr<Backend> make_backend(const Launch& launch, torch::Device device);

}  // namespace proxseg
