#include "media/video_source.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <opencv2/videoio.hpp>

#include "media/opencv_log.h"
#include "media/region.h"
#include "media/selection.h"
#include "proxseg/core/error.h"
#include "proxseg/media/transform.h"

namespace proxseg {
namespace {

class CaptureReader final : public ImageReader {
 public:
  explicit CaptureReader(const cv::VideoCapture& capture) : capture_(capture) {}

  bool grab() override { return capture_.grab(); }
  bool retrieve(cv::Mat& image) override { return capture_.retrieve(image) && !image.empty(); }
  double fps() const override { return std::max(0.0, capture_.get(cv::CAP_PROP_FPS)); }

  // What the container announces; nothing if it announces none.
  std::optional<int64_t> count() const {
    const double announced = capture_.get(cv::CAP_PROP_FRAME_COUNT);
    return announced >= 1.0 ? std::optional(static_cast<int64_t>(announced)) : std::nullopt;
  }

 private:
  cv::VideoCapture capture_;
};

std::unique_ptr<CaptureReader> open_reader(const auto& what, int backend) {
  quiet_opencv();
  const cv::VideoCapture capture(what, backend);
  if (!capture.isOpened()) return nullptr;
  return std::make_unique<CaptureReader>(capture);
}

std::unique_ptr<CaptureReader> open_file(const std::string& path) {
  auto reader = open_reader(path, cv::CAP_FFMPEG);
  if (reader) return reader;
  throw InputError(
      fmt::format("cannot read '{}': not a video, truncated, or of an unknown codec", path),
      "Give a folder of images or a video that FFmpeg plays.");
}

int64_t count_frames(const std::string& path) {
  const auto counter = open_file(path);
  int64_t count = 0;
  while (counter->grab()) ++count;
  return count;
}

class VideoSource final : public FrameSource {
 public:
  VideoSource(std::unique_ptr<ImageReader> reader, SequenceInfo info, std::optional<int64_t> count,
              const SourceOptions& options)
      : options_(options),
        range_(parse_range_of(info.path, options, reader->fps())),
        reader_(std::move(reader)),
        info_(std::move(info)) {
    info_.fps = reader_->fps();
    pending_ = next();
    if (!pending_) {
      throw InputError(options.range.empty()
                           ? fmt::format("no frame of '{}' can be read", info_.path)
                           : fmt::format("the range '{}' holds none of the {} frames of '{}'",
                                         options.range, position_, info_.path));
    }
    info_.size = pending_->image.size();
    info_.channels = pending_->image.channels();
    info_.roi = region_of_interest(options_, {}, stored_size_, info_.size);
    if (!count) return;
    info_.frames = std::max<int64_t>(1, selected_count(range_, options.every, *count));
    announced_end_ = std::min(range_.last.value_or(*count), *count);
  }

  const SequenceInfo& info() const override { return info_; }
  const std::vector<std::string>& skipped() const override { return skipped_; }

  std::optional<Frame> next() override {
    if (pending_) return std::exchange(pending_, std::nullopt);
    while (advance()) {
      if (!wanted()) continue;
      const std::string name = fmt::format("frame{:06}", position_);
      cv::Mat image;
      if (reader_->retrieve(image)) {
        return Frame{name, position_, prepare(name, image)};
      }
      skip_or_refuse(name);
    }
    return std::nullopt;
  }

 private:
  static FrameRange parse_range_of(const std::string& path, const SourceOptions& options, double fps) {
    if (options.range == "roi") {
      throw InputError(fmt::format("range is roi but '{}' has no temporalROI.txt", path),
                       "Give the range as FIRST:LAST.");
    }
    return parse_range(options.range, fps);
  }

  // Moves to the next position; false at the end of the range or of the video.
  bool advance() {
    if (ended_ || (range_.last && position_ >= *range_.last)) return false;
    if (reader_->grab()) {
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
  FrameRange range_;
  std::unique_ptr<ImageReader> reader_;
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
  SequenceInfo info;
  info.name = name;
  info.path = path;
  info.kind = SequenceKind::kVideo;
  auto reader = open_file(path);
  const auto announced = reader->count();
  const int64_t count = announced ? *announced : count_frames(path);
  return read_frames(std::move(reader), std::move(info), count, options);
}

std::unique_ptr<FrameSource> read_frames(std::unique_ptr<ImageReader> reader, SequenceInfo info,
                                         std::optional<int64_t> count,
                                         const SourceOptions& options) {
  return std::make_unique<VideoSource>(std::move(reader), std::move(info), count, options);
}

std::unique_ptr<ImageReader> open_capture(const std::string& path) {
  return open_reader(path, cv::CAP_FFMPEG);
}

// By Video4Linux alone: for a camera that is not there OpenCV would go on to search USB and
// FireWire with libraries that leak.
std::unique_ptr<ImageReader> open_camera(int index) { return open_reader(index, cv::CAP_V4L2); }

}  // namespace proxseg
