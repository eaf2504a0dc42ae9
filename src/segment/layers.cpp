#include "segment/layers.h"

#include "proxseg/scene/tensors.h"

namespace proxseg {

torch::Tensor interpolate(const torch::Tensor& x, cv::Size size) {
  if (x.size(2) == size.height && x.size(3) == size.width) return x;
  return torch::upsample_bilinear2d(x, {size.height, size.width}, /*align_corners=*/false);
}

cv::Mat to_soft(const torch::Tensor& mask) {
  const auto values = mask.to(torch::kCPU).to(torch::kFloat32).contiguous();
  return cv::Mat(static_cast<int>(values.size(1)), static_cast<int>(values.size(2)), CV_32FC1,
                 values.data_ptr())
      .clone();
}

bool needs_layers(const std::set<Product>& products) {
  return products.contains(Product::kBackground) || products.contains(Product::kForeground);
}

void add_layers(Segmentation& result, const Decomposition& frames, int64_t i,
                const std::set<Product>& products) {
  if (products.contains(Product::kBackground)) result.background = to_image(frames.background[i]);
  if (products.contains(Product::kForeground)) {
    result.foreground = to_image(frames.foreground[i].abs());
  }
}

}  // namespace proxseg
