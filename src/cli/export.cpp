#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/libraries.h"
#include "cli/recipe_arguments.h"
#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/core/text.h"
#include "proxseg/nn/export/export.h"
#include "proxseg/recipe/model.h"
#include "proxseg/segment/opencv_network.h"

namespace proxseg::cli {
namespace {

enum class Format { kOnnx, kTorchScript, kSafetensors, kStateDict };

const std::map<std::string, Format> kFormats = {{"onnx", Format::kOnnx},
                                                {"torchscript", Format::kTorchScript},
                                                {"safetensors", Format::kSafetensors},
                                                {"state-dict", Format::kStateDict}};

struct ExportArguments {
  std::string model;
  std::string output;
  Format format = Format::kOnnx;
  bool json = false;
  RecipeArguments recipe;
};

using Forward = std::function<torch::Tensor(const torch::Tensor&)>;

std::string bytes_of(const Model& model, Format format) {
  switch (format) {
    case Format::kOnnx:
      return to_onnx(model.network, metadata_of(model));
    case Format::kTorchScript:
      return to_torchscript(model.network, metadata_of(model));
    case Format::kSafetensors:
      return to_safetensors({model.network.state(), metadata_of(model)});
    case Format::kStateDict:
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
Forward reload(const std::string& bytes, Format format, const UNetOptions& options) {
  switch (format) {
    case Format::kOnnx: {
      const auto network = std::make_shared<OpenCvNetwork>(bytes, options);
      return [network](const torch::Tensor& x) { return network->forward(x); };
    }
    case Format::kTorchScript:
      return [bytes](const torch::Tensor& x) { return forward_torchscript(bytes, x); };
    case Format::kSafetensors:
      return network_with(parse_safetensors(bytes).tensors, options);
    case Format::kStateDict:
      return network_with(parse_state_dict(bytes), options);
  }
  return {};
}

struct Exported {
  std::string file;
  size_t bytes;
  UNetOptions options;
  Form form;
  int64_t multiple_of;  // of which height and width must be
  double largest_difference;
};

// Throws before any work.
void check_arguments(const ExportArguments& arguments) {
  std::vector<std::string> fields = {"threads"};
  if (arguments.format != Format::kStateDict) {  // it has no place for the recipe
    fields.insert(fields.end(),
                  {"device", "precision", "input.", "background.", "mask.", "infer."});
  }
  expect_effect(arguments.recipe, fields);
  std::error_code ignored;
  const auto model = model_file(arguments.model);
  if (!std::filesystem::equivalent(arguments.output, model, ignored)) return;
  throw OutputError(fmt::format("'{}' is the model that is to be exported", arguments.output),
                    "Choose another --output.");
}

Exported export_model(const ExportArguments& arguments) {
  check_arguments(arguments);
  Model model = load_model(arguments.model, overrides_of(arguments.recipe));
  start_libraries(model.recipe);
  const UNetOptions& options = model.network.options();
  const std::string bytes = bytes_of(model, arguments.format);
  const double difference = check_parity(model.network, reload(bytes, arguments.format, options));
  write_file_atomically(arguments.output, bytes);
  return {.file = arguments.output,
          .bytes = bytes.size(),
          .options = options,
          .form = model.recipe.model.form,
          .multiple_of = arguments.format == Format::kOnnx ? stride_of(options) : 1,
          .largest_difference = difference};
}

void print_text(const Exported& result) {
  const bool masked = result.form == Form::kMasked;
  fmt::print("file:       {}, {:.0f} kB\n", result.file, static_cast<double>(result.bytes) / 1000);
  fmt::print(
      "input:      float32 [N, {}, H, W]{}: {}\n", result.options.in_channels,
      result.multiple_of > 1 ? fmt::format(", H and W multiples of {}", result.multiple_of) : "",
      masked ? "frames D, then (D - B) / scale" : "frames D");
  fmt::print("output:     float32 [N, {}, H, W]: {}\n", result.options.out_channels,
             masked ? "the soft mask before its sigmoid" : "the foreground S");
  fmt::print("parity:     differs from the network by {:.2g} at most\n", result.largest_difference);
}

void print_json(const Exported& result) {
  const nlohmann::ordered_json json = {{"file", result.file},
                                       {"bytes", result.bytes},
                                       {"in_channels", result.options.in_channels},
                                       {"out_channels", result.options.out_channels},
                                       {"multiple_of", result.multiple_of},
                                       {"largest_difference", result.largest_difference}};
  fmt::print("{}", json_text(json));
}

constexpr const char* kExportFooter =
    R"(Every file is read again before it is written, OpenCV reads the ONNX, and the largest difference of
its outputs from the network's is printed. onnx has its batch norms folded; torchscript, safetensors
and state-dict keep the names of the weights. docs/models.md says what goes in and out of a network
and how to use each format in Python.
Examples:
  proxseg export runs/clip --format onnx --output clip.onnx
  proxseg export runs/clip --format torchscript --output clip.pt
  proxseg export runs/clip --format state-dict --output clip-weights.pt
  proxseg export runs/clip --format safetensors --output clip.safetensors --set mask.threshold=0.4)";

}  // namespace

void add_export(CLI::App& app) {
  auto* command = app.add_subcommand("export", "Write a trained network for other programs");
  const auto arguments = std::make_shared<ExportArguments>();
  command->add_option("MODEL", arguments->model, "Run folder, model.safetensors or generic")
      ->required()
      ->option_text(" ");
  command->add_option("--format", arguments->format, "Format of the file")
      ->required()
      ->transform(CLI::CheckedTransformer(kFormats))
      ->option_text("onnx|torchscript|safetensors|state-dict");
  command->add_option("--output,-o", arguments->output, "File to write")
      ->required()
      ->option_text("FILE");
  command->add_flag("--json", arguments->json, "Print the result as JSON");
  add_set_option(*command, arguments->recipe, "mask.threshold=0.4");
  command->callback([arguments] {
    const Exported result = export_model(*arguments);
    arguments->json ? print_json(result) : print_text(result);
  });
  command->footer(kExportFooter);
}

}  // namespace proxseg::cli
