// From the folder of a run to the trial of a sweep that made it.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "proxseg/workflow/sweep/ledger.h"

namespace proxseg {

struct PlaceInSweep {
  std::filesystem::path sweep;  // without symbolic links
  std::string trial;
};

// Of SWEEP/trials/ID/run; nothing for another folder.
std::optional<PlaceInSweep> place_in_sweep(const std::filesystem::path& run);

// Reads each ledger once.
class TrialIndex {
 public:
  // Null for a run that no sweep made. Throws OutputError if a ledger cannot be read.
  const Trial* find(const std::filesystem::path& run);

 private:
  std::map<std::filesystem::path, std::vector<Trial>> sweeps_;
};

}  // namespace proxseg
