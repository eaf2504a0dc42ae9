// From tensors of a whole batch to the images of each frame.
#pragma once

#include <torch/types.h>

#include <opencv2/core.hpp>
#include <set>

#include "proxseg/scene/decomposition.h"
#include "proxseg/segment/segmenter.h"

namespace proxseg {

// x: [N, C, h, w] float32. Returns [N, C, H, W] of size, by bilinear interpolation.
torch::Tensor interpolate(const torch::Tensor& x, cv::Size size);

// mask: [1, H, W] float. Returns 32FC1.
cv::Mat to_soft(const torch::Tensor& mask);

bool needs_layers(const std::set<Product>& products);

// Sets background L and foreground |S| of frame i where products hold them.
void add_layers(Segmentation& result, const Decomposition& frames, int64_t i,
                const std::set<Product>& products);

}  // namespace proxseg
