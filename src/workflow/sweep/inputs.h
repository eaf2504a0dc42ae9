// The sequences that a sweep runs on.
#pragma once

#include <string>
#include <vector>

#include "proxseg/media/sequences.h"

namespace proxseg {

// Those that each path or glob stands for. A glob whose matches are images is one sequence, the
// images its frames; any other names a sequence, or a tree of them, with each match. Paths become
// absolute. Throws InputError as find_sequences() does.
std::vector<NamedSequence> expand_input(const std::string& path_or_glob);

// Equal for the same files: the canonical path, and the names and sizes of what lies there, in
// input/ and in groundtruth/.
std::string identity_of(const std::string& path);

bool has_ground_truth(const std::string& path);

}  // namespace proxseg
