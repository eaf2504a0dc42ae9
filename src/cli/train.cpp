#include <fmt/format.h>

#include <memory>

#include "cli/command.h"
#include "cli/libraries.h"
#include "cli/recipe_arguments.h"
#include "cli/training.h"
#include "proxseg/core/error.h"
#include "proxseg/core/text.h"

namespace proxseg::cli {
namespace {

struct TrainArguments {
  RecipeArguments recipe;
  std::vector<std::string> inputs;
  std::string output;
  std::string resume;
  bool force = false;
  bool json = false;
};

TrainSummary run_training(const TrainArguments& arguments) {
  if (!arguments.resume.empty()) {
    ResolvedRecipe recipe = recipe_of_run(arguments.resume, overrides_of(arguments.recipe));
    start_libraries(recipe.recipe);
    const ProcessGroup processes = join_processes(recipe.recipe);
    return resume(arguments.resume, recipe, training_callbacks(), processes);
  }
  if (arguments.inputs.empty() || arguments.output.empty()) {
    throw UsageError("train needs --input and --output, or --resume", "See proxseg train --help.");
  }
  ResolvedRecipe recipe = resolve(arguments.recipe);
  start_libraries(recipe.recipe);
  const ProcessGroup processes = join_processes(recipe.recipe);
  return train(recipe, find_sequences(arguments.inputs), arguments.output, arguments.force,
               training_callbacks(), processes);
}

}  // namespace

void add_train(CLI::App& app) {
  auto* command =
      app.add_subcommand("train", "Train a network on one sequence or several, without labels");
  const auto arguments = std::make_shared<TrainArguments>();
  command
      ->add_option(
          "--input,-i", arguments->inputs,
          "Folder of frames, quoted glob, video, CDnet sequence or tree of those; repeatable")
      ->option_text("PATH ...");
  command->add_option("--output,-o", arguments->output, "Folder of the run, created")
      ->option_text("RUN");
  command
      ->add_option("--resume", arguments->resume, "Go on with this run from its latest checkpoint")
      ->option_text("RUN");
  command->add_flag("--force", arguments->force,
                    "Overwrite a run that is already in the output folder");
  command->add_flag("--json", arguments->json, "Print the summary as JSON");
  add_recipe_arguments(*command, arguments->recipe);
  add_field_flag(*command, arguments->recipe, "train.init");
  command->callback([arguments] {
    const TrainSummary summary = run_training(*arguments);
    print_training(summary, arguments->json);
    stop_if_interrupted(summary);
    if (!arguments->json && is_first_process()) {
      fmt::print(
          "next:       proxseg report {0}\n            proxseg infer --model {0} --input {1} "
          "--output masks\n",
          shell_path(summary.run.string()),
          arguments->inputs.empty() ? "VIDEO" : shell_path(arguments->inputs.front()));
    }
  });
  command->footer(
      "Examples:\n"
      "  proxseg train --input data/synthetic --output runs/synthetic\n"
      "  proxseg train --config sakai2021 --input frames/ --output runs/paper --seed 7\n"
      "  proxseg train --input clip.mp4 --output runs/clip --set train.steps=500 --set "
      "input.scale=0.5\n"
      "  proxseg train --input monday.mp4 --input tuesday.mp4 --output runs/week\n"
      "  proxseg train --resume runs/clip --set train.steps=1000\n"
      "  torchrun --nproc-per-node 2 --no-python proxseg train --input clip.mp4 --output "
      "runs/clip");
}

}  // namespace proxseg::cli
