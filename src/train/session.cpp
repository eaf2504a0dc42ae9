#include "proxseg/train/session.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "metrics.h"
#include "proxseg/baseline/rpca.h"
#include "proxseg/config/write.h"
#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/media/sink.h"
#include "proxseg/scene/tensors.h"
#include "proxseg/train/checkpoint.h"

namespace proxseg {
namespace fs = std::filesystem;
using nlohmann::ordered_json;
namespace {

void refuse_occupied(const fs::path& run) {
  std::error_code error;
  if (!fs::exists(run, error)) return;
  if (fs::is_directory(run, error) && fs::is_empty(run, error)) return;
  throw OutputError(fmt::format("'{}' exists and is not an empty folder", run.string()),
                    "Choose another --output, go on with --resume, or overwrite with --force.");
}

void remove_earlier_run(const fs::path& run) {
  std::error_code ignored;
  fs::remove_all(run / "checkpoints", ignored);
  for (const char* file : {"model.safetensors", "metrics.csv", "summary.json"}) {
    fs::remove(run / file, ignored);
  }
}

void write_config(const fs::path& run, const ResolvedRecipe& resolved, const std::string& input) {
  write_file_atomically(run / "config.json", to_json(resolved.recipe) + "\n");
  ordered_json provenance;
  provenance["input"] = input;
  provenance["origins"] = resolved.origins;
  write_file_atomically(run / "provenance.json", provenance.dump(2) + "\n");
}

std::string read_input_path(const fs::path& run) {
  const fs::path path = run / "provenance.json";
  try {
    return ordered_json::parse(read_file(path)).at("input").get<std::string>();
  } catch (const nlohmann::json::exception& error) {
    throw ConfigError(fmt::format("'{}' is damaged: {}", path.string(), error.what()));
  }
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

// Trains from wherever the trainer stands to the end of its recipe.
TrainSummary run_to_end(const fs::path& run, Trainer& trainer, const TrainCallbacks& callbacks) {
  const fs::path checkpoints = run / "checkpoints";
  MetricsLog metrics(run / "metrics.csv", trainer.next_step());
  TrainSummary summary;
  summary.run = run;
  summary.parameters = trainer.model().network.parameter_count();
  summary.skipped_frames = trainer.clip().skipped;
  callbacks.on_start(trainer.clip(), trainer);

  const int64_t total = trainer.total_steps();
  const int64_t every = trainer.recipe().train.checkpoint_every;
  while (trainer.next_step() < total && !summary.interrupted) {
    summary.last = trainer.step();
    summary.seconds += summary.last.seconds;
    metrics.add(summary.last);
    callbacks.on_step(summary.last, total);
    summary.interrupted = callbacks.should_stop();
    const int64_t done = trainer.next_step();
    if (summary.interrupted || done == total || (every > 0 && done % every == 0)) {
      save_checkpoint(checkpoints, trainer);
    }
  }
  summary.steps = trainer.next_step();
  if (summary.interrupted) return summary;

  trainer.settle_statistics();
  summary.model = run / "model.safetensors";
  save_model(summary.model, trainer.model());
  if (has_the_papers_form(trainer.recipe())) summary.rpca_gap = measure_gap(trainer);
  write_file_atomically(run / "summary.json", summary.to_json() + "\n");
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
  json["skipped_frames"] = skipped_frames;
  return json.dump(2);
}

TrainSummary train(const ResolvedRecipe& recipe, const std::string& input, const fs::path& run,
                   bool force, const TrainCallbacks& callbacks) {
  if (!force) refuse_occupied(run);
  ResolvedRecipe resolved = recipe;
  settle_scale(resolved, input);
  Clip clip = load_clip(input, resolved.recipe);
  make_writable_folder(run);
  remove_earlier_run(run);
  write_config(run, resolved, fs::absolute(input).string());
  write_png(run / "background.png", to_image(clip.scene.background[0]));
  Trainer trainer(resolved.recipe, std::move(clip));
  return run_to_end(run, trainer, callbacks);
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
                    const TrainCallbacks& callbacks) {
  const std::string input = read_input_path(run);
  Trainer trainer(resolved.recipe, load_clip(input, resolved.recipe));
  restore_latest_checkpoint(run / "checkpoints", trainer);
  write_config(run, resolved, input);
  return run_to_end(run, trainer, callbacks);
}

}  // namespace proxseg
