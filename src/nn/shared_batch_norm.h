// Batch norm whose statistics are those of a batch that lies with several processes in parts
// (synchronised batch norm).
#pragma once

#include <torch/nn/modules/batchnorm.h>

#include <functional>

namespace proxseg {

// Adds up a tensor over all processes, in place.
using SumOverProcesses = std::function<void(torch::Tensor&)>;

// norm(x) in training mode, running statistics included, with mean and variance over the x of all
// processes. Each calls it with its own x, of any number of frames; forward and backward sum once.
// Gradients of norm's weight and bias are those of this process's x alone. x: [N, C, H, W].
torch::Tensor shared_batch_norm(const torch::Tensor& x, torch::nn::BatchNorm2dImpl& norm,
                                const SumOverProcesses& sum);

}  // namespace proxseg
