#include <fmt/format.h>

#include <map>

#include "nn/normalisation.h"
#include "nn/onnx_graph.h"
#include "nn/operations.h"
#include "proxseg/core/error.h"
#include "proxseg/nn/export.h"

namespace proxseg {
namespace {

constexpr int64_t kOpset = 13;
using Integers = std::vector<int64_t>;

// Writes one operation after the other. The pixel-(un)shuffle is a convolution with a kernel of
// zeros and ones, as cv::dnn fixes the sizes of reshapes when it reads a file.
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
        return graph_.add_node("Sub", x, name);
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
    if (options_.norm == Norm::kGroup) x = add_group_norm(x, module + ".norm", name);
    return graph_.add_node("Relu", {x}, name);
  }

  // Of single operations, with the means over a group as 1 x 1 convolutions of the channels' means:
  // cv::dnn has no group norm, and fixes the sizes of the reshapes that would make one of instance
  // norms. It broadcasts in sums and quotients alone.
  std::string add_group_norm(const std::string& x, const std::string& module,
                             const std::string& name) {
    const torch::Tensor gamma = weight(module + ".weight");
    const int64_t channels = gamma.size(0), size = channels / group_count(channels);
    const auto mean = torch::kron(torch::eye(channels / size), torch::ones({size, size})) /
                      static_cast<double>(size);
    const auto kernel = [&](const char* suffix, const torch::Tensor& value) {
      return graph_.add_constant(name + suffix, value.reshape({channels, -1, 1, 1}));
    };
    const auto add = [&](const char* type, const Names& inputs, const char* suffix,
                         const OnnxGraph::Attributes& attributes = {}) {
      return graph_.add_node(type, inputs, name + suffix, attributes);
    };
    const OnnxGraph::Attributes pointwise = {{"kernel_shape", Integers{1, 1}}};
    const OnnxGraph::Attributes depthwise = {{"kernel_shape", Integers{1, 1}}, {"group", channels}};

    std::string means = add("GlobalAveragePool", {x}, ".channel_means");
    means = add("Conv", {means, kernel(".minus_mean", -mean)}, ".minus_means", pointwise);
    const std::string centred = add("Add", {x, means}, ".centred");
    std::string variances = add("Mul", {centred, centred}, ".squares");
    variances = add("GlobalAveragePool", {variances}, ".channel_variances");
    const auto epsilon = torch::full({channels}, kNormEpsilon);
    variances = add(
        "Conv", {variances, kernel(".mean", mean), graph_.add_constant(name + ".epsilon", epsilon)},
        ".variances", pointwise);
    const std::string deviations = add("Sqrt", {variances}, ".deviations");
    const std::string whitened = add("Div", {centred, deviations}, ".whitened");
    const std::string bias = graph_.add_constant(module + ".bias", weight(module + ".bias"));
    return add("Conv", {whitened, kernel(".gamma", gamma), bias}, ".normed", depthwise);
  }

  std::string add_upsample(const std::string& x, const std::string& name) {
    const auto scales = torch::tensor({1.0F, 1.0F, 2.0F, 2.0F});
    return graph_.add_node(
        "Resize", {x, "", graph_.add_constant(name + ".scales", scales)}, name,
        {{"mode", "linear"}, {"coordinate_transformation_mode", "pytorch_half_pixel"}});
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
  return OnnxWriter(network).write(metadata);
}

}  // namespace proxseg
