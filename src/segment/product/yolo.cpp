// yolo/labels/NAME.txt: a row an object,
//   class x y x y x y ...
// class 0, and the corners of its outline as parts of the frame's width and height, as ultralytics'
// segmentation datasets have them. An object in pieces is one polygon: narrow bridges join them.
// yolo/images/NAME.png: the frame, where it is no file of its own. yolo/data.yaml: the dataset.
#include <fmt/format.h>

#include "proxseg/core/file.h"
#include "segment/product/outline.h"
#include "segment/product/product.h"

namespace proxseg {
namespace {

class Yolo final : public SequenceProduct {
 public:
  explicit Yolo(const ProductContext& context) : context_(context) {}

  void add(const FrameResult& result) override {
    std::string rows;
    for (const Track& object : result.objects) {
      rows += '0';
      for (const cv::Point2d& corner : outline_of(object.shape, Corners::kAll)) {
        rows += fmt::format(" {:.6f} {:.6f}", corner.x / result.size().width,
                            corner.y / result.size().height);
      }
      rows += '\n';
    }
    context_.queue.push(frame_file(context_, Product::kYolo, result.frame), std::move(rows));
    if (!result.frame.file.empty()) return;
    context_.queue.push(context_.folder / "yolo/images" / (result.frame.name + ".png"),
                        result.frame.image);
  }

  void finish(const cv::Mat& /*background*/) override {
    write_file_atomically(context_.folder / "yolo/data.yaml",
                          fmt::format("# The frames belong into images, beside labels.\n"
                                      "train: images\nval: images\nnames:\n  0: {}\n",
                                      kObjectName));
  }

 private:
  const ProductContext& context_;
};

}  // namespace

std::unique_ptr<SequenceProduct> open_yolo(const ProductContext& context) {
  return std::make_unique<Yolo>(context);
}

}  // namespace proxseg
