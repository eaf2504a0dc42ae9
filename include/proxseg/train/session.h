// A training run on disk: from one or more sequences and a recipe to a run folder with metrics,
// checkpoints and a model.
//   RUN/config.json         the resolved recipe; a recipe file like any other
//   RUN/provenance.json     inputs, origin of each value of the recipe, the recipe of each stretch
//                           of steps, the commands
//   RUN/environment.json    version and commit, libraries, machine, settings, hashes of the inputs
//                           (media/sequences.h) and of the weights to start from
//   RUN/reproduce.sh        makes the run again
//   RUN/metrics.csv         one row a step
//   RUN/events.jsonl        start, step, checkpoint, warning, interrupted, failed, end; one a line
//   RUN/events.out.tfevents the same numbers for TensorBoard, and pictures, singular values, recipe
//   RUN/log.txt             what was logged, with times
//   RUN/previews/           pictures of the training, some seconds apart
//   RUN/checkpoints/        the two latest
//   RUN/backgrounds/        for each sequence its reference background at the network's resolution,
//                           NAME.png, and its scale x 65535 (16 bits), NAME.scale.png; those of
//                           further states of its scene are NAME.state2.png and so on
//   RUN/model.safetensors   the trained network
//   RUN/summary.json        the result
// resume() extends these files. A step that is repeated appears in them once, except in log.txt,
// which tells everything.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "proxseg/recipe/load.h"
#include "proxseg/train/evaluation.h"
#include "proxseg/train/trainer.h"

namespace proxseg {

// should_stop() is also asked after every step, where true leaves a checkpoint.
struct TrainCallbacks : LoadCallbacks {
  std::function<void(const Trainer&)> on_start = [](const Trainer&) {};
  std::function<void(const StepReport&, int64_t total_steps)> on_step = [](const StepReport&,
                                                                           int64_t) {};
  // Warn where masks of some frames can hardly be right. A caller that makes all masks sees better.
  bool judges_masks = true;
  // Warnings that came before, and belong to those of the training.
  std::function<std::vector<std::string>()> earlier_warnings = [] {
    return std::vector<std::string>();
  };
};

enum class Termination {
  kCompleted,    // all steps of the recipe are done
  kInterrupted,  // should_stop() was true; resume() goes on
  kFailed        // by an error, which train() and resume() throw
};

struct TrainSummary {
  Termination termination = Termination::kFailed;
  std::string message = "nothing was trained";  // how it ended, and why where it failed
  std::filesystem::path run;
  std::vector<NamedSequence> inputs;
  int64_t steps = 0;  // in the run, of all calls
  // The rest is known in the first process alone; from model on, only of a completed training.
  int64_t parameters = 0;
  double seconds = 0.0;  // in steps, of all calls that made them
  PhaseSeconds phases;   // of the same calls, and of this one to its end
  StepReport last;
  double loss = 0.0;  // mean_of_last_tenth() of all steps
  std::vector<std::string> skipped_frames;
  std::vector<std::string> warnings;  // of this call
  std::filesystem::path model;
  LabelFreeScore score;
  std::optional<RpcaGap> rpca_gap;  // of recipes in the paper's form
  Spectra spectra;

  bool interrupted() const { return termination == Termination::kInterrupted; }

  std::string to_json() const;
  // "completed: 300 steps in 0:12, loss 3.4, score 0.93", without a newline.
  std::string brief_report() const;
  // A line for each fact of a completed training, else the brief report; each with a newline.
  std::string full_report() const;
};

// Of the losses of all steps, at least one: what is called the loss of a training, as one step sees
// few of the frames.
double mean_of_last_tenth(const std::vector<double>& losses);

// The origin of input.levels where the recipe has none and frames have more than 8 bits: training
// chooses levels that hold all its sequences, and its run and its network keep them in their recipe.
inline constexpr const char* kFromInput = "chosen from the input";

bool is_run(const std::filesystem::path& folder);

// Creates the run folder and trains one network on all sequences. Throws OutputError where another
// process trains in the folder, where it lies among the frames or they among its files, and where it is not
// empty. With force it may hold a run, which goes, and files that no run has. Throws InputError; NumericsError;
// ModelError where the weights of train.init do not fit.
// Several processes that make this call together train together (train/trainer.h): the first one
// writes, calls on_start and on_step and has the summary; the others throw PeerError where one of
// them fails. The run stops as soon as should_stop() is true in one of them.
TrainSummary train(const ResolvedRecipe& recipe, const std::vector<NamedSequence>& sequences,
                   const std::filesystem::path& run, bool force,
                   const TrainCallbacks& callbacks = {}, const ProcessGroup& processes = {});

// The recipe of a run that is already there, with changes such as train.steps=600.
// Throws ConfigError if the folder holds no run, or for wrong overrides.
ResolvedRecipe recipe_of_run(const std::filesystem::path& run,
                             const std::vector<Override>& overrides = {});

// Goes on with a run in place, from its latest checkpoint, by a recipe of recipe_of_run(); in as
// many processes as now make this call, which must all see the folder.
// moved: where the run's sequences are now, in any order; empty where they have not moved. Throws
// as train() does; InputError where frames are missing or are not those that the run was trained
// on, by their hash; ConfigError where the recipe asks for another network.
TrainSummary resume(const std::filesystem::path& run, const ResolvedRecipe& recipe,
                    const TrainCallbacks& callbacks = {}, const ProcessGroup& processes = {},
                    const std::vector<NamedSequence>& moved = {});

// The sequences of a run where they are now; moved and what it throws as for resume().
std::vector<NamedSequence> inputs_of_run(const std::filesystem::path& run,
                                         const std::vector<NamedSequence>& moved = {});

// Whether these are the sequences of a run, by the hashes of their frames, wherever they lie.
bool are_inputs_of_run(const std::filesystem::path& run,
                       const std::vector<NamedSequence>& sequences);

// For a run that shall be made again: the sequences in the order and under the names of that run.
// Compares, by what the run has recorded, the hashes of the frames and of the weights of train.init,
// the number of threads and the precision. Throws an Error that lists what differs, of the exit code
// of the first: kInput, kModel, or kUsage for threads and precision; with anyway it warns instead.
// Warns where program, libraries or processor are others.
std::vector<NamedSequence> same_inputs(const std::filesystem::path& run,
                                       const std::vector<NamedSequence>& sequences,
                                       const Recipe& recipe, bool anyway = false);

}  // namespace proxseg
