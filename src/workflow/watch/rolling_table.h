// A CSV table in files of bounded length, of which the old ones go.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

namespace proxseg {

class RollingTable {
 public:
  // Files are folder/TIME.csv, by when they begin, in UTC, with this header. length, keep: as of WatchOptions.
  RollingTable(std::filesystem::path folder, std::string header, double length, double keep);

  // Lines, each with its end, of that time; they are in the file at once. Throws OutputError.
  void write(const std::string& lines, double seconds);

 private:
  void begin(double seconds);

  std::filesystem::path folder_, path_;
  std::string header_;
  double length_, keep_;
  std::ofstream file_;
  double from_ = 0.0;
};

}  // namespace proxseg
