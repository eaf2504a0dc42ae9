// Which frames of a sequence are read.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "media/stored.h"
#include "proxseg/core/clip_range.h"
#include "proxseg/core/error.h"

namespace proxseg {
namespace {

constexpr double kRounding = 1e-6;  // of times, in seconds

// Positions from 1, or by_number those numbers that frames have, both ends included. Where the
// range was given in seconds, a frame's own time decides, if it has one; the positions are then
// those at the average frame rate.
struct FrameRange {
  int64_t first = 1;
  std::optional<int64_t> last{};
  std::optional<double> first_seconds{};
  std::optional<double> last_seconds{};  // not included
  bool by_number = false;

  bool contains(const Frame& frame, int64_t position) const {
    if (by_number) return frame.number >= first && frame.number <= *last;
    const bool by_time = frame.seconds && first_seconds;
    return (by_time ? *frame.seconds >= *first_seconds - kRounding : position >= first) &&
           !is_before(frame, position);
  }

  // The frame there is past the range, and so are all that follow.
  bool is_before(const Frame& frame, int64_t position) const {
    if (by_number) return false;
    if (frame.seconds && last_seconds) return *frame.seconds >= *last_seconds - kRounding;
    return last && position > *last;
  }

  // No frame after that position can lie in the range, whatever its time.
  bool ends_at(int64_t position) const {
    return last && !last_seconds && !by_number && position >= *last;
  }

  // How many of `frames` frames lie in the range, if numbers and times have no gaps.
  int64_t count(int64_t frames) const {
    if (by_number) return std::min(frames, *last - first + 1);
    return std::max<int64_t>(0, std::min(last.value_or(frames), frames) - first + 1);
  }
};

// How many frames come before that time.
int64_t frames_before(const std::string& range, double seconds, double fps) {
  if (!(fps > 0.0)) refuse_range(range, "it has times, but the input has no frame rate");
  return static_cast<int64_t>(std::ceil(seconds * fps - kRounding));
}

FrameRange range_of(const std::string& text, const SequenceInfo& info) {
  if (text == "roi") {
    if (info.temporal_roi) {
      return {
          .first = info.temporal_roi->first, .last = info.temporal_roi->second, .by_number = true};
    }
    throw InputError(fmt::format("range is roi but '{}' has no temporalROI.txt", info.path),
                     "Give the range as FIRST:LAST.");
  }
  const ClipRange clip = parse_clip_range(text);
  FrameRange range;
  if (clip.first) {
    const auto& [frame, seconds] = *clip.first;
    range.first_seconds = seconds;
    range.first = seconds ? frames_before(text, *seconds, info.fps) + 1 : frame;
  }
  if (clip.last) {
    const auto& [frame, seconds] = *clip.last;
    range.last_seconds = seconds;
    range.last = seconds ? frames_before(text, *seconds, info.fps) : frame;
    if (*range.last < range.first) refuse_range(text, "it ends before it starts");
  }
  return range;
}

class SelectedFrames final : public FrameView {
 public:
  SelectedFrames(std::unique_ptr<FrameSource> source, const std::string& range, int64_t every)
      : FrameView(std::move(source)), text_(range), range_(range_of(range, info_)), every_(every) {
    if (range_.last) info_.seconds = 0.0;
    if (info_.frames == 0) return;
    info_.frames = (range_.count(info_.frames) + every_ - 1) / every_;
    if (info_.kind == SequenceKind::kVideo) info_.frames = std::max<int64_t>(1, info_.frames);
  }

  std::optional<Frame> grab() override {
    while (!ended_ && !range_.ends_at(position_)) {
      auto frame = source_->grab();
      ended_ = !frame || range_.is_before(*frame, position_ + 1);
      if (!frame) break;
      frame->position = ++position_;
      if (range_.contains(*frame, position_) && in_range_++ % every_ == 0) return frame;
    }
    if (in_range_ == 0 && position_ > 0) {
      throw InputError(fmt::format("the range '{}' holds none of the {} frames of '{}'", text_,
                                   position_, info_.path));
    }
    return std::nullopt;
  }

 private:
  std::string text_;
  FrameRange range_;
  int64_t every_;
  int64_t position_ = 0;  // of the frame grabbed last, from 1
  int64_t in_range_ = 0;
  bool ended_ = false;
};

}  // namespace

void check_source_options(const SourceOptions& options) {
  std::vector<std::string> problems;
  if (options.every < 1) {
    problems.push_back(fmt::format("every is {} but must be at least 1", options.every));
  }
  if (!(options.scale >= 0.0 && options.scale <= 1.0)) {
    problems.push_back(fmt::format("scale is {} but must be in [0, 1]", options.scale));
  }
  if (!problems.empty()) throw UsageError(fmt::format("{}", fmt::join(problems, "; ")));
}

std::unique_ptr<FrameSource> select(std::unique_ptr<FrameSource> source, const std::string& range,
                                    int64_t every) {
  check_source_options({.every = every});
  return std::make_unique<SelectedFrames>(std::move(source), range, every);
}

}  // namespace proxseg
