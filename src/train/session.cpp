#include "proxseg/train/session.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>
#include <optional>
#include <utility>

#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/core/text.h"
#include "proxseg/media/levels.h"
#include "proxseg/media/sink.h"
#include "proxseg/recipe/fields.h"
#include "proxseg/recipe/generic.h"
#include "proxseg/scene/tensors.h"
#include "proxseg/train/run/checkpoint.h"
#include "train/run/provenance.h"
#include "train/run/run_folder.h"
#include "train/run/run_log.h"

namespace proxseg {
namespace fs = std::filesystem;
using nlohmann::ordered_json;
namespace {

std::vector<NamedSequence> sequences_of(const std::vector<RunInput>& inputs) {
  std::vector<NamedSequence> sequences;
  for (const RunInput& input : inputs) sequences.push_back(input.sequence);
  return sequences;
}

// The scale times 65535 as a 16-bit image; none where all pixels count alike.
void write_scale(const fs::path& file, const torch::Tensor& scale) {
  if (!scale.defined()) return;
  const torch::Tensor values = scale.to(torch::kCPU, torch::kFloat32).contiguous();
  cv::Mat image;
  cv::Mat(static_cast<int>(values.size(-2)), static_cast<int>(values.size(-1)), CV_32F,
          values.data_ptr<float>())
      .convertTo(image, CV_16U, 65535.0);
  write_png(file, image);
}

void write_backgrounds(const fs::path& folder, const std::vector<Clip>& clips) {
  for (const Clip& clip : clips) {
    const std::string state = clip.state == 0 ? "" : fmt::format(".state{}", clip.state + 1);
    const std::string name = (folder / (clip.info.name + state)).string();
    make_writable_folder(fs::path(name).parent_path());
    write_png(name + ".png", to_image(clip.scene.background[0]));
    write_scale(name + ".scale.png", clip.scene.scale);
  }
}

// ---- networks to start from

// Throws ModelError where the network of train.init is not the one that the recipe asks for, and
// says how to ask for that one.
void expect_fitting_init(const Recipe& recipe) {
  Recipe stored;
  try {
    stored = load_model(initial_weights(recipe)).recipe;
  } catch (const ModelError&) {
    return;  // weights without a recipe, or none at all: load_weights() sees
  }
  std::string differences, settings;
  for (const auto& [key, there, here] : differences_between(stored, recipe)) {
    if (!key.starts_with("model.")) continue;
    differences += fmt::format("{}{} is {} there and {} here", differences.empty() ? "" : ", ", key,
                               to_text(there), to_text(here));
    settings += fmt::format(" --set {}={}", key, to_text(there));
  }
  if (differences.empty()) return;
  const fs::path file = model_file(initial_weights(recipe)),
                 config = file.parent_path() / "config.json";
  throw ModelError(
      fmt::format("'{}' does not fit the network: {}", file.string(), differences),
      fmt::format(
          "Train by its recipe, {}or say{}.",
          is_there(config) ? fmt::format("--config {}, ", shell_line({config.string()})) : "",
          settings));
}

// Whether the first process starts from a network of frames in colour, which takes grey ones, too.
bool starts_in_color(const Recipe& recipe, const ProcessGroup& processes) {
  const fs::path weights = initial_weights(recipe);
  if (weights.empty()) return false;
  if (processes.is_first()) expect_fitting_init(recipe);
  return processes.any(processes.is_first() && frame_channels_of(weights) == 3);
}

bool goes_on_in_color(const fs::path& run, const Recipe& recipe, const ProcessGroup& processes) {
  const auto channels =
      processes.is_first() ? frame_channels_of_checkpoint(run / "checkpoints") : std::nullopt;
  if (processes.any(channels.has_value())) return processes.any(channels == 3);
  return starts_in_color(recipe, processes);
}

// Before the first step.
void initialize(Trainer& trainer) {
  const TrainOptions& options = trainer.recipe().train;
  const fs::path weights = initial_weights(trainer.recipe());
  if (!weights.empty()) {
    load_weights(weights, trainer.model());
  } else if (options.init == "auto" && options.steps == TrainOptions().steps) {
    spdlog::warn(
        "train.steps: the network is not the default's, so training starts from random weights, for "
        "which {} steps are few; set train.steps to 300",
        options.steps);
  }
}

// One range of values for all frames, which the network goes on to see where it is used.
ResolvedRecipe with_levels(ResolvedRecipe resolved, const std::vector<NamedSequence>& sequences) {
  SourceOptions& input = resolved.recipe.input;
  if (!input.levels.empty()) return resolved;
  std::vector<std::string> paths;
  for (const NamedSequence& sequence : sequences) paths.push_back(sequence.path);
  if (const auto levels = choose_levels(paths, input)) {
    input.levels = to_string(*levels);
    resolved.origins["input.levels"] = kFromInput;
  }
  return resolved;
}

// A run cannot go on with another network.
void expect_same_network(const fs::path& run, const Recipe& before, const Recipe& now) {
  for (const auto& [key, there, here] : differences_between(before, now)) {
    if (!key.starts_with("model.") && key != "train.init") continue;
    throw ConfigError(
        fmt::format(
            "{} = {}: '{}' has been trained with '{}' and cannot go on with another network", key,
            to_text(here), run.string(), to_text(there)),
        "Leave it as it is, or train another run.");
  }
}

// Whether the field may change once all steps are taken: it only counts for masks, or for how something is
// computed.
bool is_free_after_training(const std::string& key) {
  constexpr std::array kFree = {"description",
                                "device",
                                "threads",
                                "precision",
                                "background.period",
                                "train.log_every",
                                "train.checkpoint_every"};
  return key.starts_with("mask.") || key.starts_with("infer.") ||
         std::ranges::find(kFree, key) != kFree.end();
}

// A network that has taken its last step has not been trained with other settings.
void expect_same_training(const fs::path& run, const Recipe& before, const Recipe& now) {
  for (const Field& field : recipe_fields()) {
    if (is_free_after_training(field.key) || field.get(before) == field.get(now)) continue;
    throw ConfigError(
        fmt::format("{} = {}: '{}' has been trained to its end with '{}'", field.key,
                    to_text(field.get(now)), run.string(), to_text(field.get(before))),
        "Raise train.steps to train on with it, or train another run; proxseg infer --model takes "
        "settings for masks.");
  }
}

// ---- the run

// A training in its folder, from wherever the trainer stands to the end of its recipe.
class Run {
 public:
  // before: what the steps before the trainer's next one have done.
  Run(Trainer& trainer, LogFile& text, TrainSummary summary, const TrainProgress& before,
      const TrainCallbacks& callbacks, PhaseClock& clock)
      : trainer_(trainer),
        log_(summary.run, text, trainer),
        callbacks_(callbacks),
        clock_(clock),
        summary_(std::move(summary)) {
    summary_.last = before.last;
    summary_.seconds = before.seconds;
    clock_.spent_earlier(before.phases);
    summary_.parameters = trainer.model().network.parameter_count();
    for (const Clip& clip : trainer.clips()) {
      summary_.skipped_frames.insert(summary_.skipped_frames.end(), clip.skipped.begin(),
                                     clip.skipped.end());
    }
  }

