#include "proxseg/segment/opencv_network.h"

#include <fmt/format.h>

#include <opencv2/dnn.hpp>

#include "proxseg/core/check.h"
#include "proxseg/core/error.h"

namespace proxseg {
namespace {

// A blob shares memory with its tensor.
cv::Mat to_blob(const torch::Tensor& x) {
  const std::vector<int> sizes(x.sizes().begin(), x.sizes().end());
  return cv::Mat(sizes, CV_32F, x.data_ptr());
}

torch::Tensor tensor_of(const cv::Mat& blob) {
  const std::vector<int64_t> sizes(blob.size.p, blob.size.p + blob.dims);
  return torch::from_blob(blob.data, sizes, torch::kFloat32).clone();
}

// OpenCV cannot reflect a single row or column, as there is at the network's lowest resolution.
void expect_room_for_reflection(const UNetOptions& options, const torch::Tensor& x) {
  const int64_t least = 2 * stride_of(options);
  if (options.padding != Padding::kReflect || (x.size(2) >= least && x.size(3) >= least)) return;
  throw UsageError(
      fmt::format("engine opencv-dnn: a network with reflect padding needs frames of more than {} "
                  "pixels a side, at input.scale; they are {} x {}",
                  least / 2, x.size(3), x.size(2)),
      "Use --engine torch.");
}

}  // namespace

struct OpenCvNetwork::Impl {
  cv::dnn::Net net;
  UNetOptions options;
};

OpenCvNetwork::OpenCvNetwork(const std::string& onnx, const UNetOptions& options) {
  try {
    impl_ = std::make_unique<Impl>();
    impl_->net = cv::dnn::readNetFromONNX(onnx.data(), onnx.size());
    impl_->net.setPreferableBackend(cv::dnn::DNN_BACKEND_OPENCV);
    impl_->options = options;
  } catch (const cv::Exception& error) {
    throw ModelError(fmt::format("OpenCV cannot read the network as ONNX: {}", error.err));
  }
}
OpenCvNetwork::~OpenCvNetwork() = default;
OpenCvNetwork::OpenCvNetwork(OpenCvNetwork&&) noexcept = default;
OpenCvNetwork& OpenCvNetwork::operator=(OpenCvNetwork&&) noexcept = default;

torch::Tensor OpenCvNetwork::forward(const torch::Tensor& x) {
  expect_tensor(x, {"N", impl_->options.in_channels, "H", "W"}, "x");
  const auto values = x.to(torch::kCPU).to(torch::kFloat32).contiguous();
  const auto padded = pad_to_stride(values, stride_of(impl_->options));
  expect_room_for_reflection(impl_->options, padded);
  impl_->net.setInput(to_blob(padded));
  const auto y = tensor_of(impl_->net.forward());
  return y.narrow(2, 0, x.size(2)).narrow(3, 0, x.size(3)).to(x.device());
}

}  // namespace proxseg
