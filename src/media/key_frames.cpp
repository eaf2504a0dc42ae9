// The key frames of a video, without what lies between them.
#include <algorithm>
#include <iterator>
#include <utility>

#include "media/stored.h"
#include "media/video_reader.h"
#include "proxseg/media/stream.h"

namespace proxseg {
namespace {

// Whether the part is nowhere without key frames for much longer than elsewhere: an index may list some of them
// only.
bool are_everywhere(const std::vector<KeyFrame>& frames, const Span& part) {
  constexpr double kMostOfMean = 4.0;
  const double most = kMostOfMean * (part.end - part.start) / static_cast<double>(frames.size());
  double last = part.start;
  for (const KeyFrame& frame : frames) {
    if (frame.seconds - last > most) return false;
    last = frame.seconds;
  }
  return !frames.empty() && part.end - last <= most;
}

// Those that may stand for that part of the video.
std::vector<KeyFrame> key_frames_of(VideoSource& video, Span part) {
  std::vector<KeyFrame> frames = video.key_frames();
  std::erase_if(frames, [&](const KeyFrame& frame) {
    const double seconds =
        std::max(0.0, frame.seconds);  // B-frames are decoded before they are shown
    return seconds < part.start || seconds >= part.end;
  });
  part.end = std::min(part.end, video.info().seconds);
  if (!are_everywhere(frames, part)) frames.clear();
  return frames;
}

class KeyFrames final : public FrameSource {
 public:
  KeyFrames(std::unique_ptr<VideoSource> video, const Span& part)
      : video_(std::move(video)), frames_(key_frames_of(*video_, part)), info_(video_->info()) {
    info_.frames = std::ssize(frames_);
  }

  const SequenceInfo& info() const override { return info_; }

  std::optional<Frame> grab() override {
    if (position_ == frames_.size()) return std::nullopt;
    return frame_at(static_cast<int64_t>(++position_));
  }

  void decode(Frame& frame) override { frame = video_->key_frame(frames_[position_ - 1].place); }

 private:
  std::unique_ptr<VideoSource> video_;
  std::vector<KeyFrame> frames_;
  SequenceInfo info_;
  size_t position_ = 0;  // of the frame grabbed last, from 1
};

}  // namespace

int64_t count_key_frames(const SequenceInfo& sequence) {
  if (sequence.kind != SequenceKind::kVideo || !sequence.head.empty()) return 0;
  return std::ssize(key_frames_of(*open_video_file(sequence.path), sequence.part.value_or(Span())));
}

std::unique_ptr<FrameSource> open_key_frames(const SequenceInfo& sequence,
                                             const SourceOptions& options) {
  const auto open = [&] {
    return std::make_unique<KeyFrames>(open_video_file(sequence.path, options),
                                       sequence.part.value_or(Span()));
  };
  return view_as_asked(open, options);
}

}  // namespace proxseg
