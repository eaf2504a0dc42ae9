#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "cli/command.h"
#include "cli/process.h"
#include "cli/recipe_arguments.h"
#include "cli/segmentation.h"
#include "cli/work.h"
#include "proxseg/core/text.h"
#include "proxseg/workflow/run.h"

namespace proxseg::cli {
namespace {

struct RunArguments {
  RunOptions options;
  RecipeArguments recipe;
  bool json = false;
};

void run(const RunArguments& arguments) {
  RunOptions options = arguments.options;
  options.recipe = resolve(arguments.recipe);
  start_libraries(options.recipe.recipe);
  const ProcessGroup processes = join_processes(options.recipe.recipe);
  const auto products = run_on(options, work_callbacks(), processes);
  if (!products) return;
  if (arguments.json) {
    for (const std::string& warning : products->warnings) spdlog::warn("{}", warning);
    fmt::print("{}", products->to_json());
    return;
  }
  if (products->training) print_training(*products->training, /*json=*/false);
  print_results({products->masks}, /*json=*/false);
  fmt::print("overlay:    {}\npreview:    {}\nreport:     {}\n", products->overlay.string(),
             products->preview.string(), products->report.string());
  fmt::print("total:      {}\n", format_duration(seconds_since_start()));
  fmt::print("next:       proxseg infer --model {} --input OTHER_VIDEO --output masks\n",
             shell_path(products->run.string()));
}

}  // namespace

void add_run(CLI::App& app) {
  const auto [command, arguments] = add_command(
      app, "run",
      "Train on a sequence and write its masks, an overlay video, a preview sheet and a report",
      run,
      "Run the same command again to resume, for example after Ctrl-C.\n"
      "Examples:\n"
      "  proxseg run clip.mp4 --output runs/clip\n"
      "  proxseg run 'frames/*.jpg' --output runs/frames --set input.scale=0.5\n"
      "  proxseg run data/synthetic --output runs/synthetic --config fast");
  RunOptions& options = arguments->options;
  add_option(*command, "--input,-i,input PATH", options.input,
             "Folder of frames, quoted glob, video file or CDnet sequence folder")
      ->required();
  add_option(*command, "--output,-o DIR", options.output, "Output folder of the run (created)")
      ->required();
  add_option(*command, "--same-as RUN", options.same_as,
             "Refuse frames or initial weights that differ from those of this run (for "
             "reproduce.sh)");
  command->add_flag("--force", options.force,
                    "Start over and replace what is in the output folder");
  command->add_flag("--json", arguments->json, "Print the results as JSON");
  add_recipe_arguments(*command, arguments->recipe);
  add_field_flag(*command, arguments->recipe, "train.init");
}

}  // namespace proxseg::cli
