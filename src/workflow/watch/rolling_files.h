// Files that follow one another, of which the old ones go.
#pragma once

#include <filesystem>
#include <fstream>
#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <utility>

#include "proxseg/media/sink.h"

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

// Such files of a CSV table.
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

// Such files of a video.
class RollingVideo {
 public:
  // files: of ".mkv" or ".mp4".
  RollingVideo(RollingFiles files, double fps) : files_(std::move(files)), fps_(fps) {}
  // What a process that was killed has left in folder of a file becomes that file, as far as it can be read;
  // what cannot is removed. No other process may write there.
  static void keep_what_was_cut(const std::filesystem::path& folder, const std::string& extension);

  // Finishes the last file; errors are dropped: call finish() to learn of them.
  ~RollingVideo();

  // As VideoWriter::write(). Throws OutputError.
  void write(const cv::Mat& image, double seconds);

  void finish();

 private:
  RollingFiles files_;
  double fps_;
  std::optional<VideoWriter> video_;
};

}  // namespace proxseg