  TrainSummary to_end() && {
    callbacks_.on_start(trainer_);
    try {
      const bool completed = take_steps();
      clock_.spent_on(&PhaseSeconds::output);
      if (completed) conclude();
      end(completed ? Termination::kCompleted : Termination::kInterrupted,
          completed ? "all steps are done" : "stopped before the last step");
    } catch (const std::exception& error) {
      summary_.termination = Termination::kFailed;
      summary_.message = error.what();
      summary_.steps = trainer_.next_step();
      log_.fail(summary_);
      throw;
    }
    return std::move(summary_);
  }

 private:
  // False when stopped.
  bool take_steps() {
    const int64_t total = trainer_.total_steps();
    const int64_t every = trainer_.recipe().train.checkpoint_every;
    bool stopped = false;
    while (trainer_.next_step() < total && !stopped) {
      clock_.spent_on(&PhaseSeconds::output);
      summary_.last = trainer_.step();
      clock_.spent_as(summary_.last.phases);
      summary_.seconds += summary_.last.seconds;
      const int64_t done = trainer_.next_step();
      log_.step(summary_.last);
      if (log_.wants_picture() || done == total) {
        log_.picture(done - 1, snapshot_of(trainer_.model(), trainer_.clips(), done - 1));
      }
      callbacks_.on_step(summary_.last, total);
      stopped = trainer_.processes().any(callbacks_.should_stop());
      if (stopped || done == total || done % every == 0) save();
    }
    summary_.steps = trainer_.next_step();
    return !stopped;
  }

  void save() {
    clock_.spent_on(&PhaseSeconds::output);
    save_checkpoint(summary_.run / "checkpoints", trainer_,
                    {summary_.last, summary_.seconds, clock_.seconds()});
    log_.checkpoint(trainer_.next_step());
  }

