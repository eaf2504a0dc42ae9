// Between images and tensors.
#pragma once

#include <torch/types.h>

#include <opencv2/core.hpp>
#include <vector>

namespace proxseg {

// images: 8UC1 or 8UC3, all of one size and type. Returns [N, C, H, W] uint8 in channels-last
// memory, as images are (channels in OpenCV's order, BGR). Throws UsageError for an empty list or
// unequal images.
torch::Tensor to_tensor(const std::vector<cv::Mat>& images);

// Returns x / 255 as float32, contiguous. x: uint8, any shape.
torch::Tensor to_unit_range(const torch::Tensor& x);

// x: [C, H, W] float in [0, 1] (clamped), C = 1 or 3. Returns 8UC1 or 8UC3.
cv::Mat to_image(const torch::Tensor& x);

}  // namespace proxseg
