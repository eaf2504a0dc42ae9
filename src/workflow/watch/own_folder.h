// The folder that one input is watched into, and nothing else writes to.
#pragma once

#include <filesystem>

#include "proxseg/media/sequences.h"

namespace proxseg {

// Before anything is written there. Throws OutputError where masks would replace the input's frames, where infer
// or train has written, and where another input was watched and one of the two is a file. Two streams are told
// apart by their state.
void expect_own_folder(const std::filesystem::path& folder, const NamedSequence& input);

// Notes in DIR/watch.json what is watched there. Throws OutputError.
void record_input(const std::filesystem::path& folder, const NamedSequence& input);

}  // namespace proxseg
