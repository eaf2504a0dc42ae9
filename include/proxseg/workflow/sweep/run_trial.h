// The work of one trial, in DIR/trials/ID:
//   run/      the training run
//   masks/    where there is ground truth: binNNNNNN.png of every frame
//   log.txt   what was said meanwhile
#pragma once

#include <filesystem>
#include <optional>

#include "proxseg/segment/session.h"
#include "proxseg/train/session.h"
#include "proxseg/workflow/sweep/ledger.h"

namespace proxseg {

std::filesystem::path trial_folder(const std::filesystem::path& sweep, const std::string& id);

// The recipe that the trial trains by: at its rung's steps, with `threads` threads where it says
// nothing of them.
ResolvedRecipe recipe_of(const Trial& trial, int64_t threads);

// Trains from the latest checkpoint in folder, if there is one; segments and measures where there
// is ground truth. Nothing when stopped by callbacks, after saving. Throws what training,
// segmenting and measuring throw.
std::optional<TrialResult> run_trial(const Trial& trial, const ResolvedRecipe& recipe,
                                     const std::filesystem::path& folder,
                                     const TrainCallbacks& training,
                                     const InferCallbacks& segmenting);

}  // namespace proxseg
