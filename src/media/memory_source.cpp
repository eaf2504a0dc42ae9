#include "proxseg/media/memory_source.h"

#include <fmt/format.h>

#include <utility>

namespace proxseg {
namespace {

std::vector<Frame> named(const std::vector<cv::Mat>& images) {
  std::vector<Frame> frames;
  for (const cv::Mat& image : images) {
    const auto number = static_cast<int64_t>(frames.size() + 1);
    frames.push_back({fmt::format("frame{:06}", number), number, image});
  }
  return frames;
}

}  // namespace

MemorySource::MemorySource(std::vector<Frame> frames, SequenceInfo info)
    : frames_(std::move(frames)), info_(std::move(info)) {
  info_.frames = static_cast<int64_t>(frames_.size());
  if (frames_.empty()) return;
  info_.size = frames_.front().image.size();
  info_.channels = frames_.front().image.channels();
}

MemorySource::MemorySource(const std::vector<cv::Mat>& images, SequenceInfo info)
    : MemorySource(named(images), std::move(info)) {}

std::optional<Frame> MemorySource::next() {
  if (position_ == frames_.size()) return std::nullopt;
  return frames_[position_++];
}

}  // namespace proxseg
