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
  fs::remove_all(run / "backgrounds", ignored);
  for (const char* file : {"model.safetensors", "metrics.csv", "summary.json"}) {
    fs::remove(run / file, ignored);
  }
}

void write_config(const fs::path& run, const ResolvedRecipe& resolved,
                  const std::vector<NamedSequence>& sequences) {
  write_file_atomically(run / "config.json", to_json(resolved.recipe) + "\n");
  ordered_json provenance;
  for (const auto& [path, name] : sequences) {
    provenance["inputs"].push_back({{"path", fs::absolute(path).string()}, {"name", name}});
  }
  provenance["origins"] = resolved.origins;
  write_file_atomically(run / "provenance.json", provenance.dump(2) + "\n");
}

std::vector<NamedSequence> read_inputs(const fs::path& run) {
  const fs::path path = run / "provenance.json";
  try {
    const auto provenance = ordered_json::parse(read_file(path));
    std::vector<NamedSequence> sequences;
    for (const auto& input : provenance.at("inputs")) {
      sequences.push_back({input.at("path"), input.at("name")});
    }
    return sequences;
  } catch (const nlohmann::json::exception& error) {
    throw ConfigError(fmt::format("'{}' is damaged: {}", path.string(), error.what()));
  }
}

void write_backgrounds(const fs::path& folder, const std::vector<Clip>& clips) {
  for (const Clip& clip : clips) {
    const fs::path file = folder / (clip.info.name + ".png");
    make_writable_folder(file.parent_path());
    write_png(file, to_image(clip.scene.background[0]));
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
  for (const Clip& clip : trainer.clips()) {
    summary.skipped_frames.insert(summary.skipped_frames.end(), clip.skipped.begin(),
                                  clip.skipped.end());
  }
  callbacks.on_start(trainer);

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
  summary.score = label_free_score(trainer);
  if (trainer.clips().size() == 1 && has_the_papers_form(trainer.recipe())) {
    summary.rpca_gap = measure_gap(trainer);
  }
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
  json["score"] = score.value;
  json["stability"] = score.stability;
  json["contours"] = score.contours;
  json["skipped_frames"] = skipped_frames;
  return json.dump(2);
}

TrainSummary train(const ResolvedRecipe& resolved, const std::vector<NamedSequence>& sequences,
                   const fs::path& run, bool force, const TrainCallbacks& callbacks) {
  if (!force) refuse_occupied(run);
  std::vector<Clip> clips = load_clips(sequences, resolved.recipe);
  make_writable_folder(run);
  remove_earlier_run(run);
  write_config(run, resolved, sequences);
  write_backgrounds(run / "backgrounds", clips);
  Trainer trainer(resolved.recipe, std::move(clips));
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
  const auto sequences = read_inputs(run);
  Trainer trainer(resolved.recipe, load_clips(sequences, resolved.recipe));
  restore_latest_checkpoint(run / "checkpoints", trainer);
  write_config(run, resolved, sequences);
  return run_to_end(run, trainer, callbacks);
}

}  // namespace proxseg
