// Which sequences a path stands for.
#pragma once

#include <string>
#include <vector>

namespace proxseg {

struct NamedSequence {
  std::string path;
  std::string name;  // folder of its outputs, relative
};

// The sequences that path stands for: itself if it is one or a stream, else every folder below that
// holds an input/ folder (a CDnet tree), named by its relative path. Throws InputError if there is
// none.
std::vector<NamedSequence> find_sequences(const std::string& path);

// Those of all paths. Throws UsageError if two have the same name.
std::vector<NamedSequence> find_sequences(const std::vector<std::string>& paths);

}  // namespace proxseg
