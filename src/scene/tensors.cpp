#include "proxseg/scene/tensors.h"

#include <cstring>

#include "proxseg/core/check.h"
#include "proxseg/core/error.h"

namespace proxseg {

torch::Tensor to_tensor(const std::vector<cv::Mat>& images) {
  if (images.empty()) throw UsageError("to_tensor: needs at least one image");
  const int64_t height = images[0].rows, width = images[0].cols, channels = images[0].channels();
  auto interleaved =
      torch::empty({static_cast<int64_t>(images.size()), height, width, channels}, torch::kUInt8);
  for (size_t i = 0; i < images.size(); ++i) {
    const cv::Mat& image = images[i];
    if (image.size() != images[0].size() || image.type() != images[0].type() ||
        image.depth() != CV_8U) {
      throw UsageError("to_tensor: images must be 8-bit and of one size and type");
    }
    auto* out = interleaved[static_cast<int64_t>(i)].data_ptr<uint8_t>();
    const auto row_bytes = static_cast<size_t>(width * channels);
    for (int y = 0; y < image.rows; ++y) std::memcpy(out + y * row_bytes, image.ptr(y), row_bytes);
  }
  return interleaved.permute({0, 3, 1, 2});
}

torch::Tensor to_unit_range(const torch::Tensor& x) {
  const auto format = torch::MemoryFormat::Contiguous;
  return x.to(torch::kFloat32, /*non_blocking=*/false, /*copy=*/false, format).div_(255.0F);
}

cv::Mat to_image(const torch::Tensor& x) {
  expect_tensor(x, {"C", "H", "W"}, "x");
  const auto bytes = x.detach().to(torch::kCPU).mul(255.0).round().clamp(0, 255).to(torch::kUInt8);
  const auto interleaved = bytes.permute({1, 2, 0}).contiguous();
  const cv::Mat view(static_cast<int>(x.size(1)), static_cast<int>(x.size(2)),
                     CV_8UC(static_cast<int>(x.size(0))), interleaved.data_ptr());
  return view.clone();
}

}  // namespace proxseg
