// Batch norm and ReLU of a training step in one pass each way, over one process or several.
#pragma once

#include <torch/nn/modules/batchnorm.h>

#include <functional>

namespace proxseg {

// Adds up a tensor over all processes, in place.
using SumOverProcesses = std::function<void(torch::Tensor&)>;

// relu(norm(x)) in training mode, running statistics included. x: [N, C, H, W] floating point; norm
// on its device, affine, in float32. Returns the dtype of x, channels last.
// With a `sum`, mean and variance are taken over the x of all processes (synchronised batch norm).
// Each process calls it with its own x, of any number of frames, even none; forward and backward
// each sum once. The gradients of norm's weight and bias are those of this process's x alone.
torch::Tensor batch_norm_relu(const torch::Tensor& x, torch::nn::BatchNorm2dImpl& norm,
                              const SumOverProcesses& sum = {});

}  // namespace proxseg
