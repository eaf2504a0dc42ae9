// mask.mkv, without any loss, and overlay.mp4.
#include "proxseg/media/preview.h"
#include "segment/product/drawing.h"
#include "segment/product/product.h"

namespace proxseg {
namespace {

VideoWriter open_video(const ProductContext& context, const char* name) {
  const SequenceInfo& sequence = context.sequence;
  return {context.folder / name, sequence.size,
          sequence.fps > 0.0 ? sequence.fps : context.options.fps};
}

class MaskVideo final : public SequenceProduct {
 public:
  explicit MaskVideo(const ProductContext& context) : video_(open_video(context, "mask.mkv")) {}

  void add(const FrameResult& result) override {
    video_.write(result.segmentation.mask, result.frame.seconds);
  }

  void finish(const cv::Mat& /*background*/) override { video_.close(); }

 private:
  VideoWriter video_;
};

class Overlay final : public SequenceProduct {
 public:
  explicit Overlay(const ProductContext& context)
      : context_(context), video_(open_video(context, "overlay.mp4")) {}

  void add(const FrameResult& result) override {
    cv::Mat image = context_.has_identities
                        ? draw_tracks(result.frame.image, result.objects)
                        : draw_overlay(result.frame.image, result.segmentation.mask);
    draw_counts(image, context_.counter);
    video_.write(image, result.frame.seconds);
  }

  void finish(const cv::Mat& /*background*/) override { video_.close(); }

 private:
  const ProductContext& context_;
  VideoWriter video_;
};

}  // namespace

std::unique_ptr<SequenceProduct> open_mask_video(const ProductContext& context) {
  return std::make_unique<MaskVideo>(context);
}

std::unique_ptr<SequenceProduct> open_overlay(const ProductContext& context) {
  return std::make_unique<Overlay>(context);
}

}  // namespace proxseg
