#include <fmt/format.h>

#include "cli/command.h"
#include "cli/log.h"
#include "cli/process.h"
#include "cli/recipe_arguments.h"
#include "cli/segmentation.h"
#include "proxseg/segment/methods.h"

namespace proxseg::cli {
namespace {

struct BaselineArguments {
  std::string method;
  SegmentationArguments segmentation;
  RecipeArguments recipe;
};

void segment(const BaselineArguments& arguments) {
  const SegmentationArguments& wanted = arguments.segmentation;
  const ExportOptions options = export_options(wanted);
  std::vector<std::string> fields = baseline_method(arguments.method).fields;
  fields.emplace_back("threads");
  expect_effect(arguments.recipe, with_fields_of_frames(std::move(fields)));
  const Recipe recipe = resolve(arguments.recipe).recipe;
  SourceOptions source = recipe.input;
  source.size = wanted.size;
  source.reconnect = wanted.reconnect;
  const auto segmenter = make_baseline(arguments.method, recipe);
  start_libraries(recipe);
  segment_inputs(*segmenter, /*model=*/"", wanted.inputs, wanted.output, source, options,
                 wanted.json);
}

constexpr const char* kNotes =
    R"(OpenCV's methods run with OpenCV's defaults, on every frame in order and with no clean-up of
masks; their shadows are background. Fields of the recipe that have an effect: input.every,
input.range, input.roi, input.levels, input.on_error and threads; with median also background.frames; with rpca
input.scale, input.pixels, input.gray, train.batch and mask except mask.remove_shadows; with OpenCV's
methods seed.

Run the same command again to resume. An output folder that holds the masks of another video, method,
range or setting is refused; --force starts over.
Examples:
  proxseg baseline mog2 --input data/synthetic --output mog2
  proxseg baseline median --input clip.mp4 --output median --save mask,foreground,overlay
  proxseg baseline knn --input dataset/ --output knn --layout cdnet
  proxseg baseline rpca --input clip.mp4 --output rpca --set input.scale=0.5 --set train.batch=100)";

std::string footer() {
  std::string text = "Methods:\n";
  for (const BaselineMethod& method : baseline_methods()) {
    text += fmt::format("  {:<7} {}\n", method.name, method.summary);
  }
  return text + kNotes;
}

}  // namespace

void add_baseline(CLI::App& app) {
  const auto [command, arguments] =
      add_command(app, "baseline", "Segment sequences with a classical method", segment, footer());
  arguments->recipe.config = "deepls2022";
  add_option(*command, "METHOD", arguments->method, "One of the methods below")->required();
  add_segmentation_arguments(*command, arguments->segmentation);
  add_recipe_arguments(*command, arguments->recipe, {"seed", "threads", "input.roi"},
                       "input.every=2");
  add_log_options(*command);
}

}  // namespace proxseg::cli
