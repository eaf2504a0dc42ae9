#include "objects.h"

#include <fmt/format.h>

#include <opencv2/imgproc.hpp>

namespace proxseg {
namespace {

std::vector<int64_t> runs_of(const cv::Mat& labels, int label, const cv::Rect& box) {
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
  for (int x = box.x; x < box.br().x; ++x) {
    const int64_t column = static_cast<int64_t>(x) * labels.rows;
    for (int y = box.y; y < box.br().y; ++y) {
      if (labels.at<int>(y, x) == label) add_run(column + y, column + y + 1);
    }
  }
  const auto size = static_cast<int64_t>(labels.total());
  if (end < size) runs.push_back(size - end);
  return runs;
}

}  // namespace

std::vector<MaskObject> find_objects(const cv::Mat& mask) {
  cv::Mat labels, stats, centroids;
  const int count = cv::connectedComponentsWithStats(mask, labels, stats, centroids);
  std::vector<MaskObject> objects;
  for (int i = 1; i < count; ++i) {  // 0 is the outside
    const cv::Rect box(stats.at<int>(i, cv::CC_STAT_LEFT), stats.at<int>(i, cv::CC_STAT_TOP),
                       stats.at<int>(i, cv::CC_STAT_WIDTH), stats.at<int>(i, cv::CC_STAT_HEIGHT));
    objects.push_back({box,
                       stats.at<int>(i, cv::CC_STAT_AREA),
                       {centroids.at<double>(i, 0), centroids.at<double>(i, 1)},
                       runs_of(labels, i, box)});
  }
  return objects;
}

void ObjectList::add(const Frame& frame, const cv::Mat& mask) {
  const size_t image = images_.size() + 1;
  images_.push_back(
      {{"id", image}, {"file_name", frame.name}, {"width", mask.cols}, {"height", mask.rows}});
  for (const MaskObject& object : find_objects(mask)) {
    const cv::Rect& box = object.box;
    csv_ +=
        fmt::format("{},{},{},{},{},{},{},{:.2f},{:.2f}\n", frame.name, frame.number, box.x, box.y,
                    box.width, box.height, object.area, object.centroid.x, object.centroid.y);
    annotations_.push_back(
        {{"id", annotations_.size() + 1},
         {"image_id", image},
         {"category_id", 1},
         {"iscrowd", 0},
         {"area", object.area},
         {"bbox", {box.x, box.y, box.width, box.height}},
         {"segmentation", {{"size", {mask.rows, mask.cols}}, {"counts", object.runs}}}});
  }
}

std::string ObjectList::coco() const {
  const nlohmann::ordered_json document = {{"images", images_},
                                           {"categories", {{{"id", 1}, {"name", "moving object"}}}},
                                           {"annotations", annotations_}};
  return document.dump() + "\n";
}

}  // namespace proxseg
