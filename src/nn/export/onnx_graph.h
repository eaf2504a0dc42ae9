// ONNX files, written field by field: https://onnx.ai/onnx/repo-docs/IR.html and its onnx.proto.
// LibTorch's own exporter needs Python.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "core/protobuf.h"

namespace proxseg {

class OnnxGraph {
 public:
  using Attribute = std::variant<int64_t, std::vector<int64_t>, std::string>;
  using Attributes = std::map<std::string, Attribute>;

  // [N, channels, H, W] float32, with N, H and W left open.
  void add_input(const std::string& name, int64_t channels);
  void add_output(const std::string& name, int64_t channels);

  // value: float32 or int64. Returns name.
  std::string add_constant(const std::string& name, const torch::Tensor& value);

  // Returns the name of its one output, which is also the node's.
  std::string add_node(const std::string& type, const std::vector<std::string>& inputs,
                       const std::string& output, const Attributes& attributes = {});

  // The whole file. Operators are those of that opset.
  std::string model(int64_t opset, const std::map<std::string, std::string>& metadata) const;

 private:
  ProtobufMessage graph_;
};

}  // namespace proxseg
