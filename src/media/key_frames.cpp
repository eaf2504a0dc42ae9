// The key frames of a video, without what lies between them.
#include <utility>

#include "media/stored.h"
#include "media/video_reader.h"
#include "proxseg/media/stream.h"

namespace proxseg {
namespace {

class KeyFrames final : public FrameSource {
 public:
  explicit KeyFrames(std::unique_ptr<VideoSource> video)
      : video_(std::move(video)), places_(video_->key_frames()), info_(video_->info()) {
    info_.frames = static_cast<int64_t>(places_.size());
  }

  const SequenceInfo& info() const override { return info_; }

  std::optional<Frame> grab() override {
    if (position_ == places_.size()) return std::nullopt;
    return frame_at(static_cast<int64_t>(++position_));
  }

  void decode(Frame& frame) override { frame = video_->key_frame(places_[position_ - 1]); }

 private:
  std::unique_ptr<VideoSource> video_;
  std::vector<int64_t> places_;
  SequenceInfo info_;
  size_t position_ = 0;  // of the frame grabbed last, from 1
};

}  // namespace

int64_t count_key_frames(const SequenceInfo& sequence) {
  if (sequence.kind != SequenceKind::kVideo || !sequence.head.empty()) return 0;
  return static_cast<int64_t>(open_video_file(sequence.path)->key_frames().size());
}

std::unique_ptr<FrameSource> open_key_frames(const SequenceInfo& sequence,
                                             const SourceOptions& options) {
  return view_as_asked([&] { return std::make_unique<KeyFrames>(open_video_file(sequence.path)); },
                       options);
}

}  // namespace proxseg
