#include <fmt/format.h>

#include <utility>

#include "media/stored.h"
#include "media/warn_once.h"
#include "proxseg/core/error.h"
#include "proxseg/media/cdnet.h"

namespace proxseg {
namespace {

constexpr const char* kSkipAdvice = "Leave unreadable frames out with --set input.on_error=skip.";

class ReadableFrames final : public FrameView {
 public:
  ReadableFrames(std::unique_ptr<FrameSource> source, OnError on_error)
      : FrameView(std::move(source)), on_error_(on_error) {
    first_ = ReadableFrames::grab();
    if (!first_) refuse_empty();
    info_.size = first_->size();
    info_.image_size = first_->image.size();
    info_.channels = first_->image.channels();
    info_.depth = first_->image.depth();
    if (info_.kind == SequenceKind::kCdnet) info_.roi = read_roi(info_.path, info_.size);
  }

  const std::vector<std::string>& skipped() const override { return skipped_; }

  std::optional<Frame> grab() override {
    if (first_) return std::exchange(first_, std::nullopt);
    while (auto frame = source_->grab()) {
      if (read(*frame)) return frame;
    }
    const int64_t damaged = std::exchange(damaged_, 0);
    if (damaged > 1) warn(fmt::format("'{}': {} frames are damaged", info_.path, damaged));
    return std::nullopt;
  }

  void decode(Frame& /*frame*/) override {}  // grab() did

 private:
  // False if the frame is to be skipped.
  bool read(Frame& frame) {
    try {
      source_->decode(frame);
    } catch (const InputError& error) {
      if (on_error_ != OnError::kRefuse) return skip(frame, error.what());
      throw InputError(error.what(), error.remedy().empty()
                                         ? kSkipAdvice
                                         : fmt::format("{} {}", error.remedy(), kSkipAdvice));
    }
    if (frame.damage.empty()) return true;
    if (on_error_ != OnError::kRefuse) {
      return skip(frame,
                  fmt::format("{} of '{}' is damaged: {}", frame.name, info_.path, frame.damage));
    }
    if (damaged_++ == 0) {
      warn(fmt::format(
          "{} of '{}' is damaged ({}) and taken as it is; --set input.on_error=skip leaves "
          "such frames out",
          frame.name, info_.path, frame.damage));
    }
    return true;
  }

  // The frames of a stream come once.
  void warn(const std::string& text) const {
    info_.kind == SequenceKind::kStream ? spdlog::warn(text) : warn_once(text);
  }

  bool skip(const Frame& frame, const std::string& reason) {
    if (on_error_ == OnError::kSkip) warn("frame skipped: " + reason);
    if (skipped_.empty()) first_reason_ = reason;
    skipped_.push_back(frame.name);
    return false;
  }

  [[noreturn]] void refuse_empty() const {
    if (skipped_.empty()) throw InputError(fmt::format("no frame of '{}' can be read", info_.path));
    throw InputError(fmt::format("none of the {} frames of '{}' can be read; the first: {}",
                                 skipped_.size(), info_.path, first_reason_));
  }

  OnError on_error_;
  std::vector<std::string> skipped_;
  std::string first_reason_;
  int64_t damaged_ = 0;         // frames given all the same
  std::optional<Frame> first_;  // not given yet
};

}  // namespace

std::unique_ptr<FrameSource> readable(std::unique_ptr<FrameSource> source, OnError on_error) {
  return std::make_unique<ReadableFrames>(std::move(source), on_error);
}

}  // namespace proxseg
