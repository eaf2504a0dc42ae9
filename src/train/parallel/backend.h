// The part of c10d that is used: three collective operations on tensors, begun and awaited.
#pragma once

#include <torch/types.h>

#include <functional>
#include <memory>
#include <vector>

#include "proxseg/train/parallel/launch.h"

namespace proxseg {

class Backend {
 public:
  using Wait = std::function<void()>;  // throws what c10d throws

  virtual ~Backend() = default;
  // In place, on contiguous tensors of the backend's device.
  virtual Wait begin_sum(torch::Tensor x) = 0;
  virtual Wait begin_broadcast(torch::Tensor x) = 0;
  // sent: [values], of which sizes_sent[r] go to rank r. received: [values], of which
  // sizes_received[r] come from rank r.
  virtual Wait begin_exchange(torch::Tensor sent, std::vector<int64_t> sizes_sent,
                              torch::Tensor received, std::vector<int64_t> sizes_received) = 0;
};

// Throws what c10d throws; UsageError if this build has no backend for the device.
std::unique_ptr<Backend> make_backend(const Launch& launch, torch::Device device);

}  // namespace proxseg
