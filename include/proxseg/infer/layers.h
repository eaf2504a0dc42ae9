// From the layers of decomposed frames, as tensors, to the results of each.
#pragma once

#include <torch/types.h>

#include <set>
#include <vector>

#include "proxseg/infer/segmenter.h"
#include "proxseg/scene/decomposition.h"

namespace proxseg {

// x: [N, C, h, w] float32, at size by bilinear interpolation.
torch::Tensor interpolate(const torch::Tensor& x, cv::Size size);

// One result a frame; masks are those of clean_mask(). Fills what products need. shadows: of each
// frame, as clean_mask() takes them, or none.
std::vector<Segmentation> to_segmentations(const Decomposition& frames, const MaskOptions& options,
                                           const std::set<Product>& products,
                                           const std::vector<cv::Mat>& shadows = {});

}  // namespace proxseg