  // What comes out of a trained network.
  void conclude() {
    Model& model = trainer_.model();
    settle_statistics(model, trainer_.clips(), trainer_.processes());
    clock_.spent_on(&PhaseSeconds::evaluation);
    summary_.model = summary_.run / "model.safetensors";
    save_model(summary_.model, model);
    summary_.loss = mean_of_last_tenth(losses_in(summary_.run / "metrics.csv"));
    clock_.spent_on(&PhaseSeconds::output);
    summary_.score = label_free_score(model, trainer_.clips());
    if (trainer_.clips().size() == 1 && has_rpca_objective(model.recipe)) {
      summary_.rpca_gap = measure_rpca_gap(model, trainer_.clips());
    }
    warn_of_doubtful_masks();
    summary_.spectra = spectra_of(model, trainer_.clips());
    clock_.spent_on(&PhaseSeconds::evaluation);
  }

  void warn_of_doubtful_masks() const {
    for (size_t i = 0; i < trainer_.clips().size(); ++i) {
      if (callbacks_.judges_masks) warn_of_doubts(trainer_.clips()[i], summary_.score.masks[i]);
      warn_of_small_objects(trainer_.clips()[i], summary_.score.object_areas[i]);
    }
  }

  static void warn_of_doubts(const Clip& clip, const MaskFacts& facts) {
    for (const std::string& doubt : doubts_about(facts, MaskMaker::kNetwork)) {
      spdlog::warn("{}: {}", clip.info.name, doubt);
    }
  }

  // Where frames have about as many pixels as the network may get: larger ones were made smaller.
  void warn_of_small_objects(const Clip& clip, double area) const {
    constexpr double kAbout = 0.75;
    const Recipe& recipe = trainer_.model().recipe;
    const cv::Size size = clip.info.size;
    const double most = static_cast<double>(recipe.input.pixels);
    if (recipe.input.scale != 0.0 || size.area() < kAbout * most) return;
    if (const auto doubt = doubt_about_size(area, recipe.mask.min_area, size)) {
      spdlog::warn("{}: {}", clip.info.name, *doubt);
    }
  }

  void end(Termination termination, const std::string& message) {
    summary_.termination = termination;
    summary_.message = message;
    summary_.phases = clock_.seconds();
    log_.end(summary_);
    summary_.warnings = log_.warnings();
    if (termination != Termination::kCompleted) return;
    write_file_atomically(summary_.run / "summary.json", summary_.to_json());
  }

