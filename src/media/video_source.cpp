#include "video_source.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <opencv2/videoio.hpp>

#include "opencv_log.h"
#include "proxseg/core/error.h"
#include "proxseg/media/transform.h"
#include "selection.h"

namespace proxseg {
namespace {

cv::VideoCapture open_capture(const std::string& path) {
  quiet_opencv();
  cv::VideoCapture capture(path, cv::CAP_FFMPEG);
  if (!capture.isOpened()) {
    throw InputError(
        fmt::format("cannot read '{}': not a video, truncated, or of an unknown codec", path),
        "Give a folder of images or a video that FFmpeg plays.");
  }
  return capture;
}

int64_t count_frames(const std::string& path, const cv::VideoCapture& capture) {
  const double announced = capture.get(cv::CAP_PROP_FRAME_COUNT);
  if (announced >= 1.0) return static_cast<int64_t>(announced);
  cv::VideoCapture counter = open_capture(path);
  int64_t count = 0;
  while (counter.grab()) ++count;
  return count;
}

class VideoSource final : public FrameSource {
 public:
  VideoSource(const std::string& name, const std::string& path, const SourceOptions& options)
      : options_(options), range_(parse_video_range(path, options)), capture_(open_capture(path)) {
    const int64_t count = count_frames(path, capture_);
    info_.name = name;
    info_.path = path;
    info_.kind = SequenceKind::kVideo;
    pending_ = next();
    if (!pending_) {
      throw InputError(options.range.empty()
                           ? fmt::format("no frame of '{}' can be read", path)
                           : fmt::format("the range '{}' holds none of the {} frames of '{}'",
                                         options.range, position_, path));
    }
    info_.frames = std::max<int64_t>(1, selected_count(range_, options.every, count));
    info_.size = pending_->image.size();
    info_.channels = pending_->image.channels();
    announced_end_ = std::min(range_.last.value_or(count), count);
  }

  const SequenceInfo& info() const override { return info_; }
  const std::vector<std::string>& skipped() const override { return skipped_; }

  std::optional<Frame> next() override {
    if (pending_) return std::exchange(pending_, std::nullopt);
    while (advance()) {
      if (!wanted()) continue;
      const std::string name = fmt::format("frame{:06}", position_);
      cv::Mat image;
      if (capture_.retrieve(image) && !image.empty()) {
        return Frame{name, position_, prepare(name, image)};
      }
      skip_or_refuse(name);
    }
    return std::nullopt;
  }

 private:
  static Range parse_video_range(const std::string& path, const SourceOptions& options) {
    if (options.range == "roi") {
      throw InputError(fmt::format("range is roi but the video '{}' has no temporalROI.txt", path),
                       "Give the range as FIRST:LAST.");
    }
    return parse_range(options.range);
  }

  // Moves to the next position; false at the end of the range or of the video.
  bool advance() {
    if (ended_ || (range_.last && position_ >= *range_.last)) return false;
    if (capture_.grab()) {
      ++position_;
      return true;
    }
    ended_ = true;
    if (position_ < announced_end_) {
      spdlog::warn("'{}' ends after {} frames, its container announces {}", info_.path, position_,
                   announced_end_);
    }
    return false;
  }

  bool wanted() const {
    return range_.contains(position_) && (position_ - range_.first) % options_.every == 0;
  }

  void skip_or_refuse(const std::string& name) {
    const std::string message = fmt::format("cannot decode {} of '{}'", name, info_.path);
    if (options_.on_error == OnError::kRefuse) throw InputError(message);
    spdlog::warn("frame skipped: {}", message);
    skipped_.push_back(name);
  }

  cv::Mat prepare(const std::string& name, const cv::Mat& image) {
    if (stored_size_.empty()) stored_size_ = image.size();
    if (image.size() != stored_size_) {
      throw InputError(fmt::format("{} of '{}' is {} x {} but the first frame is {} x {}", name,
                                   info_.path, image.cols, image.rows, stored_size_.width,
                                   stored_size_.height));
    }
    const cv::Mat converted = options_.gray ? to_gray(image) : image;
    return resize_frame(converted, scaled_size(image.size(), options_.scale, options_.pixels));
  }

  SourceOptions options_;
  Range range_;
  cv::VideoCapture capture_;
  SequenceInfo info_;
  cv::Size stored_size_;
  int64_t position_ = 0;       // of the frame grabbed last, from 1
  int64_t announced_end_ = 0;  // last position that the container announces within the range
  bool ended_ = false;
  std::optional<Frame> pending_;
  std::vector<std::string> skipped_;
};

}  // namespace

std::unique_ptr<FrameSource> open_video(const std::string& name, const std::string& path,
                                        const SourceOptions& options) {
  return std::make_unique<VideoSource>(name, path, options);
}

}  // namespace proxseg
