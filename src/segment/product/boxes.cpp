// boxes.csv: a row an object and frame,
//   frame,number,x,y,width,height,area,centroid_x,centroid_y,seconds
// in pixels from 0 and seconds since the first frame of the input, empty where it knows no times.
// With identities the id follows.
#include <fmt/format.h>

#include "proxseg/core/file.h"
#include "proxseg/core/text.h"
#include "segment/product/product.h"

namespace proxseg {
namespace {

class Boxes final : public SequenceProduct {
 public:
  explicit Boxes(const ProductContext& context) : context_(context) {}

  void add(const FrameResult& result) override {
    const Frame& frame = result.frame;
    for (const Track& object : result.objects) {
      const Shape& shape = object.shape;
      const cv::Rect& box = shape.box;
      rows_ += fmt::format("{},{},{},{},{},{},{},{:.2f},{:.2f},{}{}\n", csv_field(frame.name),
                           frame.number, box.x, box.y, box.width, box.height, shape.area,
                           shape.centroid.x, shape.centroid.y, csv_number(frame.seconds),
                           context_.has_identities ? fmt::format(",{}", object.id) : "");
    }
  }

  void finish(const cv::Mat& /*background*/) override {
    constexpr const char* kColumns =
        "frame,number,x,y,width,height,area,centroid_x,centroid_y,seconds";
    write_file_atomically(
        context_.folder / "boxes.csv",
        fmt::format("{}{}\n{}", kColumns, context_.has_identities ? ",id" : "", rows_));
  }

 private:
  const ProductContext& context_;
  std::string rows_;
};

}  // namespace

std::unique_ptr<SequenceProduct> open_boxes(const ProductContext& context) {
  return std::make_unique<Boxes>(context);
}

}  // namespace proxseg
