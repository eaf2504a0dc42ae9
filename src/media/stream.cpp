#include "proxseg/media/stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <iostream>

#include "media/raw_reader.h"
#include "media/selection.h"
#include "media/video_source.h"
#include "proxseg/core/error.h"
#include "proxseg/media/transform.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kAddress = "://";

bool is_camera(const std::string& path) {
  constexpr size_t kMostDigits = 4;
  std::error_code ignored;
  return !path.empty() && path.size() <= kMostDigits &&
         path.find_first_not_of("0123456789") == std::string::npos && !fs::exists(path, ignored);
}

bool is_address(const std::string& path) {
  const size_t at = path.find(kAddress);
  return at != std::string::npos && at > 0 && path.find('/') == at + 1;
}

std::unique_ptr<ImageReader> open_reader(const std::string& path, const std::string& size) {
  if (path == "-") return open_raw(std::cin, size);
  if (!size.empty()) throw UsageError("--size is for raw frames on standard input");
  if (is_camera(path)) {
    if (auto reader = open_camera(std::stoi(path))) return reader;
    throw InputError(fmt::format("cannot open camera {}", path),
                     "See /dev/video* for those that there are, and who may read them.");
  }
  if (auto reader = open_capture(path)) return reader;
  throw InputError(fmt::format("cannot open '{}': nothing answers, or it sends no video", path),
                   "Check the address; FFmpeg must be able to play it.");
}

// Images in memory as frames.
class HeadSource final : public FrameSource {
 public:
  HeadSource(const SequenceInfo& sequence, const SourceOptions& options)
      : info_(sequence), options_(options) {
    const cv::Mat first = prepare(info_.head.front());
    info_.frames = static_cast<int64_t>(info_.head.size());
    info_.size = first.size();
    info_.channels = first.channels();
  }

  const SequenceInfo& info() const override { return info_; }
  const std::vector<std::string>& skipped() const override { return skipped_; }

  std::optional<Frame> next() override {
    if (position_ == info_.head.size()) return std::nullopt;
    const cv::Mat& image = info_.head[position_++];
    const auto number = static_cast<int64_t>(position_);
    return Frame{fmt::format("frame{:06}", number), number, prepare(image)};
  }

 private:
  cv::Mat prepare(const cv::Mat& image) const {
    return resize_frame(options_.gray ? to_gray(image) : image,
                        scaled_size(image.size(), options_.scale));
  }

  SequenceInfo info_;
  SourceOptions options_;
  size_t position_ = 0;
  std::vector<std::string> skipped_;
};

}  // namespace

bool is_stream(const std::string& path) {
  return path == "-" || is_camera(path) || is_address(path);
}

std::string stream_name(const std::string& path) {
  if (path == "-") return "stdin";
  if (is_camera(path)) return "camera" + path;
  const std::string place = path.substr(path.find(kAddress) + kAddress.size());
  const std::string address = place.substr(0, place.find_first_of("?#"));
  const std::string name = fs::path(address).stem().string();
  const bool names_it = name.find_first_not_of('.') != std::string::npos &&
                        name.find('@') == std::string::npos;  // a password may stand before it
  return names_it ? name : "stream";
}

std::unique_ptr<FrameSource> open_stream(const std::string& path, const SourceOptions& options) {
  check_source_options(options);
  SequenceInfo info;
  info.name = stream_name(path);
  info.path = path;
  info.kind = SequenceKind::kStream;
  return read_frames(open_reader(path, options.size), std::move(info), std::nullopt, options);
}

std::unique_ptr<FrameSource> open_ahead(const SequenceInfo& sequence,
                                        const SourceOptions& options) {
  if (sequence.head.empty()) return open_source(sequence.path, options);
  return std::make_unique<HeadSource>(sequence, options);
}

}  // namespace proxseg
