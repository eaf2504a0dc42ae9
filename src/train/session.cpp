#include "proxseg/train/session.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>

#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/core/text.h"
#include "proxseg/media/sink.h"
#include "proxseg/prox/rpca.h"
#include "proxseg/scene/tensors.h"
#include "proxseg/train/run/checkpoint.h"
#include "train/run/run_folder.h"
#include "train/run/run_log.h"

namespace proxseg {
namespace fs = std::filesystem;
using nlohmann::ordered_json;
namespace {

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
    const fs::path file = folder / (clip.info.name + ".png");
    make_writable_folder(file.parent_path());
    write_png(file, to_image(clip.scene.background[0]));
    write_scale(folder / (clip.info.name + ".scale.png"), clip.scene.scale);
  }
}

// Before the first step.
void initialize(Trainer& trainer) {
  const std::string& weights = trainer.recipe().train.init;
  if (!weights.empty()) load_weights(weights, trainer.model());
}

// Whether the first process starts from a network of frames in colour, which takes grey ones, too.
bool starts_in_color(const Recipe& recipe, const ProcessGroup& processes) {
  const std::string& weights = recipe.train.init;
  return processes.any(processes.is_first() && !weights.empty() && frame_channels_of(weights) == 3);
}

bool goes_on_in_color(const fs::path& run, const Recipe& recipe, const ProcessGroup& processes) {
  const auto channels =
      processes.is_first() ? frame_channels_of_checkpoint(run / "checkpoints") : std::nullopt;
  if (processes.any(channels.has_value())) return processes.any(channels == 3);
  return starts_in_color(recipe, processes);
}

bool has_the_papers_form(const Recipe& recipe) {
  const LossOptions& loss = recipe.loss;
  return recipe.model.form == Form::kSigned && recipe.background.noise_floor == 0.0 &&
         recipe.train.sampling == Sampling::kFixed &&
         loss.nuclear.penalty == SpectralPenalty::kNuclear && loss.nuclear_weight == 1.0 &&
         loss.l1.weight > 0.0 && loss.l1.on == PriorTarget::kForeground &&
         loss.group_l1.weight == 0.0 && loss.tv.weight == 0.0;
}

RpcaGap measure_gap(Trainer& trainer) {
  RpcaOptions options;
  const auto frames = trainer.fixed_batch();
  options.lambda = trainer.recipe().loss.l1.weight /
                   std::sqrt(static_cast<double>(std::max(frames.size(0), frames.size(1))));
  return {trainer.rpca_objective(), rpca(frames, options).objective};
}

TrainSummary summary_of(const fs::path& run, const Trainer& trainer) {
  TrainSummary summary;
  summary.run = run;
  summary.parameters = trainer.model().network.parameter_count();
  for (const Clip& clip : trainer.clips()) {
    summary.skipped_frames.insert(summary.skipped_frames.end(), clip.skipped.begin(),
                                  clip.skipped.end());
  }
  return summary;
}

// Trains from wherever the trainer stands to the end of its recipe, or until it shall stop.
void take_steps(Trainer& trainer, RunLog& log, TrainSummary& summary,
                const TrainCallbacks& callbacks, PhaseClock& clock) {
  const int64_t total = trainer.total_steps();
  const int64_t every = trainer.recipe().train.checkpoint_every;
  std::vector<double> losses;  // since the last checkpoint
  while (trainer.next_step() < total && !summary.interrupted) {
    clock.spent_on(&PhaseSeconds::output);
    summary.last = trainer.step();
    clock.spent_as(summary.last.phases);
    summary.seconds += summary.last.seconds;
    losses.push_back(summary.last.loss);
    log.step(summary.last);
    if (log.wants_picture() || trainer.next_step() == total) {
      log.picture(summary.last.step, trainer.snapshot());
    }
    callbacks.on_step(summary.last, total);
    summary.interrupted = trainer.processes().any(callbacks.should_stop());
    const int64_t done = trainer.next_step();
    if (summary.interrupted || done == total || (every > 0 && done % every == 0)) {
      const double loss =
          std::accumulate(losses.begin(), losses.end(), 0.0) / static_cast<double>(losses.size());
      save_checkpoint(summary.run / "checkpoints", trainer, summary.last, loss);
      log.checkpoint(done, loss);
      losses.clear();
    }
  }
  summary.steps = trainer.next_step();
}

// What comes out of a trained network.
void conclude(Trainer& trainer, TrainSummary& summary, PhaseClock& clock) {
  trainer.settle_statistics();
  clock.spent_on(&PhaseSeconds::evaluation);
  summary.model = summary.run / "model.safetensors";
  save_model(summary.model, trainer.model());
  clock.spent_on(&PhaseSeconds::output);
  summary.score = label_free_score(trainer);
  if (trainer.clips().size() == 1 && has_the_papers_form(trainer.recipe())) {
    summary.rpca_gap = measure_gap(trainer);
  }
  summary.spectra = trainer.spectra();
  clock.spent_on(&PhaseSeconds::evaluation);
}

