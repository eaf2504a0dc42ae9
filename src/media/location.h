// What a path stands for: which files make up the sequence.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "proxseg/media/source.h"

namespace proxseg {

struct Location {
  SequenceKind kind = SequenceKind::kFolder;
  std::string name;  // SequenceInfo::name
  // Paths of the images in natural order; of a video, the file itself. As texts, for a path of the
  // standard library takes five times the memory.
  std::vector<std::string> files;
};

// Throws InputError if nothing is there, nothing that is one sequence, or a stream.
Location locate(const std::string& path);

// The number that ends the stem, -1 if none does or if it has more than 18 digits.
int64_t trailing_number(const std::filesystem::path& file);

}  // namespace proxseg
