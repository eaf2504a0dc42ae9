#include "proxseg/media/stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <opencv2/videoio.hpp>
#include <utility>

#include "media/opencv_log.h"
#include "media/reconnect.h"
#include "media/stored.h"
#include "media/video_reader.h"
#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/media/levels.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kAddressMark = "://";

bool is_camera(const std::string& path) {
  constexpr size_t kMostDigits = 4;
  return !path.empty() && path.size() <= kMostDigits &&
         path.find_first_not_of("0123456789") == std::string::npos && !is_there(path);
}

bool is_address(const std::string& path) {
  const size_t at = path.find(kAddressMark);
  return at != std::string::npos && at > 0 && path.find('/') == at + 1;
}

class Camera final : public FrameSource {
 public:
  // By Video4Linux alone: for a camera that is not there OpenCV would go on to search USB and
  // FireWire with libraries that leak.
  explicit Camera(SequenceInfo info) : info_(std::move(info)) {
    quiet_opencv();
    if (!capture_.open(std::stoi(info_.path), cv::CAP_V4L2)) {
      throw InputError(fmt::format("cannot open camera {}", info_.path),
                       "See /dev/video* for those that there are, and who may read them.");
    }
    info_.fps = std::max(0.0, capture_.get(cv::CAP_PROP_FPS));
  }

  const SequenceInfo& info() const override { return info_; }

  std::optional<Frame> grab() override {
    if (!capture_.grab()) return std::nullopt;
    return frame_at(++position_);
  }

  void decode(Frame& frame) override {
    if (capture_.retrieve(frame.image) && !frame.image.empty()) return;
    throw InputError("the camera sent a frame that cannot be decoded");
  }

 private:
  SequenceInfo info_;
  cv::VideoCapture capture_;
  int64_t position_ = 0;
};

std::unique_ptr<FrameSource> open_stored(SequenceInfo info, const std::string& size,
                                         ShouldStop should_stop) {
  const bool is_pipe = info.path == "-";
  if (is_pipe && !size.empty()) return open_raw(std::move(info), size, std::move(should_stop));
  if (!size.empty()) throw UsageError("--size is for raw frames on standard input");
  if (is_pipe) return open_video_pipe(std::move(info), std::move(should_stop));
  if (is_camera(info.path)) return std::make_unique<Camera>(std::move(info));
  return open_video_address(std::move(info), std::move(should_stop));
}

// By positions where times would be refused.
std::string range_of(const Span& part, const SequenceInfo& sequence) {
  constexpr double kMargin = 1e-6;  // of a frame
  const auto frames_before = [&](double seconds) {
    return static_cast<int64_t>(std::ceil(seconds * sequence.rate() - kMargin));
  };
  const bool has_end = std::isfinite(part.end);
  if (sequence.fps > 0.0) {
    return fmt::format("{:.6f}s:{}", part.start, has_end ? fmt::format("{:.6f}s", part.end) : "");
  }
  return fmt::format("{}:{}", frames_before(part.start) + 1,
                     has_end ? fmt::to_string(frames_before(part.end)) : "");
}

std::unique_ptr<FrameSource> open_lasting(const SequenceInfo& info, const SourceOptions& options,
                                          const ShouldStop& should_stop,
                                          const OnConnection& on_connection) {
  if (info.path == "-") {
    throw UsageError("--reconnect is for cameras and addresses, not for standard input");
  }
  const OpenConnection connect = [info, size = options.size](ShouldStop is_over) {
    return open_stored(info, size, std::move(is_over));
  };
  return view_as_asked(
      [&] { return reconnecting(connect, options.reconnect, should_stop, on_connection); },
      options);
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

std::string without_password(const std::string& path) {
  if (!is_address(path)) return path;
  const size_t host = path.find(kAddressMark) + kAddressMark.size();
  const size_t end = std::min(path.find('/', host), path.size());
  const size_t at = path.rfind('@', end);
  std::string shown = path;
  if (at != std::string::npos && at >= host) shown = path.substr(0, host) + path.substr(at + 1);
  const size_t query = shown.find('?');
  return query == std::string::npos ? shown : shown.substr(0, query) + "?...";
}

std::unique_ptr<FrameSource> open_stream(const std::string& path, const SourceOptions& options,
                                         std::function<bool()> should_stop,
                                         const OnConnection& on_connection,
                                         const std::string& name) {
  check_source_options(options);
  SequenceInfo info;
  info.name = name.empty() ? stream_name(path) : name;
  info.path = path;
  info.kind = SequenceKind::kStream;
  if (options.reconnect > 0.0) return open_lasting(info, options, should_stop, on_connection);
  return view_as_asked([&] { return open_stored(info, options.size, should_stop); }, options);
}

std::unique_ptr<FrameSource> open_frames(const NamedSequence& input, SourceOptions options,
                                         const std::function<bool()>& should_stop,
                                         const OnConnection& on_connection) {
  options.images_only = true;
  options.gray = false;
  if (!is_stream(input.path)) return prefetch(open_source(input.path, options));
  try {
    auto stream = open_stream(input.path, options, should_stop, on_connection, input.name);
    return options.reconnect > 0.0 ? keep_up(std::move(stream)) : prefetch(std::move(stream));
  } catch (const InputError&) {
    if (should_stop()) return nullptr;
    throw;
  }
}

std::deque<Frame> take_head(FrameSource& source, int64_t count,
                            const std::function<bool()>& should_stop, double seconds) {
  std::deque<Frame> head;
  const auto has_enough = [&] {
    if (static_cast<int64_t>(head.size()) >= count) return true;
    if (head.empty() || !head.back().seconds || !head.front().seconds) return false;
    return *head.back().seconds - *head.front().seconds >= seconds;
  };
  while (!has_enough() && !should_stop()) {
    auto frame = source.next();
    if (!frame) break;
    head.push_back(std::move(*frame));
  }
  return head;
}

SequenceInfo with_head(SequenceInfo info, const std::deque<Frame>& head) {
  for (const Frame& frame : head) info.head.push_back(frame.image);
  return info;
}

std::unique_ptr<FrameSource> open_ahead(const SequenceInfo& sequence,
                                        const SourceOptions& options) {
  if (!sequence.head.empty()) {
    return prepare(std::make_unique<MemorySource>(sequence.head, sequence), options);
  }
  SourceOptions asked = options;
  if (sequence.levels) asked.levels = to_string(*sequence.levels);
  if (!sequence.part) return open_source(sequence.path, asked);
  asked.range = range_of(*sequence.part, sequence);
  if (sequence.kind != SequenceKind::kVideo) return open_source(sequence.path, asked);
  return view_as_asked(
      [&] {
        auto video = open_video_file(sequence.path);
        return video->skip_to(sequence.part->start) ? std::move(video)
                                                    : open_video_file(sequence.path);
      },
      asked);
}

}  // namespace proxseg
