// labelme/NAME.json: Labelme's file of a frame, each piece of an object a polygon, the pieces of an
// object one group, by its id where it has one. labelme/labels.txt: the names of labels, for its
// option --labels. labelme/NAME.png: the frame, where it is no file of its own.
#include <nlohmann/json.hpp>

#include "proxseg/core/file.h"
#include "proxseg/core/text.h"
#include "segment/product/outline.h"
#include "segment/product/product.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

using nlohmann::ordered_json;

ordered_json labelled(const Polygon& polygon, int64_t group) {
  auto points = ordered_json::array();
  for (const cv::Point2d& corner : polygon) points.push_back({corner.x, corner.y});
  return {{"label", kObjectName},
          {"points", std::move(points)},
          {"group_id", group},
          {"shape_type", "polygon"},
          {"flags", ordered_json::object()}};
}

class Labelme final : public SequenceProduct {
 public:
  explicit Labelme(const ProductContext& context) : context_(context) {}

  void add(const FrameResult& result) override {
    auto shapes = ordered_json::array();
    int64_t group = 0;
    for (const Track& object : result.objects) {
      ++group;
      for (const Polygon& polygon : polygons_of(object.shape, Corners::kFew)) {
        shapes.push_back(labelled(polygon, object.id > 0 ? object.id : group));
      }
    }
    const fs::path file = frame_file(context_, Product::kLabelme, result.frame);
    if (result.frame.file.empty()) {
      context_.queue.push(fs::path(file).replace_extension(".png"), result.frame.image);
    }
    context_.queue.push(file, json_text(ordered_json{{"version", "5.1.1"},
                                                     {"flags", ordered_json::object()},
                                                     {"shapes", std::move(shapes)},
                                                     {"imagePath", image_path(result.frame)},
                                                     {"imageData", nullptr},
                                                     {"imageHeight", result.size().height},
                                                     {"imageWidth", result.size().width}}));
  }

  void finish(const cv::Mat& /*background*/) override {
    write_file_atomically(context_.folder / "labelme/labels.txt",
                          std::string("__ignore__\n") + kObjectName + '\n');
  }

 private:
  // From the folder of the JSON files to the frame.
  std::string image_path(const Frame& frame) const {
    if (frame.file.empty()) return frame.name + ".png";
    std::error_code ignored;
    const fs::path file = fs::path(frame.folder) / frame.file;
    const fs::path path = fs::proximate(file, context_.folder / "labelme", ignored);
    return path.empty() ? frame.file : path.string();
  }

  const ProductContext& context_;
};

}  // namespace

std::unique_ptr<SequenceProduct> open_labelme(const ProductContext& context) {
  return std::make_unique<Labelme>(context);
}

}  // namespace proxseg
