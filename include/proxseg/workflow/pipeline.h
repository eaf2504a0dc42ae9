// Train -> segment -> evaluate, once: what the commands run and compare and each trial of a sweep
// have in common.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "proxseg/eval/measures.h"
#include "proxseg/segment/session.h"
#include "proxseg/train/session.h"

namespace proxseg {

// What long work tells whoever asked for it, and asks.
struct WorkCallbacks {
  // Before the process computes anything by that recipe: the time to set threads and allocator.
  std::function<void(const Recipe&)> on_recipe = [](const Recipe&) {};
  // What begins now, as a heading: "highway: median".
  std::function<void(const std::string& heading)> on_stage = [](const std::string&) {};
  TrainCallbacks training;
  // what: the name of a sequence, or "masks"; unit: what is counted, "frames". total: 0 where nobody
  // knows.
  std::function<void(const std::string& what, const char* unit, int64_t done, int64_t total)>
      on_progress = [](const std::string&, const char*, int64_t, int64_t) {};
  // Asked often; true stops after saving.
  std::function<bool()> should_stop = [] { return false; };

  // These for the frames of one sequence.
  InferCallbacks for_frames(const std::string& what) const;
};

// Whether the run in that folder has been trained to the end of recipe.
bool is_trained(const std::filesystem::path& run, const Recipe& recipe);

// Trains a network on the sequence to the end of recipe: from the latest checkpoint in the folder
// if there is one, else from scratch, in place of what lies there. False when stopped. Throws as
// train() and resume() do.
bool train_to_end(const std::filesystem::path& run, const ResolvedRecipe& recipe,
                  const NamedSequence& sequence, const TrainCallbacks& callbacks);

// All frames of a sequence, whichever of them the recipe trains on: ground truth may be of any.
// Region of interest and treatment of broken frames are the recipe's.
SourceOptions whole_sequence(const Recipe& recipe);

struct MeasuredMasks {
  SequenceResult masks;
  Measures measures;
};

// Segments whole_sequence() into masks/binNNNNNN.png, in place of what lies there, and measures the
// masks by CDnet's rule. sequence: with ground truth. Nothing when stopped. Throws as
// infer_sequence() and evaluate_sequence() do.
std::optional<MeasuredMasks> segment_and_measure(Segmenter& segmenter,
                                                 const NamedSequence& sequence,
                                                 const std::filesystem::path& masks,
                                                 const Recipe& recipe,
                                                 const WorkCallbacks& callbacks);

}  // namespace proxseg
