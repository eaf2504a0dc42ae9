#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/libraries.h"
#include "cli/recipe_arguments.h"
#include "cli/reporting.h"
#include "cli/segmentation.h"
#include "cli/training.h"
#include "proxseg/core/error.h"
#include "proxseg/core/text.h"
#include "proxseg/media/preview.h"
#include "proxseg/media/sink.h"
#include "proxseg/scene/background.h"
#include "proxseg/scene/reservoir.h"
#include "proxseg/segment/network_segmenter.h"

namespace proxseg::cli {
namespace fs = std::filesystem;
namespace {

constexpr int64_t kPreviewRows = 6;

struct RunArguments {
  RecipeArguments recipe;
  std::string input;
  std::string output;
  std::string same_as;
  bool force = false;
};

// Rows for frames spread evenly over the sequence.
std::vector<PreviewRow> preview_rows(Segmenter& segmenter, const std::string& input,
                                     const SourceOptions& options) {
  SourceOptions full_size = options;
  full_size.scale = 1.0;
  full_size.gray = false;
  const auto source = prefetch(open_source(input, full_size));
  FrameReservoir reservoir(2 * kPreviewRows);
  while (auto frame = source->next()) reservoir.add(std::move(*frame));
  const auto& frames = reservoir.frames();
  std::vector<PreviewRow> rows;
  for (const int64_t i : spread_evenly(kPreviewRows, static_cast<int64_t>(frames.size()))) {
    const Frame& frame = frames[static_cast<size_t>(i)];
    const std::set<Product> shown = {Product::kMask, Product::kSoft, Product::kBackground};
    const Segmentation result = segmenter.segment({frame.image}, shown).front();
    cv::Mat soft;
    result.soft.convertTo(soft, CV_8U, 255.0);
    rows.push_back({frame.name, frame.image, result.background, soft, result.mask});
  }
  return rows;
}

void run(const RunArguments& arguments) {
  ResolvedRecipe recipe = resolve(arguments.recipe);
  start_libraries(recipe.recipe);
  const ProcessGroup processes = join_processes(recipe.recipe);
  const fs::path output = arguments.output;
  NamedSequence sequence = {arguments.input, open_source(arguments.input)->info().name};
  if (!arguments.same_as.empty()) {
    sequence = same_inputs(arguments.same_as, {sequence}, recipe.recipe).front();
  }
  const TrainSummary summary =
      train(recipe, {sequence}, output, arguments.force, training_callbacks(), processes);
  print_training(summary, /*json=*/false);
  stop_if_interrupted(summary);
  if (!processes.is_first()) return;

  NetworkSegmenter segmenter(load_model(summary.model));
  ExportOptions options;
  options.save = {Product::kMask, Product::kOverlay};
  options.force = true;
  const SourceOptions source = segmenter.recipe().input;
  print_results(segment_inputs(segmenter, {arguments.input}, output, source, options),
                /*json=*/false);
  const fs::path preview = output / "preview.png";
  write_png(preview, preview_sheet(preview_rows(segmenter, arguments.input, source)));
  const fs::path report = write_report({.path = output.string()});
  fmt::print("overlay:    {}\npreview:    {}\nreport:     {}\n", (output / "overlay.mp4").string(),
             preview.string(), report.string());
  fmt::print("next:       proxseg infer --model {} --input OTHER_VIDEO --output masks\n",
             shell_path(output.string()));
}

}  // namespace

void add_run(CLI::App& app) {
  auto* command = app.add_subcommand(
      "run",
      "Train on a sequence and write its masks, an overlay video, a preview sheet and a report");
  const auto arguments = std::make_shared<RunArguments>();
  command
      ->add_option("--input,-i,input", arguments->input,
                   "Folder of frames, quoted glob, video file or CDnet sequence folder")
      ->required()
      ->option_text("PATH");
  command->add_option("--output,-o", arguments->output, "Folder of the run, created")
      ->required()
      ->option_text("DIR");
  command
      ->add_option("--same-as", arguments->same_as,
                   "Refuse frames, and weights to start from, other than those of this run "
                   "(reproduce.sh)")
      ->option_text("RUN");
  command->add_flag("--force", arguments->force,
                    "Overwrite a run that is already in the output folder");
  add_recipe_arguments(*command, arguments->recipe);
  add_field_flag(*command, arguments->recipe, "train.init");
  command->callback([arguments] { run(*arguments); });
  command->footer(
      "Examples:\n"
      "  proxseg run clip.mp4 --output runs/clip\n"
      "  proxseg run 'frames/*.jpg' --output runs/frames --set input.scale=0.5\n"
      "  proxseg run data/synthetic --output runs/synthetic --config fast");
}

}  // namespace proxseg::cli
