#include "workflow/sweep/trial_index.h"

#include <algorithm>

namespace proxseg {
namespace fs = std::filesystem;

std::optional<PlaceInSweep> place_in_sweep(const fs::path& run) {
  std::error_code error;
  const fs::path whole = fs::canonical(run, error);
  if (error || whole.filename() != "run") return std::nullopt;
  const fs::path trial = whole.parent_path(), trials = trial.parent_path();
  if (trials.filename() != "trials" || !is_sweep(trials.parent_path())) return std::nullopt;
  return PlaceInSweep{trials.parent_path(), trial.filename().string()};
}

const Trial* TrialIndex::find(const fs::path& run) {
  const auto place = place_in_sweep(run);
  if (!place) return nullptr;
  const auto [sweep, is_new] = sweeps_.try_emplace(place->sweep);
  if (is_new) sweep->second = Ledger(place->sweep).trials();
  const auto trial = std::ranges::find(sweep->second, place->trial, &Trial::id);
  return trial == sweep->second.end() ? nullptr : &*trial;
}

}  // namespace proxseg