  Trainer& trainer_;
  RunLog log_;
  const TrainCallbacks& callbacks_;
  PhaseClock& clock_;
  TrainSummary summary_;
};

// The part of a process that does not write.
TrainSummary follow(Trainer& trainer, TrainSummary summary, const TrainCallbacks& callbacks) {
  bool stopped = false;
  while (trainer.next_step() < trainer.total_steps() && !stopped) {
    trainer.step();
    stopped = trainer.processes().any(callbacks.should_stop());
  }
  if (!stopped) settle_statistics(trainer.model(), trainer.clips(), trainer.processes());
  summary.termination = stopped ? Termination::kInterrupted : Termination::kCompleted;
  summary.message = "as the first process";
  summary.steps = trainer.next_step();
  return summary;
}

TrainSummary stopped_while_reading(TrainSummary summary) {
  summary.termination = Termination::kInterrupted;
  summary.message = "stopped while the frames were read";
  return summary;
}

}  // namespace

TrainSummary train(const ResolvedRecipe& asked, const std::vector<NamedSequence>& sequences,
                   const fs::path& run, bool force, const TrainCallbacks& callbacks,
                   const ProcessGroup& processes) {
  PhaseClock clock;
  LogFile text(callbacks.earlier_warnings());
  for (const NamedSequence& sequence : sequences) expect_run_apart(run, sequence.path);
  std::optional<NewRun> folder;
  if (processes.is_first()) folder.emplace(run, force);
  const ResolvedRecipe resolved = with_levels(asked, sequences);
  const bool in_color = starts_in_color(resolved.recipe, processes);
  TrainSummary summary;
  summary.run = run;
  summary.inputs = sequences;
  Provenance provenance;
  if (folder) provenance.inputs = inputs_of(sequences);
  std::vector<Clip> clips = load_clips(sequences, resolved.recipe, in_color, callbacks);
  if (processes.any(clips.empty())) return stopped_while_reading(std::move(summary));
  Trainer trainer(resolved.recipe, std::move(clips), processes);
  clock.spent_on(&PhaseSeconds::preparation);
  if (folder) {
    initialize(trainer);
    provenance.begin_call(0, resolved);
    folder->clear();
    write_provenance(run, provenance);
    write_backgrounds(run / "backgrounds", trainer.clips());
  }
  trainer.share_state();
  if (!folder) return follow(trainer, std::move(summary), callbacks);
  return Run(trainer, text, std::move(summary), {}, callbacks, clock).to_end();
}

ResolvedRecipe recipe_of_run(const fs::path& run, const std::vector<Override>& overrides) {
  const fs::path config = run / "config.json";
  if (!fs::exists(config)) {
    throw ConfigError(
        fmt::format("'{}' holds no run: config.json is missing", run.string()),
        "Give the folder that run or train wrote; where it was stopped before its first step it "
        "wrote none, and the same command starts over.");
  }
  ResolvedRecipe recipe = resolve_recipe(config.string(), overrides);
  // What stands in the run's own config.json came from somewhere else.
  const auto before = read_provenance(run).origins;
  const std::string own = config.lexically_normal().string() + ":";
  for (auto& [key, origin] : recipe.origins) {
    const auto found = before.find(key);
    if (origin.starts_with(own) && found != before.end()) origin = found->second;
  }
  return recipe;
}

TrainSummary resume(const fs::path& run, const ResolvedRecipe& asked,
                    const TrainCallbacks& callbacks, const ProcessGroup& processes,
                    const std::vector<NamedSequence>& moved) {
  PhaseClock clock;
  LogFile text(callbacks.earlier_warnings());
  std::optional<FolderLock> lock;
  if (processes.is_first()) lock.emplace(run, kTrainsIn);
  Provenance provenance = read_provenance(run);
  expect_same_network(run, provenance.stages.back().recipe, asked.recipe);
  refuse_other_files(run, provenance, asked.recipe);
  provenance.inputs = find_inputs(run, provenance, moved);
  const ResolvedRecipe resolved = with_levels(asked, sequences_of(provenance.inputs));
  const bool in_color = goes_on_in_color(run, resolved.recipe, processes);
  TrainSummary summary;
  summary.run = run;
  summary.inputs = sequences_of(provenance.inputs);
  std::vector<Clip> clips = load_clips(summary.inputs, resolved.recipe, in_color, callbacks);
  if (processes.any(clips.empty())) return stopped_while_reading(std::move(summary));
  Trainer trainer(resolved.recipe, std::move(clips), processes);
  clock.spent_on(&PhaseSeconds::preparation);
  TrainProgress before;
  if (lock) {
    make_writable_folder(run);  // and clear it of what killed processes left half-written
    const auto restored = restore_latest_checkpoint(run / "checkpoints", trainer);
    if (restored) before = *restored;
    if (trainer.next_step() >= trainer.total_steps()) {
      expect_same_training(run, provenance.stages.back().recipe, resolved.recipe);
    }
    if (!restored) initialize(trainer);
    provenance.begin_call(trainer.next_step(), resolved);
    write_provenance(run, provenance);
  }
  trainer.share_state();
  if (!lock) return follow(trainer, std::move(summary), callbacks);
  return Run(trainer, text, std::move(summary), before, callbacks, clock).to_end();
}

std::vector<NamedSequence> inputs_of_run(const fs::path& run,
                                         const std::vector<NamedSequence>& moved) {
  const Provenance provenance = read_provenance(run);
  refuse_other_files(run, provenance, provenance.stages.back().recipe);
  return sequences_of(find_inputs(run, provenance, moved));
}

bool are_inputs_of_run(const fs::path& run, const std::vector<NamedSequence>& sequences) {
  try {
    (void)inputs_of_run(run, sequences);
    return true;
  } catch (const Error&) {  // others, another number of them, or a run that is damaged
    return false;
  }
}

std::vector<NamedSequence> same_inputs(const fs::path& run,
                                       const std::vector<NamedSequence>& sequences,
                                       const Recipe& recipe, bool anyway) {
  const Provenance provenance = read_provenance(run);
  const std::vector<RunInput> found = pair_inputs(run, provenance, sequences);
  const auto differences = differences_from(provenance, found, recipe);
  if (!differences.empty() && !anyway) {
    const std::string& first = differences.front();
    throw Error(first.starts_with("frames")            ? ExitCode::kInput
                : first.starts_with("initial weights") ? ExitCode::kModel
                                                       : ExitCode::kUsage,
                fmt::format("this is not what '{}' was made from:\n  {}", run.string(),
                            fmt::join(differences, "\n  ")),
                "Bring back what the run was made from, or train all the same with "
                "PROXSEG_REPRODUCE_ANYWAY=1 in the environment.");
  }
  auto warnings = differences_of_environment(run);
  warnings.insert(warnings.begin(), differences.begin(), differences.end());
  for (const std::string& warning : warnings) {
    spdlog::warn("the result may not be that of '{}': {}", run.string(), warning);
  }
  return sequences_of(found);
}

}  // namespace proxseg
