// A CSV table in files of bounded length, of which the old ones go.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include "workflow/watch/rolling_files.h"

namespace proxseg {

class RollingTable {
 public:
  RollingTable(RollingFiles files, std::string header)
      : files_(std::move(files)), header_(std::move(header)) {}

  // Lines, each with its end, of that time; they are in the file at once. Throws OutputError.
  void write(const std::string& lines, double seconds);

 private:
  RollingFiles files_;
  std::filesystem::path path_;
  std::string header_;
  std::ofstream file_;
};

}  // namespace proxseg