// last: the step before the next one, if there was one.
TrainSummary run_to_end(const fs::path& run, Trainer& trainer, LogFile& text,
                        const TrainCallbacks& callbacks, PhaseClock& clock,
                        const std::optional<StepReport>& last = {}) {
  RunLog log(run, text, trainer);
  TrainSummary summary = summary_of(run, trainer);
  if (last) summary.last = *last;
  callbacks.on_start(trainer);
  try {
    take_steps(trainer, log, summary, callbacks, clock);
  } catch (const std::exception& error) {
    log.fail(trainer.next_step(), error.what());
    throw;
  }
  clock.spent_on(&PhaseSeconds::output);
  if (!summary.interrupted) conclude(trainer, summary, clock);
  summary.phases = clock.seconds();
  if (!summary.interrupted) write_file_atomically(run / "summary.json", summary.to_json());
  log.end(summary);
  return summary;
}

// The part of a process that does not write.
TrainSummary follow(const fs::path& run, Trainer& trainer, const TrainCallbacks& callbacks) {
  TrainSummary summary;
  summary.run = run;
  while (trainer.next_step() < trainer.total_steps() && !summary.interrupted) {
    trainer.step();
    summary.interrupted = trainer.processes().any(callbacks.should_stop());
  }
  if (!summary.interrupted) trainer.settle_statistics();
  summary.steps = trainer.next_step();
  return summary;
}

}  // namespace

std::string TrainSummary::to_json() const {
  ordered_json json;
  json["run"] = run.string();
  json["model"] = model.string();
  json["steps"] = steps;
  json["parameters"] = parameters;
  json["seconds"] = seconds;
  for (const auto& [name, member] : kPhases) json["phases"][name] = phases.*member;
  json["interrupted"] = interrupted;
  json["loss"] = last.loss;
  for (const auto& [name, value] : last.terms) json["terms"][name] = value;
  json["learned_rank"] = last.learned_rank;
  json["sparsity"] = last.sparsity;
  if (rpca_gap) {
    json["rpca"] = {{"objective", rpca_gap->objective},
                    {"optimum", rpca_gap->optimum},
                    {"gap", rpca_gap->relative()}};
  }
  json["score"] = score.value;
  json["stability"] = score.stability;
  json["contours"] = score.contours;
  json["singular_values"] = {{"frames", spectra.frames}, {"background", spectra.background}};
  json["skipped_frames"] = skipped_frames;
  return json_text(json);
}

TrainSummary train(const ResolvedRecipe& resolved, const std::vector<NamedSequence>& sequences,
                   const fs::path& run, bool force, const TrainCallbacks& callbacks,
                   const ProcessGroup& processes) {
  PhaseClock clock;
  if (processes.is_first() && !force) refuse_occupied(run);
  LogFile text;
  const bool in_color = starts_in_color(resolved.recipe, processes);
  Trainer trainer(resolved.recipe, load_clips(sequences, resolved.recipe, in_color), processes);
  clock.spent_on(&PhaseSeconds::preparation);
  std::optional<RunLock> lock;
  if (processes.is_first()) {
    initialize(trainer);
    make_writable_folder(run);
    lock.emplace(run);
    remove_earlier_run(run);
    remove_partial_files(run);
    describe_run(run, resolved, sequences);
    write_backgrounds(run / "backgrounds", trainer.clips());
  }
  trainer.share_state();
  if (!processes.is_first()) return follow(run, trainer, callbacks);
  return run_to_end(run, trainer, text, callbacks, clock);
}

ResolvedRecipe recipe_of_run(const fs::path& run, const std::vector<Override>& overrides) {
  const fs::path config = run / "config.json";
  if (!fs::exists(config)) {
    throw ConfigError(fmt::format("'{}' holds no run: config.json is missing", run.string()),
                      "Give the folder that train --output wrote.");
  }
  return resolve_recipe(config.string(), overrides);
}

TrainSummary resume(const fs::path& run, const ResolvedRecipe& resolved,
                    const TrainCallbacks& callbacks, const ProcessGroup& processes) {
  PhaseClock clock;
  std::optional<RunLock> lock;
  if (processes.is_first()) lock.emplace(run);
  const auto sequences = inputs_of_run(run);
  LogFile text;
  const bool in_color = goes_on_in_color(run, resolved.recipe, processes);
  Trainer trainer(resolved.recipe, load_clips(sequences, resolved.recipe, in_color), processes);
  clock.spent_on(&PhaseSeconds::preparation);
  std::optional<StepReport> last;
  if (processes.is_first()) {
    remove_partial_files(run);
    last = restore_latest_checkpoint(run / "checkpoints", trainer);
    if (!last) initialize(trainer);
    ResolvedRecipe described = resolved;
    restore_origins(run, described);
    describe_run(run, described, sequences);
  }
  trainer.share_state();
  if (!processes.is_first()) return follow(run, trainer, callbacks);
  return run_to_end(run, trainer, text, callbacks, clock, last);
}

}  // namespace proxseg
