// A video in files of bounded length, of which the old ones go.
#pragma once

#include <filesystem>
#include <opencv2/core.hpp>
#include <optional>
#include <string>

#include "proxseg/media/sink.h"

namespace proxseg {

class RollingVideo {
 public:
  // Files are folder/TIME.EXTENSION, by when they begin, in UTC. extension: ".mkv" or ".mp4".
  // length, keep: as of WatchOptions.
  RollingVideo(std::filesystem::path folder, std::string extension, double fps, double length,
               double keep);
  // What a process that was killed has left in folder of a file becomes that file, as far as it can be read;
  // what cannot is removed. No other process may write there.
  static void keep_what_was_cut(const std::filesystem::path& folder, const std::string& extension);

  // Finishes the last file; errors are dropped: call finish() to learn of them.
  ~RollingVideo();

  // As VideoWriter::write(). Throws OutputError.
  void write(const cv::Mat& image, double seconds);

  void finish();

 private:
  void begin(cv::Size size, double seconds);

  std::filesystem::path folder_;
  std::string extension_;
  double fps_, length_, keep_;
  std::optional<VideoWriter> video_;
  double from_ = 0.0;
};

}  // namespace proxseg
