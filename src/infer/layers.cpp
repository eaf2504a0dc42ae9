#include "proxseg/infer/layers.h"

#include "proxseg/scene/mask.h"
#include "proxseg/scene/tensors.h"

namespace proxseg {
namespace {

cv::Mat to_mat(const torch::Tensor& plane) {
  const auto values = plane.to(torch::kCPU).to(torch::kFloat32).contiguous();
  return cv::Mat(static_cast<int>(values.size(0)), static_cast<int>(values.size(1)), CV_32FC1,
                 values.data_ptr())
      .clone();
}

}  // namespace

torch::Tensor interpolate(const torch::Tensor& x, cv::Size size) {
  if (x.size(2) == size.height && x.size(3) == size.width) return x;
  return torch::upsample_bilinear2d(x, {size.height, size.width}, /*align_corners=*/false);
}

std::vector<Segmentation> to_segmentations(const Decomposition& frames, const MaskOptions& options,
                                           const std::set<Product>& products,
                                           const std::vector<cv::Mat>& shadows) {
  std::vector<Segmentation> results;
  for (int64_t i = 0; i < frames.mask.size(0); ++i) {
    Segmentation result;
    result.soft = to_mat(frames.mask[i][0]);
    const cv::Mat shadow = shadows.empty() ? cv::Mat() : shadows[static_cast<size_t>(i)];
    result.mask = clean_mask(result.soft, options, shadow);
    if (products.contains(Product::kBackground)) result.background = to_image(frames.background[i]);
    if (products.contains(Product::kForeground)) {
      result.foreground = to_image(frames.foreground[i].abs());
    }
    results.push_back(std::move(result));
  }
  return results;
}

}  // namespace proxseg
