#include <fmt/format.h>

#include <map>

#include "nn/export/onnx_graph.h"
#include "nn/export/operations.h"
#include "nn/normalisation.h"
#include "proxseg/core/error.h"
#include "proxseg/nn/export/export.h"

namespace proxseg {
namespace {

constexpr int64_t kOpset = 13;
using Integers = std::vector<int64_t>;

// Writes one operation after the other. The pixel-(un)shuffle and the difference are convolutions
// with kernels of zeros and ones, as cv::dnn fixes the sizes of reshapes, and from 4.10 on those of
// element-wise operations on two inputs, when it reads a file.
class OnnxWriter {
 public:
  explicit OnnxWriter(const UNet& network) : options_(network.options()) {
    const auto state = network.state();
    weights_.insert(state.begin(), state.end());
  }

  std::string write(const Metadata& metadata) {
    const auto operations = forward_operations(options_);
    graph_.add_input("input", options_.in_channels);
    graph_.add_output("output", options_.out_channels);
    std::vector<std::string> values;
    for (size_t i = 0; i < operations.size(); ++i) {
      std::vector<std::string> inputs;
      for (const size_t input : operations[i].inputs) inputs.push_back(values[input]);
      const bool is_last = i + 1 == operations.size();
      values.push_back(add(operations[i], inputs, is_last ? "output" : fmt::format("x{}", i)));
    }
    return graph_.model(kOpset, metadata);
  }

 private:
  using Names = std::vector<std::string>;

  std::string add(const Operation& operation, const Names& x, const std::string& name) {
    switch (operation.kind) {
      case OperationKind::kInput:
        return "input";
      case OperationKind::kPixelUnshuffle:
        return add_pixel_unshuffle(x[0], name);
      case OperationKind::kConvBlock:
        return add_block(x[0], operation.module, name);
      case OperationKind::kMagnitude:
        return graph_.add_node("Abs", x, name);
      case OperationKind::kMaxPool:
        return graph_.add_node("MaxPool", x, name,
                               {{"kernel_shape", Integers{2, 2}}, {"strides", Integers{2, 2}}});
      case OperationKind::kUpsample:
        return add_upsample(x[0], name);
      case OperationKind::kSubtract:
        return add_difference(x, operation.channels, name);
      case OperationKind::kConcat:
        return graph_.add_node("Concat", x, name, {{"axis", int64_t{1}}});
      case OperationKind::kOutput:
        return add_output(x[0], operation.module, name);
      case OperationKind::kPixelShuffle:
        return add_pixel_shuffle(x[0], name);
    }
    return "";
  }

  std::string add_block(std::string x, const std::string& module, const std::string& name) {
    auto convolution = Convolution{weight(module + ".conv.weight"), weight(module + ".conv.bias")};
    if (options_.norm == Norm::kBatch) {
      convolution =
          fold(convolution,
               {weight(module + ".norm.weight"), weight(module + ".norm.bias"),
                weight(module + ".norm.running_mean"), weight(module + ".norm.running_var")});
    }
    const bool reflect = options_.padding == Padding::kReflect;
    if (reflect) {
      const auto pads = torch::tensor(Integers{0, 0, 1, 1, 0, 0, 1, 1});
      x = graph_.add_node("Pad", {x, graph_.add_constant(name + ".pads", pads)}, name + ".padded",
                          {{"mode", "reflect"}});
    }
    const int64_t pad = reflect ? 0 : 1;
    x = graph_.add_node("Conv",
                        {x, graph_.add_constant(module + ".weight", convolution.weight),
                         graph_.add_constant(module + ".bias", convolution.bias)},
                        name + ".conv",
                        {{"kernel_shape", Integers{3, 3}}, {"pads", Integers(4, pad)}});
    return graph_.add_node("Relu", {x}, name);
  }

  std::string add_upsample(const std::string& x, const std::string& name) {
    const auto scales = torch::tensor({1.0F, 1.0F, 2.0F, 2.0F});
    return graph_.add_node(
        "Resize", {x, "", graph_.add_constant(name + ".scales", scales)}, name,
        {{"mode", "linear"}, {"coordinate_transformation_mode", "pytorch_half_pixel"}});
  }

  // a - b = [I, -I] [a, b].
  std::string add_difference(const Names& x, int64_t channels, const std::string& name) {
    const auto identity = torch::eye(channels);
    const auto kernel = torch::cat({identity, -identity}, 1).view({channels, 2 * channels, 1, 1});
    const auto both = graph_.add_node("Concat", x, name + ".both", {{"axis", int64_t{1}}});
    return graph_.add_node("Conv", {both, graph_.add_constant(name + ".kernel", kernel)}, name,
                           {{"kernel_shape", Integers{1, 1}}});
  }

  std::string add_output(const std::string& x, const std::string& module, const std::string& name) {
    std::vector<std::string> inputs = {
        x, graph_.add_constant(module + ".weight", weight(module + ".weight"))};
    if (options_.out_bias) {
      inputs.push_back(graph_.add_constant(module + ".bias", weight(module + ".bias")));
    }
    return graph_.add_node("Conv", inputs, name, {{"kernel_shape", Integers{1, 1}}});
  }

  std::string add_pixel_unshuffle(const std::string& x, const std::string& name) {
    return add_reshaping("Conv", x, options_.in_channels, name);
  }

  std::string add_pixel_shuffle(const std::string& x, const std::string& name) {
    return add_reshaping("ConvTranspose", x, options_.out_channels, name);
  }

  // Channel c r^2 + r i + j at low resolution is pixel (i, j) of each r x r cell of channel c.
  std::string add_reshaping(const char* type, const std::string& x, int64_t channels,
                            const std::string& name) {
    const int64_t r = options_.pixel_unshuffle, cells = r * r;
    const auto kernel = torch::eye(channels * cells).view({channels * cells, channels, r, r});
    return graph_.add_node(type, {x, graph_.add_constant(name + ".kernel", kernel)}, name,
                           {{"kernel_shape", Integers{r, r}}, {"strides", Integers{r, r}}});
  }

  const torch::Tensor& weight(const std::string& name) const { return weights_.at(name); }

  UNetOptions options_;
  std::map<std::string, torch::Tensor> weights_;
  OnnxGraph graph_;
};

}  // namespace

std::string to_onnx(const UNet& network, const Metadata& metadata) {
  if (network.options().norm == Norm::kGroup) {
    throw UsageError("ONNX: a network with group norms cannot be written for any size of its input",
                     "Use TorchScript, or train with model.norm=batch.");
  }
  return OnnxWriter(network).write(metadata);
}

}  // namespace proxseg
