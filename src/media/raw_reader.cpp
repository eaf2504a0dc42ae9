#include "media/raw_reader.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "proxseg/core/error.h"
#include "proxseg/core/text.h"

namespace proxseg {
namespace {

constexpr int kMostPixelsASide = 1 << 15;

cv::Size size_of_frames(const std::string& text) {
  const auto size = parse_size(text);
  if (!size || std::max(size->width, size->height) > kMostPixelsASide) {
    throw UsageError(fmt::format("--size: '{}' is not WIDTHxHEIGHT of at least 1x1", text),
                     "Write for example --size 320x240.");
  }
  return {size->width, size->height};
}

class BgrReader final : public ImageReader {
 public:
  BgrReader(std::unique_ptr<InputPipe> pipe, cv::Size size) : pipe_(std::move(pipe)), size_(size) {}

  // What was only announced takes no memory.
  bool grab() override {
    constexpr size_t kBlock = 1 << 20;
    const size_t wanted = size_t{3} * static_cast<size_t>(size_.area());
    bytes_.clear();
    while (bytes_.size() < wanted) {
      const size_t held = bytes_.size();
      bytes_.resize(std::min(wanted, held + kBlock));
      const size_t count = pipe_->read(bytes_.data() + held, bytes_.size() - held);
      bytes_.resize(held + count);
      if (count > 0) continue;
      if (held > 0 && !pipe_->is_called_off()) {
        spdlog::warn("standard input ends inside a frame: its last {} bytes are left out", held);
      }
      return false;
    }
    return true;
  }

  cv::Mat retrieve() override { return cv::Mat(size_, CV_8UC3, bytes_.data()).clone(); }

  void interrupt() override { pipe_->interrupt(); }

 private:
  std::unique_ptr<InputPipe> pipe_;
  cv::Size size_;
  std::vector<char> bytes_;
};

}  // namespace

std::unique_ptr<ImageReader> open_raw(std::unique_ptr<InputPipe> pipe, const std::string& size) {
  return std::make_unique<BgrReader>(std::move(pipe), size_of_frames(size));
}

}  // namespace proxseg
