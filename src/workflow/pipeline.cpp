#include "proxseg/workflow/pipeline.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/eval/evaluate.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

bool has_checkpoint(const fs::path& run) {
  return std::ranges::any_of(names_if_any(run / "checkpoints"),
                             [](const std::string& name) { return !name.starts_with('.'); });
}

}  // namespace

InferCallbacks WorkCallbacks::for_frames(const std::string& what) const {
  InferCallbacks callbacks;
  callbacks.on_frames = [tell = on_progress, what](int64_t done, int64_t total) {
    tell(what, "frames", done, total);
  };
  callbacks.on_learning = [tell = on_learning, what] { tell(what); };
  callbacks.should_stop = should_stop;
  return callbacks;
}

bool is_trained(const fs::path& run, const Recipe& recipe) {
  if (!is_there(run / "summary.json")) return false;
  const auto summary = nlohmann::json::parse(read_file(run / "summary.json"), nullptr,
                                             /*allow_exceptions=*/false);
  return summary.is_object() && summary.contains("steps") &&
         summary["steps"] == recipe.train.steps + recipe.train.alternating_steps;
}

TrainSummary train_to_end(const fs::path& run, const ResolvedRecipe& recipe,
                          const NamedSequence& sequence, Existing existing,
                          const TrainCallbacks& callbacks, const ProcessGroup& processes) {
  const bool resumes = existing == Existing::kResume && processes.is_first() && has_checkpoint(run);
  if (processes.any(resumes)) {
    try {
      return resume(run, recipe, callbacks, processes, {sequence});
    } catch (const ModelError& error) {  // no checkpoint can be read
      if (processes.size() > 1) throw;
      spdlog::warn("the training starts over: {}", error.what());
    }
  }
  return train(recipe, {sequence}, run, existing != Existing::kRefuse, callbacks, processes);
}

SourceOptions whole_sequence(const Recipe& recipe) {
  return {
      .roi = recipe.input.roi, .levels = recipe.input.levels, .on_error = recipe.input.on_error};
}

std::optional<MeasuredMasks> segment_and_measure(Segmenter& segmenter,
                                                 const NamedSequence& sequence,
                                                 const fs::path& masks, const Recipe& recipe,
                                                 const WorkCallbacks& callbacks) {
  const ExportOptions options = {.layout = Layout::kCdnet, .force = true};
  MeasuredMasks result;
  result.masks = infer_sequence(segmenter, sequence, masks, whole_sequence(recipe), options,
                                callbacks.for_frames(sequence.name));
  if (callbacks.should_stop()) return std::nullopt;
  result.measures = evaluate_sequence(masks, sequence.path).score.measures;
  return result;
}

}  // namespace proxseg
