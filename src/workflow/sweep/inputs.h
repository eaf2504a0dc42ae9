// The sequences of a sweep.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "proxseg/media/sequences.h"
#include "proxseg/workflow/sweep/sweep_file.h"

namespace proxseg {

struct SweepInput {
  NamedSequence sequence;  // path: absolute
  std::string identity;    // its place, and hash_of_sequence()
  bool has_ground_truth = false;
};

// Those that paths and globs name, relative to folder; each once, under names that tell them apart.
// What is no sequence, and ground truth that cannot be used, becomes a problem: "sweep.json:3:
// inputs: ...".
std::vector<SweepInput> find_inputs(const std::vector<Text>& inputs,
                                    const std::filesystem::path& folder,
                                    std::vector<std::string>& problems);

}  // namespace proxseg
