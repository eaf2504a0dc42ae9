#include "proxseg/workflow/export.h"

#include <fmt/format.h>

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>

#include "proxseg/core/file.h"
#include "proxseg/core/text.h"
#include "proxseg/nn/export/export.h"
#include "proxseg/segment/opencv_network.h"

namespace proxseg {
namespace {

using Forward = std::function<torch::Tensor(const torch::Tensor&)>;

std::string bytes_of(const Model& model, ExportFormat format) {
  switch (format) {
    case ExportFormat::kOnnx:
      return to_onnx(model.network, metadata_of(model));
    case ExportFormat::kTorchScript:
      return to_torchscript(model.network, metadata_of(model));
    case ExportFormat::kSafetensors:
      return to_safetensors({model.network.state(), metadata_of(model)});
    case ExportFormat::kStateDict:
      return to_state_dict(model.network);
  }
  return "";
}

Forward network_with(const std::vector<NamedTensor>& weights, const UNetOptions& options) {
  const auto network = std::make_shared<UNet>(options, /*seed=*/1);
  load_state(*network, weights, "export");
  network->train(false);
  return [network](const torch::Tensor& x) { return network->forward(x); };
}

// The network that the bytes hold, read as others would read it.
Forward reload(const std::string& bytes, ExportFormat format, const UNetOptions& options) {
  switch (format) {
    case ExportFormat::kOnnx: {
      const auto network = std::make_shared<OpenCvNetwork>(bytes, options);
      return [network](const torch::Tensor& x) { return network->forward(x); };
    }
    case ExportFormat::kTorchScript:
      return [bytes](const torch::Tensor& x) { return forward_torchscript(bytes, x); };
    case ExportFormat::kSafetensors:
      return network_with(parse_safetensors(bytes).tensors, options);
    case ExportFormat::kStateDict:
      return network_with(parse_state_dict(bytes), options);
  }
  return {};
}

}  // namespace

std::string ExportedNetwork::to_text() const {
  const bool masked = form == Form::kMasked;
  std::string text =
      fmt::format("file:       {}, {:.0f} kB\n", file.string(), static_cast<double>(bytes) / 1000);
  text += fmt::format("input:      float32 [N, {}, H, W]{}: {}\n", options.in_channels,
                      multiple_of > 1 ? fmt::format(", H and W multiples of {}", multiple_of) : "",
                      masked ? "frames D, then (D - B) / scale" : "frames D");
  text += fmt::format("output:     float32 [N, {}, H, W]: {}\n", options.out_channels,
                      masked ? "the soft mask before its sigmoid" : "the foreground S");
  return text + fmt::format("parity:     differs from the network by {:.2g} at most\n",
                            largest_difference);
}

std::string ExportedNetwork::to_json() const {
  return json_text(nlohmann::ordered_json{{"file", file.string()},
                                          {"bytes", bytes},
                                          {"in_channels", options.in_channels},
                                          {"out_channels", options.out_channels},
                                          {"multiple_of", multiple_of},
                                          {"largest_difference", largest_difference}});
}

ExportedNetwork export_network(Model model, ExportFormat format,
                               const std::filesystem::path& file) {
  const UNetOptions& options = model.network.options();
  const std::string bytes = bytes_of(model, format);
  const double difference = check_parity(model.network, reload(bytes, format, options));
  write_file_atomically(file, bytes);
  return {.file = file,
          .bytes = bytes.size(),
          .options = options,
          .form = model.recipe.model.form,
          .multiple_of = format == ExportFormat::kOnnx ? stride_of(options) : 1,
          .largest_difference = difference};
}

}  // namespace proxseg
