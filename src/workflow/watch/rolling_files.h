// Files that follow one another, of which the old ones go.
#pragma once

#include <filesystem>
#include <string>

namespace proxseg {

class RollingFiles {
 public:
  // Files are folder/TIME and the extension, by when they begin, in UTC: "20260131T120000.000Z.csv". length, keep:
  // as of WatchOptions. Throws OutputError where the folder cannot be written.
  RollingFiles(std::filesystem::path folder, std::string extension, double length, double keep);

  // The file that begins now, at that time of the stream; old ones go.
  std::filesystem::path begin(double seconds);

  // Seconds since it began.
  double age(double seconds) const { return seconds - from_; }
  bool is_full(double seconds) const { return age(seconds) >= length_; }

 private:
  std::filesystem::path folder_;
  std::string extension_;
  double length_, keep_, from_ = 0.0;
};

// Removes those files of such names in folder that were written last more than so many seconds ago; others stay.
void remove_old_files(const std::filesystem::path& folder, const std::string& extension,
                      double keep);

}  // namespace proxseg
