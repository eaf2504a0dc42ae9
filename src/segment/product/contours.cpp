// contours.json:
//   {"images": [{"file_name", "number", "seconds", "width", "height", "objects": [{"box": [x, y, width,
//   height], "area", "centroid": [x, y], "contours": [[[x, y], ...], ...]}]}]}
// in pixels from 0. Objects with an identity begin with "id".
#include <nlohmann/json.hpp>

#include "proxseg/core/file.h"
#include "proxseg/core/text.h"
#include "segment/product/outline.h"
#include "segment/product/product.h"

namespace proxseg {
namespace {

using nlohmann::ordered_json;

ordered_json outlined(const Track& object) {
  const Shape& shape = object.shape;
  const cv::Rect& box = shape.box;
  auto contours = ordered_json::array();
  for (const auto& contour : contours_of(shape)) {
    auto points = ordered_json::array();
    for (const cv::Point& point : contour) points.push_back({point.x, point.y});
    contours.push_back(std::move(points));
  }
  ordered_json json;
  if (object.id > 0) json["id"] = object.id;
  json.update({{"box", {box.x, box.y, box.width, box.height}},
               {"area", shape.area},
               {"centroid", {shape.centroid.x, shape.centroid.y}},
               {"contours", std::move(contours)}});
  return json;
}

class Contours final : public SequenceProduct {
 public:
  explicit Contours(const ProductContext& context) : context_(context) {}

  void add(const FrameResult& result) override {
    const Frame& frame = result.frame;
    auto objects = ordered_json::array();
    for (const Track& object : result.objects) objects.push_back(outlined(object));
    images_.push_back({{"file_name", frame.label()},
                       {"number", frame.number},
                       {"seconds", frame.seconds ? ordered_json(*frame.seconds) : ordered_json()},
                       {"width", result.size().width},
                       {"height", result.size().height},
                       {"objects", std::move(objects)}});
  }

  void finish(const cv::Mat& /*background*/) override {
    write_file_atomically(context_.folder / "contours.json",
                          json_line(ordered_json{{"images", images_}}) + '\n');
  }

 private:
  const ProductContext& context_;
  ordered_json images_ = ordered_json::array();
};

}  // namespace

std::unique_ptr<SequenceProduct> open_contours(const ProductContext& context) {
  return std::make_unique<Contours>(context);
}

}  // namespace proxseg
