// A network run by OpenCV's dnn module, on the CPU in float32.
#pragma once

#include <torch/types.h>

#include <memory>
#include <string>

#include "proxseg/nn/unet.h"

namespace proxseg {

class OpenCvNetwork {
 public:
  // onnx: the bytes that to_onnx() gives for a network of these options. Throws ModelError if OpenCV cannot
  // read it.
  OpenCvNetwork(const std::string& onnx, const UNetOptions& options);
  ~OpenCvNetwork();
  OpenCvNetwork(OpenCvNetwork&&) noexcept;
  OpenCvNetwork& operator=(OpenCvNetwork&&) noexcept;

  // The same as UNet::forward(); the result is on the device of x.
  torch::Tensor forward(const torch::Tensor& x);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace proxseg
