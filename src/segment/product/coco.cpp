// coco.json: COCO's JSON. Every frame is an image, "file_name" its file, of a video or a stack
// NAME.png, as YOLO's and Labelme's images are; every object an annotation with uncompressed run
// lengths, and with its centroid, which COCO doesn't have. With identities, as TAO (Dave et al.,
// ECCV 2020) adds to it: "videos", of which this sequence is the first, and "tracks"; "video_id"
// and "frame_index", from 0, of images, "video_id" and "track_id" of annotations.
#include <nlohmann/json.hpp>
#include <set>

#include "proxseg/core/file.h"
#include "proxseg/core/text.h"
#include "segment/product/product.h"

namespace proxseg {
namespace {

using nlohmann::ordered_json;

// COCO's run lengths: pixels down the columns of the whole frame, outside, inside, outside, ...;
// the outside at its end included.
std::vector<int64_t> runs_of(const Shape& shape, cv::Size frame) {
  std::vector<int64_t> runs;
  int64_t end = 0;  // of the last run
  const auto add_run = [&](int64_t from, int64_t to) {
    if (!runs.empty() && from == end) {
      runs.back() += to - from;
    } else {
      runs.insert(runs.end(), {from - end, to - from});
    }
    end = to;
  };
  for (int x = 0; x < shape.box.width; ++x) {
    const int64_t first = static_cast<int64_t>(shape.box.x + x) * frame.height + shape.box.y;
    for (int y = 0; y < shape.box.height; ++y) {
      if (shape.mask.at<uchar>(y, x) != 0) add_run(first + y, first + y + 1);
    }
  }
  const auto size = static_cast<int64_t>(frame.area());
  if (end < size) runs.push_back(size - end);
  return runs;
}

std::string file_of(const Frame& frame) {
  return frame.file.empty() ? frame.name + ".png" : frame.file;
}

class Coco final : public SequenceProduct {
 public:
  explicit Coco(const ProductContext& context) : context_(context) {}

  void add(const FrameResult& result) override {
    const size_t image = images_.size() + 1;
    images_.push_back({{"id", image},
                       {"file_name", file_of(result.frame)},
                       {"width", result.size().width},
                       {"height", result.size().height}});
    if (context_.has_identities) {
      images_.back().update({{"video_id", kVideo}, {"frame_index", image - 1}});
    }
    for (const Track& object : result.objects) add_object(image, object, result.size());
  }

  void finish(const cv::Mat& /*background*/) override {
    ordered_json document = {{"images", std::move(images_)},
                             {"categories", {{{"id", kCategory}, {"name", kObjectName}}}},
                             {"annotations", std::move(annotations_)}};
    if (context_.has_identities) {
      document["videos"] = {{{"id", kVideo}, {"name", context_.sequence.name}}};
      auto& tracks = document["tracks"] = ordered_json::array();
      for (const int64_t id : ids_) {
        tracks.push_back({{"id", id}, {"category_id", kCategory}, {"video_id", kVideo}});
      }
    }
    write_file_atomically(context_.folder / "coco.json", json_line(document) + '\n');
  }

 private:
  static constexpr int kVideo = 1, kCategory = 1;

  void add_object(size_t image, const Track& object, cv::Size frame) {
    const Shape& shape = object.shape;
    const cv::Rect& box = shape.box;
    annotations_.push_back(
        {{"id", annotations_.size() + 1},
         {"image_id", image},
         {"category_id", kCategory},
         {"iscrowd", 0},
         {"area", shape.area},
         {"bbox", {box.x, box.y, box.width, box.height}},
         {"centroid", {shape.centroid.x, shape.centroid.y}},
         {"segmentation",
          {{"size", {frame.height, frame.width}}, {"counts", runs_of(shape, frame)}}}});
    if (!context_.has_identities) return;
    annotations_.back().update({{"video_id", kVideo}, {"track_id", object.id}});
    ids_.insert(object.id);
  }

  const ProductContext& context_;
  ordered_json images_ = ordered_json::array();
  ordered_json annotations_ = ordered_json::array();
  std::set<int64_t> ids_;
};

}  // namespace

std::unique_ptr<SequenceProduct> open_coco(const ProductContext& context) {
  return std::make_unique<Coco>(context);
}

}  // namespace proxseg
