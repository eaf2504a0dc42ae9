#include "media/input_pipe.h"

#include <fmt/format.h>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
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

class RawFrames final : public FrameSource {
 public:
  RawFrames(SequenceInfo info, cv::Size size, ShouldStop should_stop)
      : info_(std::move(info)), size_(size), pipe_(std::move(should_stop)) {}

  const SequenceInfo& info() const override { return info_; }

  // Memory grows with what arrives: a size that is only claimed takes none.
  std::optional<Frame> grab() override {
    constexpr size_t kBlock = 1 << 20;
    const size_t wanted = size_t{3} * static_cast<size_t>(size_.area());
    bytes_.clear();
    while (bytes_.size() < wanted) {
      const size_t held = bytes_.size();
      bytes_.resize(std::min(wanted, held + kBlock));
      const size_t count = pipe_.read(bytes_.data() + held, bytes_.size() - held);
      bytes_.resize(held + count);
      if (count > 0) continue;
      if (held > 0 && !pipe_.is_called_off()) {
        spdlog::warn("standard input ends inside a frame: its last {} bytes are left out", held);
      }
      return std::nullopt;
    }
    return frame_at(++position_);
  }

  void decode(Frame& frame) override {
    frame.image = cv::Mat(size_, CV_8UC3, bytes_.data()).clone();
  }

  void interrupt() override { pipe_.interrupt(); }

 private:
  SequenceInfo info_;
  cv::Size size_;
  InputPipe pipe_;
  std::vector<char> bytes_;
  int64_t position_ = 0;
};

}  // namespace

InputPipe::InputPipe(ShouldStop should_stop)
    : should_stop_(should_stop ? std::move(should_stop) : [] { return false; }) {}

size_t InputPipe::read(void* bytes, size_t size) {
  constexpr int kMilliseconds = 100;
  while (!interrupted_) {
    pollfd waiting{STDIN_FILENO, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, kMilliseconds);
    if (ready == 0 && should_stop_()) interrupt();
    if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
    const ssize_t count = ::read(STDIN_FILENO, bytes, size);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count < 0) {
      throw InputError(fmt::format("cannot read standard input: {}", std::strerror(errno)));
    }
    total_ += count;
    return static_cast<size_t>(count);
  }
  return 0;
}

std::unique_ptr<FrameSource> open_raw(SequenceInfo info, const std::string& size,
                                      ShouldStop should_stop) {
  return std::make_unique<RawFrames>(std::move(info), size_of_frames(size), std::move(should_stop));
}

}  // namespace proxseg
