#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>

#include "cli/command.h"
#include "cli/log.h"
#include "cli/process.h"
#include "cli/recipe_arguments.h"
#include "cli/work.h"
#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/core/text.h"
#include "proxseg/train/run/checkpoint.h"

namespace proxseg::cli {
namespace {

struct TrainArguments {
  RecipeArguments recipe;
  std::vector<std::string> inputs;
  std::string output;
  std::string resume;
  std::string same_as;
  int64_t until = 0;  // 0: to the end
  bool force = false;
  bool json = false;
};

std::vector<NamedSequence> sequences_of(const TrainArguments& arguments) {
  return arguments.inputs.empty() ? std::vector<NamedSequence>() : find_sequences(arguments.inputs);
}

// training_callbacks(), but stops after arguments.until steps.
TrainCallbacks callbacks_for(const TrainArguments& arguments) {
  TrainCallbacks callbacks = training_callbacks();
  if (arguments.until == 0) return callbacks;
  const auto done = std::make_shared<int64_t>(0);
  callbacks.on_step = [done, show = callbacks.on_step](const StepReport& report, int64_t total) {
    *done = report.step + 1;
    show(report, total);
  };
  callbacks.should_stop = [done, until = arguments.until, stop = callbacks.should_stop] {
    return stop() || *done >= until;
  };
  return callbacks;
}

// Of a run that is further already than --until asks. Throws as resume() does for inputs that are not its.
std::optional<TrainSummary> already_there(const TrainArguments& arguments) {
  if (arguments.until == 0) return std::nullopt;
  const std::filesystem::path run = arguments.resume;
  TrainSummary summary;
  summary.termination = Termination::kInterrupted;
  summary.message = "stopped before the last step";
  summary.run = run;
  summary.steps = steps_of_latest(run / "checkpoints");
  if (summary.steps < arguments.until) return std::nullopt;
  summary.inputs = inputs_of_run(run, sequences_of(arguments));
  return summary;
}

TrainSummary run_training(const TrainArguments& arguments) {
  if (!arguments.resume.empty()) {
    const ResolvedRecipe recipe = recipe_of_run(arguments.resume, overrides_of(arguments.recipe));
    if (const auto summary = already_there(arguments)) return *summary;
    start_libraries(recipe.recipe);
    const ProcessGroup processes = join_processes(recipe.recipe);
    return resume(arguments.resume, recipe, callbacks_for(arguments), processes,
                  sequences_of(arguments));
  }
  expect_given("train",
               {{"--input", !arguments.inputs.empty()}, {"--output", !arguments.output.empty()}},
               "--resume");
  const ResolvedRecipe recipe = resolve_training(arguments.recipe);
  start_libraries(recipe.recipe);
  const ProcessGroup processes = join_processes(recipe.recipe);
  auto sequences = sequences_of(arguments);
  if (!arguments.same_as.empty()) {
    sequences = same_inputs(arguments.same_as, sequences, recipe.recipe, reproduces_anyway());
  }
  return train(recipe, sequences, arguments.output, arguments.force, callbacks_for(arguments),
               processes);
}

// Ends the command with ExitCode::kInterrupted if the session was interrupted.
void stop_if_interrupted(const TrainSummary& summary) {
  if (!summary.interrupted()) return;
  if (summary.steps == 0) {
    throw Error(ExitCode::kInterrupted, summary.message + "; nothing was changed");
  }
  throw Error(
      ExitCode::kInterrupted,
      fmt::format("stopped after step {}; everything is saved", summary.steps),
      fmt::format("Go on with: proxseg train --resume {}", shell_path(summary.run.string())));
}

void print_what_next(const TrainSummary& summary) {
  if (is_quiet()) return;
  const std::string run = shell_path(summary.run.string());
  if (summary.interrupted()) {
    say("stopped:    after step {}, as --until asks; everything is saved\n", summary.steps);
    say("next:       proxseg train --resume {}\n", run);
    return;
  }
  say("next:       proxseg report {0}\n            proxseg infer --model {0} --input {1} "
      "--output {2}\n",
      run, shell_path(summary.inputs.front().path), shell_path((summary.run / "masks").string()));
}

// Whether --resume names a run that is trained to its end, and nothing is to be changed.
bool is_complete(const TrainArguments& arguments) {
  const std::vector<Override> changes = overrides_of(arguments.recipe);
  return !arguments.resume.empty() && changes.empty() && arguments.inputs.empty() &&
         is_trained(arguments.resume, recipe_of_run(arguments.resume).recipe);
}

void report_complete(const TrainArguments& arguments) {
  if (!is_first_process()) return;
  const std::filesystem::path run(arguments.resume);
  if (arguments.json) {
    fmt::print("{}", read_file(run / "summary.json"));
    return;
  }
  say("model:      {}\ntraining:   all steps were done before\n",
      (run / "model.safetensors").string());
  if (!is_quiet()) say("next:       proxseg report {}\n", shell_path(run.string()));
}

void train_and_report(const TrainArguments& arguments) {
  if (is_complete(arguments)) return report_complete(arguments);
  const TrainSummary summary = run_training(arguments);
  print_training(summary, arguments.json);
  if (arguments.until == 0 || summary.steps < arguments.until) stop_if_interrupted(summary);
  if (!arguments.json && is_first_process()) print_what_next(summary);
}

}  // namespace

void add_train(CLI::App& app) {
  const auto [command, arguments] = add_command(
      app, "train", "Train a network on one sequence or several, without labels", train_and_report,
      "Examples:\n"
      "  proxseg train --input data/synthetic --output runs/synthetic\n"
      "  proxseg train --config sakai2021 --input frames/ --output runs/paper --seed 7\n"
      "  proxseg train --input clip.mp4 --output runs/clip --set train.steps=500 "
      "--set input.scale=0.5\n"
      "  proxseg train --input monday.mp4 --input tuesday.mp4 --output runs/week\n"
      "  proxseg train --resume runs/clip --set train.steps=1000\n"
      "  proxseg train --resume runs/clip --input moved/clip.mp4\n"
      "  torchrun --nproc-per-node 2 --no-python proxseg train --input clip.mp4 "
      "--output runs/clip");
  add_option(*command, "--input,-i PATH ...", arguments->inputs,
             "Folder of frames, quoted glob, video, CDnet sequence or tree of those; repeatable. "
             "With --resume: where the sequences of the run are now");
  auto* output = add_option(*command, "--output,-o RUN", arguments->output,
                            "Output folder of the run (created)");
  auto* resume = add_option(*command, "--resume RUN", arguments->resume,
                            "Resume this run from its latest checkpoint");
  add_option(*command, "--until STEP", arguments->until,
             "Stop after this step and leave a checkpoint for --resume")
      ->check(CLI::Range(int64_t{1}, int64_t{1'000'000'000}));
  auto* same_as = add_option(
      *command, "--same-as RUN", arguments->same_as,
      "Refuse frames, initial weights, threads or a precision that differ from those of this run "
      "(for reproduce.sh)");
  auto* force = command->add_flag("--force", arguments->force,
                                  "Overwrite a run that is already in the output folder");
  command->add_flag("--json", arguments->json, "Print the summary as JSON");
  add_recipe_arguments(*command, arguments->recipe);
  add_field_flag(*command, arguments->recipe, "train.init");
  add_log_options(*command);
  // A run that goes on has its own folder, recipe, inputs and weights.
  for (CLI::Option* other :
       {output, same_as, force, command->get_option("--config"), command->get_option("--init")}) {
    resume->excludes(other);
  }
}

}  // namespace proxseg::cli
