// Images and videos that appear under their final name only when they are whole.
#pragma once

#include <filesystem>
#include <memory>
#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <vector>

#include "proxseg/core/file.h"

namespace proxseg {

// Encodes image (8UC1 or 8UC3 BGR) by path's extension and writes it atomically, creating missing
// parent folders. parameters are those of cv::imencode. Throws OutputError.
void write_image(const std::filesystem::path& path, const cv::Mat& image,
                 const std::vector<int>& parameters = {}, Flush flush = Flush::kAtOnce);

// The same as PNG, whatever the extension of path. The file says by which program it was made.
void write_png(const std::filesystem::path& path, const cv::Mat& image,
               Flush flush = Flush::kAtOnce);

// Whether path is a PNG file as write_png() left it. False for what cannot be read.
bool is_own_png(const std::filesystem::path& path);

// Whether path ends as PNG files do. False for what cannot be read.
bool is_whole_png(const std::filesystem::path& path);

// Before anything is written: throws OutputError if images in one of the folders would be read as
// frames of the sequence that input stands for, or lie where its frames do, or if one of the files
// is among its own. Links are followed; streams have no files. Throws InputError as open_source().
void expect_apart(const std::vector<std::filesystem::path>& folders,
                  const std::vector<std::filesystem::path>& files, const std::string& input);

// Writes the pixels of image as they are, row by row, to an open file such as standard output.
// Throws OutputError.
void write_raw(int file, const cv::Mat& image);

// Writes files in order on a thread of its own, so that encoding does not hold up the caller.
class FrameFileQueue {
 public:
  // At most depth files wait; push() blocks then. depth >= 1.
  explicit FrameFileQueue(int depth = 16);
  // Writes what was pushed and discards errors: call finish() to learn of them.
  ~FrameFileQueue();
  FrameFileQueue(const FrameFileQueue&) = delete;
  FrameFileQueue& operator=(const FrameFileQueue&) = delete;

  // Queues a copy of image for write_png(path), flushed later. Throws the first error met so far;
  // nothing more is written after it.
  void push(std::filesystem::path path, const cv::Mat& image);

  // The same for write_file_atomically(path).
  void push(std::filesystem::path path, std::string text);

  // Waits until everything is written. Throws the first error met. push() after finish() is a
  // logic_error.
  void finish();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// A video. In an .mp4 file: H.264 where the machine can encode it (browsers play that), else MPEG-4
// part 2. In an .mkv file: FFV1, grey, without any loss. Odd widths and heights are padded by one
// repeated column or row, as the codecs want even ones.
class VideoWriter {
 public:
  // Throws OutputError: neither .mp4 nor .mkv, folder not writable, no codec; UsageError: size or
  // fps not positive.
  VideoWriter(const std::filesystem::path& path, cv::Size size, double fps);
  // Removes the unfinished video if close() was not called.
  ~VideoWriter();
  VideoWriter(const VideoWriter&) = delete;
  VideoWriter& operator=(const VideoWriter&) = delete;

  // frame: 8UC1, or in an .mp4 8UC3 BGR, of the size given above; anything else is an
  // invalid_argument. seconds: when it is shown, if it has a time of its own, by a clock that the
  // video's first frame starts; else 1 / fps after the frame before.
  void write(const cv::Mat& frame, std::optional<double> seconds = std::nullopt);

  // Ends the video, checks that it can be read back, and publishes it; does nothing the second
  // time. end: when the last frame ends, by the clock of write(), if it doesn't last for 1 / fps.
  // Throws OutputError, also if no frame was written; nothing is left then.
  void close(std::optional<double> end = std::nullopt);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace proxseg
