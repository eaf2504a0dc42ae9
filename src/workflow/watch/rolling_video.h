// A video in files of bounded length, of which the old ones go.
#pragma once

#include <filesystem>
#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <utility>

#include "proxseg/media/sink.h"
#include "workflow/watch/rolling_files.h"

namespace proxseg {

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
