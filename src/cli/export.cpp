#include <fmt/format.h>

#include <filesystem>
#include <map>

#include "cli/command.h"
#include "cli/log.h"
#include "cli/process.h"
#include "cli/recipe_arguments.h"
#include "proxseg/core/error.h"
#include "proxseg/media/image_file.h"
#include "proxseg/workflow/export.h"

namespace proxseg::cli {
namespace {

const std::map<std::string, ExportFormat> kFormats = {{"onnx", ExportFormat::kOnnx},
                                                      {"torchscript", ExportFormat::kTorchScript},
                                                      {"safetensors", ExportFormat::kSafetensors},
                                                      {"state-dict", ExportFormat::kStateDict}};

struct ExportArguments {
  std::string model;
  std::string output;
  ExportFormat format = ExportFormat::kOnnx;
  bool json = false;
  RecipeArguments recipe;
};

// Throws before any work.
void check_arguments(const ExportArguments& arguments) {
  std::vector<std::string> fields = {"threads"};
  if (arguments.format != ExportFormat::kStateDict) {  // it has no place for the recipe
    fields.insert(fields.end(),
                  {"device", "precision", "input.", "background.", "mask.", "infer."});
  }
  expect_effect(arguments.recipe, fields);
  const std::filesystem::path& output = arguments.output;
  if (output == "-" || has_image_extension(output) || has_video_extension(output) ||
      has_extension(output, {".json", ".csv", ".html", ".txt"})) {
    throw UsageError(fmt::format("'{}' is no name of a network", output.string()),
                     "Choose another --output, such as network.onnx.");
  }
  std::error_code ignored;
  const auto model = model_file(arguments.model);
  if (!std::filesystem::equivalent(arguments.output, model, ignored)) return;
  throw OutputError(fmt::format("'{}' is the model that is to be exported", arguments.output),
                    "Choose another --output.");
}

void run_export(const ExportArguments& arguments) {
  check_arguments(arguments);
  Model model = load_model(arguments.model, overrides_of(arguments.recipe));
  start_libraries(model.recipe);
  const auto exported = export_network(std::move(model), arguments.format, arguments.output);
  if (arguments.json) {
    fmt::print("{}", exported.to_json());
  } else {
    say("{}", exported.to_text());
  }
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
  const auto [command, arguments] = add_command(
      app, "export", "Write a trained network for other programs", run_export, kExportFooter);
  add_option(*command, "MODEL", arguments->model, "Run folder, model.safetensors or generic")
      ->required();
  add_option(*command, "--format onnx|torchscript|safetensors|state-dict", arguments->format,
             "Format of the file")
      ->required()
      ->transform(CLI::CheckedTransformer(kFormats));
  add_option(*command, "--output,-o FILE", arguments->output, "File to write")->required();
  command->add_flag("--json", arguments->json, "Print the result as JSON");
  add_set_option(*command, arguments->recipe, "mask.threshold=0.4");
  for (const char* key : {"device", "precision", "threads"}) {
    add_field_flag(*command, arguments->recipe, key, "the model's");
  }
  add_log_options(*command);
}

}  // namespace proxseg::cli
