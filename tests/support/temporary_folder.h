// A folder of its own for a test.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "proxseg/core/temporary_folder.h"

namespace proxseg {

// Everything in folder, also hidden files.
inline std::vector<std::string> listing(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    names.push_back(entry.path().filename().string());
  }
  return names;
}

}  // namespace proxseg
