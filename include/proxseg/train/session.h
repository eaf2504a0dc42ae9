// A training run on disk: from one or more sequences and a recipe to a run folder with metrics,
// checkpoints and a model.
//   RUN/config.json         the resolved recipe; a recipe file like any other
//   RUN/provenance.json     the inputs, and where each value of the recipe came from
//   RUN/environment.json    version and commit, libraries, machine, settings, hash of the inputs
//                           (media/fingerprint.h), command
//   RUN/reproduce.sh        makes the run again
//   RUN/metrics.csv         one row a step
//   RUN/events.jsonl        start, step, checkpoint, warning, interrupted, failed, end; one a
//                           line
//   RUN/events.out.tfevents the same numbers for TensorBoard
//   RUN/log.txt             what was logged, with times
//   RUN/previews/           pictures of the training, some seconds apart
//   RUN/checkpoints/        the two latest and the best
//   RUN/backgrounds/        for each sequence its reference background at the network's resolution,
//                           NAME.png, and its scale x 65535 (16 bits), NAME.scale.png
//   RUN/model.safetensors   the trained network
//   RUN/summary.json        what came out
// A run that goes on with resume() extends these files. Steps that are taken again stand in them
// once, but for log.txt, which tells all that was done.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "proxseg/recipe/load.h"
#include "proxseg/train/score.h"
#include "proxseg/train/trainer.h"

namespace proxseg {

struct TrainCallbacks {
  std::function<void(const Trainer&)> on_start = [](const Trainer&) {};
  std::function<void(const StepReport&, int64_t total_steps)> on_step = [](const StepReport&,
                                                                           int64_t) {};
  // Asked after every step; true ends the run with a checkpoint.
  std::function<bool()> should_stop = [] { return false; };
};

// How far the network's objective ||L||_* + lambda ||S||_1 on its fixed batch is from the convex
// optimum (robust PCA).
struct RpcaGap {
  double objective = 0.0;
  double optimum = 0.0;
  double relative() const { return objective / optimum - 1.0; }
};

struct TrainSummary {
  std::filesystem::path run;
  // Empty when interrupted, and in all processes but the first, as is all below but steps.
  std::filesystem::path model;
  int64_t steps = 0;
  int64_t parameters = 0;
  double seconds = 0.0;  // in steps of this call
  PhaseSeconds phases;   // of all of this call
  bool interrupted = false;
  StepReport last;
  LabelFreeScore score;
  std::optional<RpcaGap>
      rpca_gap;     // recipes in the paper's form: signed, fixed batch, nuclear and l1 alone
  Spectra spectra;  // empty when interrupted
  std::vector<std::string> skipped_frames;

  std::string to_json() const;
};

// Creates the run folder and trains one network on all sequences. Throws OutputError if the folder
// is not empty, unless force; InputError; NumericsError.
// Several processes that make this call together train together (train/trainer.h): the first one
// writes, calls on_start and on_step and has the summary; the others throw PeerError where one of
// them fails. The run stops where should_stop() holds in one of them.
TrainSummary train(const ResolvedRecipe& recipe, const std::vector<NamedSequence>& sequences,
                   const std::filesystem::path& run, bool force,
                   const TrainCallbacks& callbacks = {}, const ProcessGroup& processes = {});

// The recipe of a run that is already there, with changes such as train.steps=600.
// Throws ConfigError if the folder holds no run, or for wrong overrides.
ResolvedRecipe recipe_of_run(const std::filesystem::path& run,
                             const std::vector<Override>& overrides = {});

// Goes on with a run in place, from its latest checkpoint and with its inputs, by recipe_of_run();
// in as many processes as now make this call, which must all see the folder.
TrainSummary resume(const std::filesystem::path& run, const ResolvedRecipe& recipe,
                    const TrainCallbacks& callbacks = {}, const ProcessGroup& processes = {});

}  // namespace proxseg
