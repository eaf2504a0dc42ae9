// The key frames of a video, without what lies between them.
#include <iterator>
#include <utility>

#include "media/stored.h"
#include "media/video_reader.h"
#include "proxseg/media/stream.h"

namespace proxseg {
namespace {

// Whether no part of a video of that length is without key frames for much longer than others: an index may list
// some of them only.
bool are_everywhere(const std::vector<KeyFrame>& frames, double length) {
  constexpr double kMostOfMean = 4.0;
  const double most = kMostOfMean * length / static_cast<double>(frames.size());
  double last = 0.0;
  for (const KeyFrame& frame : frames) {
    if (frame.seconds - last > most) return false;
    last = frame.seconds;
  }
  return !frames.empty() && length - last <= most;
}

// Those that may stand for the video.
std::vector<KeyFrame> key_frames_of(VideoSource& video) {
  std::vector<KeyFrame> frames = video.key_frames();
  if (!are_everywhere(frames, video.info().seconds)) frames.clear();
  return frames;
}

class KeyFrames final : public FrameSource {
 public:
  explicit KeyFrames(std::unique_ptr<VideoSource> video)
      : video_(std::move(video)), frames_(key_frames_of(*video_)), info_(video_->info()) {
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
  return std::ssize(key_frames_of(*open_video_file(sequence.path)));
}

std::unique_ptr<FrameSource> open_key_frames(const SequenceInfo& sequence,
                                             const SourceOptions& options) {
  return view_as_asked(
      [&] { return std::make_unique<KeyFrames>(open_video_file(sequence.path, options)); },
      options);
}

}  // namespace proxseg
