// `proxseg run`: from a video to its masks, in one folder: that of the training run, with mask/,
// overlay.mp4, preview.png and report.html besides.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "proxseg/workflow/pipeline.h"

namespace proxseg {

struct RunOptions {
  ResolvedRecipe recipe;
  std::string input;
  std::filesystem::path output;
  std::filesystem::path same_as = {};  // a run that this call makes again, see same_inputs()
  bool same_anyway = false;            // only warns where it cannot be the same
  bool force = false;                  // start over, whatever the folder holds
  // Made of the masks besides them and the overlay; layout, force and fps do not count.
  ExportOptions products{.save = {}};
  // Goes on with the run in output by recipe, one of recipe_of_run(); input is where its sequence is
  // now, or empty where it has not moved.
  bool resume = false;
};

struct RunProducts {
  std::filesystem::path run;
  std::filesystem::path overlay, preview, report;
  std::string input = {};                     // the sequence's path
  std::optional<TrainSummary> training = {};  // nothing if an earlier call trained the network
  SequenceResult masks = {};                  // all present if the folder was complete

  // What the run's summary.json holds, with masks, overlay, preview, report and these warnings besides its own.
  std::string to_json(const std::vector<std::string>& warnings) const;
};

// Trains a network on the input and segments the input with it. The same call again resumes an
// interrupted run, and leaves a finished one as it is.
// The input is decoded twice: once to learn network and scene, once to segment. With input.range or
// input.every, which leave out frames that show the scene, the scene is read separately.
// Returns nothing in all processes but the first of several, see train().
// With options.resume a run that train() left gets its masks, too, and a finished one with other steps or
// settings of masks is trained on or segmented by those.
// Throws OutputError for a folder that another recipe or input made, unless options.force; Error of
// ExitCode::kInterrupted when stopped, after saving; UsageError where options.resume names a run on
// several sequences; what train(), resume() and infer_sequence() throw.
std::optional<RunProducts> run_on(const RunOptions& options, const WorkCallbacks& callbacks,
                                  const ProcessGroup& processes = {});

}  // namespace proxseg
