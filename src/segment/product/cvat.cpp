// cvat.xml: "CVAT for video 1.1". An object is a <track>, with a polygon in each frame in which it is
// seen, and one with outside="1" in the first frame in which it is not. Frames are counted from 0, as
// they are segmented. An object in pieces is one polygon: narrow bridges join them.
#include <fmt/format.h>

#include <map>

#include "proxseg/core/file.h"
#include "segment/product/outline.h"
#include "segment/product/product.h"

namespace proxseg {
namespace {

std::string polygon_of(int64_t frame, const std::string& points, bool outside) {
  return fmt::format(
      "    <polygon frame=\"{}\" keyframe=\"1\" outside=\"{}\" occluded=\"0\" points=\"{}\" "
      "z_order=\"0\"></polygon>\n",
      frame, outside ? 1 : 0, points);
}

std::string points_of(const Shape& shape) {
  std::string points;
  for (const cv::Point2d& corner : outline_of(shape, Corners::kFew)) {
    points += fmt::format("{}{:.1f},{:.1f}", points.empty() ? "" : ";", corner.x, corner.y);
  }
  return points;
}

class Cvat final : public SequenceProduct {
 public:
  explicit Cvat(const ProductContext& context) : context_(context) {}

  void add(const FrameResult& result) override {
    for (const Track& object : result.objects) {
      Seen& seen = seen_[object.id];
      if (!seen.polygons.empty() && seen.last + 1 < frames_) seen.end();
      seen.points = points_of(object.shape);
      seen.polygons += polygon_of(frames_, seen.points, /*outside=*/false);
      seen.last = frames_;
    }
    ++frames_;
  }

  void finish(const cv::Mat& /*background*/) override {
    std::string tracks;
    for (auto& [id, seen] : seen_) {
      if (seen.last + 1 < frames_) seen.end();
      tracks += fmt::format("  <track id=\"{}\" label=\"{}\" source=\"auto\">\n{}  </track>\n", id,
                            kObjectName, seen.polygons);
    }
    write_file_atomically(context_.folder / "cvat.xml",
                          "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<annotations>\n"
                          "  <version>1.1</version>\n" +
                              meta() + tracks + "</annotations>\n");
  }

 private:
  struct Seen {
    std::string polygons;
    std::string points;  // of the last of them
    int64_t last = -1;   // frame

    void end() { polygons += polygon_of(last + 1, points, /*outside=*/true); }
  };

  std::string meta() const {
    const cv::Size size = context_.sequence.size;
    return fmt::format(
        "  <meta>\n    <task>\n      <size>{}</size>\n      <mode>interpolation</mode>\n"
        "      <labels>\n        <label>\n          <name>{}</name>\n"
        "          <attributes></attributes>\n        </label>\n      </labels>\n"
        "      <original_size>\n        <width>{}</width>\n        <height>{}</height>\n"
        "      </original_size>\n    </task>\n  </meta>\n",
        frames_, kObjectName, size.width, size.height);
  }

  const ProductContext& context_;
  int64_t frames_ = 0;
  std::map<int64_t, Seen> seen_;  // by id
};

}  // namespace

std::unique_ptr<SequenceProduct> open_cvat(const ProductContext& context) {
  return std::make_unique<Cvat>(context);
}

}  // namespace proxseg
