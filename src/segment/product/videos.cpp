// mask.mkv, without any loss, and overlay.mp4.
#include <algorithm>

#include "proxseg/media/preview.h"
#include "proxseg/media/transform.h"
#include "segment/product/drawing.h"
#include "segment/product/product.h"

namespace proxseg {
namespace {

// That of the frames, or smaller where the encoder takes none so large.
cv::Size size_for_h264(cv::Size frames) {
  constexpr double kLargest = 16384.0;
  return scaled_size(frames, std::min(1.0, kLargest / std::max(frames.width, frames.height)));
}

// Each frame at its own time, and the last one until the input ends.
class TimedVideo {
 public:
  TimedVideo(const ProductContext& context, const char* name, cv::Size size)
      : sequence_(context.sequence),
        writer_(context.folder / name, size,
                sequence_.fps > 0.0 ? sequence_.fps : context.options.fps) {}

  void write(const cv::Mat& image, std::optional<double> seconds) {
    writer_.write(image, seconds);
    ++frames_;
    last_ = seconds.value_or(0.0);
  }

  void close() {
    const bool knows_end = frames_ == sequence_.frames && sequence_.seconds > last_;
    writer_.close(knows_end ? std::optional(sequence_.seconds) : std::nullopt);
  }

 private:
  const SequenceInfo& sequence_;
  VideoWriter writer_;
  int64_t frames_ = 0;
  double last_ = 0.0;  // time of the last frame
};

class MaskVideo final : public SequenceProduct {
 public:
  explicit MaskVideo(const ProductContext& context)
      : video_(context, "mask.mkv", context.sequence.size) {}

  void add(const FrameResult& result) override {
    video_.write(result.segmentation.mask, result.frame.seconds);
  }

  void finish(const cv::Mat& /*background*/) override { video_.close(); }

 private:
  TimedVideo video_;
};

class Overlay final : public SequenceProduct {
 public:
  explicit Overlay(const ProductContext& context)
      : context_(context),
        size_(size_for_h264(context.sequence.size)),
        video_(context, "overlay.mp4", size_) {}

  void add(const FrameResult& result) override {
    cv::Mat image = context_.has_identities
                        ? draw_tracks(result.frame.image, result.objects)
                        : draw_overlay(result.frame.image, result.segmentation.mask);
    draw_counts(image, context_.counter);
    if (image.size() != size_) image = resize_frame(image, size_);
    video_.write(image, result.frame.seconds);
  }

  void finish(const cv::Mat& /*background*/) override { video_.close(); }

 private:
  const ProductContext& context_;
  cv::Size size_;
  TimedVideo video_;
};

}  // namespace

std::unique_ptr<SequenceProduct> open_mask_video(const ProductContext& context) {
  return std::make_unique<MaskVideo>(context);
}

std::unique_ptr<SequenceProduct> open_overlay(const ProductContext& context) {
  return std::make_unique<Overlay>(context);
}

}  // namespace proxseg
