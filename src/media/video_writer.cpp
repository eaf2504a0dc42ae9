#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <opencv2/imgproc.hpp>
#include <opencv2/videoio.hpp>
#include <stdexcept>
#include <system_error>
#include <vector>

#include "media/opencv_log.h"
#include "media/video_reader.h"
#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/media/sink.h"

namespace proxseg {
namespace fs = std::filesystem;

class VideoWriter::Impl {
 public:
  Impl(fs::path path, cv::Size size, double fps)
      : path_(std::move(path)),
        // Absolute: FFmpeg takes what comes before a ':' for a protocol.
        temporary_(temporary_path_for(fs::absolute(path_))),
        size_(size),
        lossless_(path_.extension() == ".mkv") {
    if (size.width < 1 || size.height < 1 || !(fps > 0.0)) {
      throw UsageError(fmt::format("a video of {} x {} at {} frames a second cannot be written",
                                   size.width, size.height, fps));
    }
    if (!lossless_ && path_.extension() != ".mp4") {
      throw OutputError(
          fmt::format("cannot write '{}': videos are written as .mp4 or .mkv", path_.string()),
          "Give a name that ends in .mp4, or in .mkv for grey without loss.");
    }
    make_writable_folder(path_.has_parent_path() ? path_.parent_path() : fs::path("."));
    open(fps);
  }

  ~Impl() { discard(); }

  void write(const cv::Mat& frame) {
    if (!writer_.isOpened()) throw std::logic_error("VideoWriter: write() after close()");
    const bool known_type = frame.type() == CV_8UC1 || (frame.type() == CV_8UC3 && !lossless_);
    if (!known_type || frame.size() != size_) {
      throw std::invalid_argument(
          fmt::format("VideoWriter: frame must be 8UC1{} of {} x {}, is type {} of {} x {}",
                      lossless_ ? "" : " or 8UC3", size_.width, size_.height, frame.type(),
                      frame.cols, frame.rows));
    }
    cv::Mat image = frame;
    if (frame.channels() == 1 && !lossless_) cv::cvtColor(frame, image, cv::COLOR_GRAY2BGR);
    cv::copyMakeBorder(image, image, 0, size_.height % 2, 0, size_.width % 2, cv::BORDER_REPLICATE);
    writer_.write(image);
    ++frames_;
  }

  void close() {
    if (!writer_.isOpened()) return;
    writer_.release();
    if (frames_ == 0) fail("no frame was written to it");
    // cv::VideoWriter does not report a full disk; the index at the end of the file is missing
    // then.
    if (!is_whole()) fail("the finished video cannot be read back; is the disk full?");
    publish_file(temporary_, path_);
  }

 private:
  void open(double fps) {
    quiet_opencv();
    const cv::Size even(size_.width + size_.width % 2, size_.height + size_.height % 2);
    const auto fourcc = cv::VideoWriter::fourcc;
    const std::vector<int> codecs =
        lossless_ ? std::vector{fourcc('F', 'F', 'V', '1')}
                  : std::vector{fourcc('a', 'v', 'c', '1'), fourcc('m', 'p', '4', 'v')};
    for (const int codec : codecs) {
      if (writer_.open(temporary_.string(), cv::CAP_FFMPEG, codec, fps, even, !lossless_)) return;
    }
    if (!std::ofstream(temporary_)) fail(std::strerror(errno));
    discard();
    throw OutputError(fmt::format("cannot write '{}': OpenCV can encode {} here", path_.string(),
                                  lossless_ ? "no FFV1" : "neither H.264 nor MPEG-4"),
                      "Install an OpenCV with FFmpeg, or write images instead.");
  }

  bool is_whole() const {
    try {
      const auto video = open_video_file(temporary_.string());
      return video->info().frames >= frames_ && video->grab();
    } catch (const InputError&) {
      return false;
    }
  }

  [[noreturn]] void fail(const char* reason) {
    discard();
    throw OutputError(fmt::format("cannot write '{}': {}", path_.string(), reason));
  }

  void discard() {
    writer_.release();
    std::error_code ignored;
    fs::remove(temporary_, ignored);
  }

  fs::path path_;
  fs::path temporary_;
  cv::Size size_;
  bool lossless_;
  cv::VideoWriter writer_;
  int64_t frames_ = 0;
};

VideoWriter::VideoWriter(const fs::path& path, cv::Size size, double fps)
    : impl_(std::make_unique<Impl>(path, size, fps)) {}

VideoWriter::~VideoWriter() = default;

void VideoWriter::write(const cv::Mat& frame) { impl_->write(frame); }

void VideoWriter::close() { impl_->close(); }

}  // namespace proxseg
