// mask, soft, background, foreground: an image a frame.
#include "segment/product/product.h"

namespace proxseg {
namespace {

cv::Mat image_of(Product product, const Segmentation& result) {
  switch (product) {
    case Product::kSoft: {
      cv::Mat bytes;
      result.soft.convertTo(bytes, CV_8U, 255.0);
      return bytes;
    }
    case Product::kBackground:
      return result.background;
    case Product::kForeground:
      return result.foreground;
    default:
      return result.mask;
  }
}

class Images final : public SequenceProduct {
 public:
  Images(const ProductContext& context, Product product) : context_(context), product_(product) {}

  void add(const FrameResult& result) override {
    context_.queue.push(frame_file(context_, product_, result.frame),
                        image_of(product_, result.segmentation));
  }

  void finish(const cv::Mat& /*background*/) override {}

 private:
  const ProductContext& context_;
  Product product_;
};

// The background of the whole sequence, as it is known in the end.
class BackgroundImage final : public SequenceProduct {
 public:
  explicit BackgroundImage(const ProductContext& context) : context_(context) {}

  void add(const FrameResult& /*result*/) override {}

  void finish(const cv::Mat& background) override {
    if (!background.empty()) write_png(context_.folder / "background.png", background);
  }

 private:
  const ProductContext& context_;
};

}  // namespace

std::unique_ptr<SequenceProduct> open_images(const ProductContext& context, Product product) {
  return std::make_unique<Images>(context, product);
}

std::unique_ptr<SequenceProduct> open_background_image(const ProductContext& context) {
  return std::make_unique<BackgroundImage>(context);
}

}  // namespace proxseg
