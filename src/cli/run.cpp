#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "cli/command.h"
#include "cli/log.h"
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
  std::string resume;
  ProductArguments products;
  RecipeArguments recipe;
  bool json = false;
};

RunOptions options_of(const RunArguments& arguments) {
  RunOptions options = arguments.options;
  read_products(arguments.products, options.products);
  if (!arguments.resume.empty()) {
    options.resume = true;
    options.output = arguments.resume;
    options.recipe = recipe_of_run(arguments.resume, overrides_of(arguments.recipe));
    return options;
  }
  expect_given("run", {{"INPUT", !options.input.empty()}, {"--output", !options.output.empty()}},
               "--resume");
  options.same_anyway = reproduces_anyway();
  options.recipe = resolve_training(arguments.recipe);
  return options;
}

void print_products(const RunProducts& products) {
  if (products.training) print_training(*products.training, /*json=*/false);
  SequenceResult masks = products.masks;
  masks.products.erase(Product::kOverlay);  // it has a line of its own
  print_results({masks}, /*json=*/false);
  say("overlay:    {}\npreview:    {}\nreport:     {}\n", products.overlay.string(),
      products.preview.string(), products.report.string());
  say("total:      {}\n", format_duration(seconds_since_start()));
  if (is_quiet()) return;
  say("next:       proxseg infer --model {} --input {} --output {} --save boxes,soft\n",
      shell_path(products.run.string()), shell_path(products.input),
      shell_path((products.run / "objects").string()));
}

void run(const RunArguments& arguments) {
  const RunOptions options = options_of(arguments);
  start_libraries(options.recipe.recipe);
  const ProcessGroup processes = join_processes(options.recipe.recipe);
  const auto products = run_on(options, work_callbacks(), processes);
  if (!products) return;
  warn_of_doubts(products->masks);
  if (arguments.json) {
    fmt::print("{}", products->to_json(logged_warnings()));
    return;
  }
  print_products(*products);
}

}  // namespace

void add_run(CLI::App& app) {
  const auto [command, arguments] = add_command(
      app, "run", "Train on a sequence and write masks, overlay, preview and report", run,
      "Run the same command again to resume, for example after Ctrl-C, or name the run alone with "
      "--resume.\n"
      "Examples:\n"
      "  proxseg run clip.mp4 --output runs/clip\n"
      "  proxseg run 'frames/*.jpg' --output runs/frames --set input.scale=0.5\n"
      "  proxseg run data/synthetic --output runs/synthetic --config fast\n"
      "  proxseg run --resume runs/clip");
  RunOptions& options = arguments->options;
  add_option(*command, "--input,-i,INPUT PATH", options.input,
             "Folder of frames, quoted glob, video file or CDnet sequence folder. With --resume: "
             "where the run's sequence is now, if it has moved");
  auto* output =
      add_option(*command, "--output,-o DIR", options.output, "Output folder of the run (created)");
  auto* resume =
      add_option(*command, "--resume RUN", arguments->resume,
                 "Go on with this run, also one of proxseg train: to its last step, then to masks, "
                 "overlay, preview and report");
  auto* same_as =
      add_option(*command, "--same-as RUN", options.same_as,
                 "Refuse frames, initial weights, threads or a precision that differ from those of "
                 "this run (for reproduce.sh)");
  auto* force = command->add_flag("--force", options.force,
                                  "Start over and replace what is in the output folder");
  add_product_arguments(*command, arguments->products);
  command->get_option("--save")->default_str("mask,overlay, which are always made");
  command->add_flag("--json", arguments->json, "Print the results as JSON");
  add_recipe_arguments(*command, arguments->recipe);
  add_field_flag(*command, arguments->recipe, "train.init");
  add_log_options(*command);
  for (CLI::Option* other :
       {output, same_as, force, command->get_option("--config"), command->get_option("--init")}) {
    resume->excludes(other);
  }
}

}  // namespace proxseg::cli
