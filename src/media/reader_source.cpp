#include "media/reader_source.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "proxseg/core/error.h"
#include "proxseg/media/cdnet.h"

namespace proxseg {
namespace {

constexpr const char* kSkipAdvice = "Leave unreadable frames out with --set input.on_error=skip.";

class ReaderSource final : public FrameSource {
 public:
  ReaderSource(std::unique_ptr<ImageReader> reader, SequenceInfo info, const FrameRange& range,
               const SourceOptions& options)
      : options_(options), range_(range), reader_(std::move(reader)), info_(std::move(info)) {
    if (info_.kind == SequenceKind::kVideo) announce(reader_->announced());
    info_.fps = reader_->fps();
    pending_ = next();
    if (!pending_) refuse_empty();
    info_.size = pending_->image.size();
    info_.channels = pending_->image.channels();
    if (info_.kind == SequenceKind::kCdnet) info_.roi = read_roi(info_.path, info_.size);
    if (const auto values = reader_->values_of_16_bits()) {
      const std::string warning = narrow_range_warning(*values);
      if (!warning.empty()) spdlog::warn("'{}': {}", info_.path, warning);
    }
  }

  const SequenceInfo& info() const override { return info_; }
  const std::vector<std::string>& skipped() const override { return skipped_; }
  void interrupt() override { reader_->interrupt(); }

  std::optional<Frame> next() override {
    if (pending_) return std::exchange(pending_, std::nullopt);
    while (advance()) {
      if (!range_.contains(position_, reader_->seconds()) || in_range_++ % options_.every != 0) {
        continue;
      }
      if (auto frame = read()) return frame;
    }
    return std::nullopt;
  }

 private:
  void announce(int64_t count) {
    info_.frames = std::max<int64_t>(1, selected_count(range_, options_.every, count));
    announced_end_ = std::min(range_.last.value_or(count), count);
  }

  // Moves to the next image; false at the end of the range or of the input.
  bool advance() {
    if (ended_ || range_.ends_at(position_)) return false;
    if (reader_->grab()) {
      ++position_;
      ended_ = range_.is_before(position_, reader_->seconds());
      return !ended_;
    }
    ended_ = true;
    if (position_ < announced_end_ && !range_.last_seconds) {
      spdlog::warn("'{}' ends after {} frames, its container announces {}", info_.path, position_,
                   announced_end_);
    }
    if (damaged_ > 1) spdlog::warn("'{}': {} frames are damaged", info_.path, damaged_);
    return false;
  }

  // The image grabbed last; nothing if it is to be skipped.
  std::optional<Frame> read() {
    const ImageLabel label =
        reader_->label().value_or(ImageLabel{fmt::format("frame{:06}", position_), position_});
    Frame frame = {label.name, label.number, {}, label.file};
    try {
      frame.image = reader_->retrieve();
    } catch (const InputError& error) {
      if (options_.on_error == OnError::kRefuse) {
        throw InputError(error.what(), error.remedy().empty()
                                           ? kSkipAdvice
                                           : fmt::format("{} {}", error.remedy(), kSkipAdvice));
      }
      return skip(label.name, error.what());
    }
    const std::string damage = reader_->damage();
    if (damage.empty()) return frame;
    if (options_.on_error == OnError::kSkip) {
      return skip(label.name, fmt::format("{} is damaged: {}", label.name, damage));
    }
    if (damaged_++ == 0) {
      spdlog::warn(
          "{} of '{}' is damaged ({}) and taken as it is; --set input.on_error=skip leaves "
          "such frames out",
          label.name, info_.path, damage);
    }
    return frame;
  }

  std::optional<Frame> skip(const std::string& name, const std::string& reason) {
    spdlog::warn("frame skipped: {}", reason);
    if (skipped_.empty()) first_reason_ = reason;
    skipped_.push_back(name);
    return std::nullopt;
  }

  [[noreturn]] void refuse_empty() const {
    if (!skipped_.empty()) {
      throw InputError(fmt::format("none of the {} frames of '{}' can be read; the first: {}",
                                   skipped_.size(), info_.path, first_reason_));
    }
    if (position_ == 0) throw InputError(fmt::format("no frame of '{}' can be read", info_.path));
    throw InputError(fmt::format("the range '{}' holds none of the {} frames of '{}'",
                                 options_.range, position_, info_.path));
  }

  SourceOptions options_;
  FrameRange range_;
  std::unique_ptr<ImageReader> reader_;
  SequenceInfo info_;
  int64_t position_ = 0;  // of the image grabbed last, from 1
  int64_t in_range_ = 0;
  int64_t announced_end_ = 0;  // last position that the container announces within the range
  int64_t damaged_ = 0;        // frames given all the same
  bool ended_ = false;
  std::optional<Frame> pending_;
  std::vector<std::string> skipped_;
  std::string first_reason_;
};

}  // namespace

std::unique_ptr<FrameSource> frames_of(std::unique_ptr<ImageReader> reader, SequenceInfo info,
                                       const FrameRange& range, const SourceOptions& options) {
  return std::make_unique<ReaderSource>(std::move(reader), std::move(info), range, options);
}

std::string narrow_range_warning(const std::pair<int, int>& values) {
  constexpr int kLargest = 65535, kGreyLevel = 257;
  const auto [smallest, largest] = values;
  if (largest - smallest >= kLargest / 10) return "";
  return fmt::format(
      "its 16-bit images hold values from {} to {} of {} only, which leaves {} grey levels in 8 "
      "bits: objects may not be told from noise. Stretch the values beforehand, for example with "
      "ImageMagick: mogrify -level {:.2f}%,{:.2f}% *.png",
      smallest, largest, kLargest, (largest - smallest) / kGreyLevel + 1,
      100.0 * smallest / kLargest, 100.0 * largest / kLargest);
}

}  // namespace proxseg
