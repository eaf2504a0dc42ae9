// Train -> segment -> evaluate: the steps that the commands run and compare and the trials of a
// sweep share.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "proxseg/eval/measures.h"
#include "proxseg/segment/session.h"
#include "proxseg/train/session.h"

namespace proxseg {

// What long work reports to its caller, and asks it.
struct WorkCallbacks {
  // Called before anything is computed by that recipe: sets threads and allocator.
  std::function<void(const Recipe&)> on_recipe = [](const Recipe&) {};
  // The next stage, as a heading: "highway: median".
  std::function<void(const std::string& heading)> on_stage = [](const std::string&) {};
  TrainCallbacks training;
  // what: the name of a sequence, or "masks"; unit: what is counted, "frames"; total: 0 where it is
  // unknown.
  std::function<void(const std::string& what, const char* unit, int64_t done, int64_t total)>
      on_progress = [](const std::string&, const char*, int64_t, int64_t) {};
  // Before the background of `what` is learned.
  std::function<void(const std::string& what)> on_learning = [](const std::string&) {};
  // Asked often; true stops the work once its results are saved.
  std::function<bool()> should_stop = [] { return false; };

  // The same for segmenting one sequence.
  InferCallbacks for_frames(const std::string& what) const;
};

// Whether the run in that folder has been trained to the end of recipe.
bool is_trained(const std::filesystem::path& run, const Recipe& recipe);

// What train_to_end() does with what the folder holds.
enum class Existing {
  kResume,   // goes on from the latest checkpoint; starts over where there is none that can be read
  kReplace,  // starts over
  kRefuse    // throws OutputError
};

// Trains a network on the sequence, in the folder `run`, to the end of recipe or until stopped.
// Throws what train() and resume() throw.
TrainSummary train_to_end(const std::filesystem::path& run, const ResolvedRecipe& recipe,
                          const NamedSequence& sequence, Existing existing,
                          const TrainCallbacks& callbacks, const ProcessGroup& processes = {});

// All frames of a sequence, whichever of them the recipe trains on, as any may have ground truth.
// The region of interest and the treatment of broken frames are the recipe's.
SourceOptions whole_sequence(const Recipe& recipe);

struct MeasuredMasks {
  SequenceResult masks;
  Measures measures;
};

// Segments whole_sequence() into masks/binNNNNNN.png, replacing what the folder holds, and measures
// the masks by CDnet's rule. sequence: with ground truth. Nothing when stopped. Throws what
// infer_sequence() and evaluate_sequence() throw.
std::optional<MeasuredMasks> segment_and_measure(Segmenter& segmenter,
                                                 const NamedSequence& sequence,
                                                 const std::filesystem::path& masks,
                                                 const Recipe& recipe,
                                                 const WorkCallbacks& callbacks);

}  // namespace proxseg
