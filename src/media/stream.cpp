#include "proxseg/media/stream.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <opencv2/videoio.hpp>
#include <utility>

#include "media/opencv_log.h"
#include "media/raw_reader.h"
#include "media/reader_source.h"
#include "media/selection.h"
#include "media/video_reader.h"
#include "proxseg/core/error.h"
#include "proxseg/media/memory_source.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kAddressMark = "://";

bool is_camera(const std::string& path) {
  constexpr size_t kMostDigits = 4;
  std::error_code ignored;
  return !path.empty() && path.size() <= kMostDigits &&
         path.find_first_not_of("0123456789") == std::string::npos && !fs::exists(path, ignored);
}

bool is_address(const std::string& path) {
  const size_t at = path.find(kAddressMark);
  return at != std::string::npos && at > 0 && path.find('/') == at + 1;
}

class CameraReader final : public ImageReader {
 public:
  // By Video4Linux alone: for a camera that is not there OpenCV would go on to search USB and
  // FireWire with libraries that leak.
  explicit CameraReader(const std::string& index) {
    quiet_opencv();
    if (capture_.open(std::stoi(index), cv::CAP_V4L2)) return;
    throw InputError(fmt::format("cannot open camera {}", index),
                     "See /dev/video* for those that there are, and who may read them.");
  }

  bool grab() override { return capture_.grab(); }
  double fps() const override { return std::max(0.0, capture_.get(cv::CAP_PROP_FPS)); }

  cv::Mat retrieve() override {
    cv::Mat image;
    if (capture_.retrieve(image) && !image.empty()) return image;
    throw InputError("the camera sent a frame that cannot be decoded");
  }

 private:
  cv::VideoCapture capture_;
};

std::unique_ptr<ImageReader> open_reader(const std::string& path, const std::string& size,
                                         ShouldStop should_stop) {
  if (path == "-") {
    auto pipe = std::make_unique<InputPipe>(STDIN_FILENO, std::move(should_stop));
    if (size.empty()) return open_video_pipe(std::move(pipe));
    return open_raw(std::move(pipe), size);
  }
  if (!size.empty()) throw UsageError("--size is for raw frames on standard input");
  if (is_camera(path)) return std::make_unique<CameraReader>(path);
  return open_video_address(path, std::move(should_stop));
}

}  // namespace

bool is_stream(const std::string& path) {
  return path == "-" || is_camera(path) || is_address(path);
}

std::string stream_name(const std::string& path) {
  if (path == "-") return "stdin";
  if (is_camera(path)) return "camera" + path;
  const std::string place = path.substr(path.find(kAddressMark) + kAddressMark.size());
  const std::string address = place.substr(0, place.find_first_of("?#"));
  const std::string name = fs::path(address).stem().string();
  const bool names_it = name.find_first_not_of('.') != std::string::npos &&
                        name.find('@') == std::string::npos;  // a password may stand before it
  return names_it ? name : "stream";
}

std::unique_ptr<FrameSource> open_stream(const std::string& path, const SourceOptions& options,
                                         std::function<bool()> should_stop) {
  check_source_options(options);
  SequenceInfo info;
  info.name = stream_name(path);
  info.path = path;
  info.kind = SequenceKind::kStream;
  auto reader = open_reader(path, options.size, std::move(should_stop));
  const FrameRange range = parse_range(options.range, reader->fps());
  return prepare(frames_of(std::move(reader), std::move(info), range, options), options);
}

std::unique_ptr<FrameSource> open_ahead(const SequenceInfo& sequence,
                                        const SourceOptions& options) {
  if (sequence.head.empty()) return open_source(sequence.path, options);
  return prepare(std::make_unique<MemorySource>(sequence.head, sequence), options);
}

}  // namespace proxseg
