#include "segment/objects.h"

#include <fmt/format.h>

#include <opencv2/imgproc.hpp>

#include "proxseg/core/text.h"

namespace proxseg {
namespace {

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

std::vector<std::vector<cv::Point>> contours_of(const Shape& shape) {
  std::vector<std::vector<cv::Point>> contours;
  cv::findContours(shape.mask, contours, cv::RETR_CCOMP, cv::CHAIN_APPROX_SIMPLE, shape.box.tl());
  return contours;
}

MaskObject object_of(const Shape& shape, cv::Size frame, int64_t id = 0) {
  return {id, shape.box, shape.area, shape.centroid, runs_of(shape, frame), contours_of(shape)};
}

nlohmann::ordered_json json_of(const MaskObject& object) {
  const cv::Rect& box = object.box;
  auto contours = nlohmann::ordered_json::array();
  for (const auto& contour : object.contours) {
    auto points = nlohmann::ordered_json::array();
    for (const cv::Point& point : contour) points.push_back({point.x, point.y});
    contours.push_back(std::move(points));
  }
  nlohmann::ordered_json json;
  if (object.id > 0) json["id"] = object.id;
  json.update({{"box", {box.x, box.y, box.width, box.height}},
               {"area", object.area},
               {"centroid", {object.centroid.x, object.centroid.y}},
               {"contours", std::move(contours)}});
  return json;
}

}  // namespace

std::vector<MaskObject> find_objects(const cv::Mat& mask) {
  std::vector<MaskObject> objects;
  for (const Shape& shape : components_of(mask)) objects.push_back(object_of(shape, mask.size()));
  return objects;
}

std::vector<MaskObject> objects_of(const std::vector<Track>& tracks, cv::Size frame) {
  std::vector<MaskObject> objects;
  for (const Track& track : tracks) objects.push_back(object_of(track.shape, frame, track.id));
  return objects;
}

void ObjectList::add(const Frame& frame, const cv::Mat& mask) {
  if (!lists_.empty()) add(frame, mask.size(), find_objects(mask));
}

void ObjectList::add(const Frame& frame, cv::Size size, const std::vector<Track>& tracks) {
  has_identities_ = true;
  if (!lists_.empty()) add(frame, size, objects_of(tracks, size));
}

void ObjectList::add(const Frame& frame, cv::Size size, const std::vector<MaskObject>& objects) {
  if (lists_.contains(Product::kBoxes)) add_to_csv(frame, objects);
  if (lists_.contains(Product::kContours)) add_to_contours(frame, size, objects);
  if (lists_.contains(Product::kCoco)) add_to_coco(frame, size, objects);
}

void ObjectList::add_to_csv(const Frame& frame, const std::vector<MaskObject>& objects) {
  for (const MaskObject& object : objects) {
    const cv::Rect& box = object.box;
    csv_ += fmt::format("{},{},{},{},{},{},{},{:.2f},{:.2f},{}\n", csv_field(frame.name),
                        frame.number, box.x, box.y, box.width, box.height, object.area,
                        object.centroid.x, object.centroid.y, csv_number(frame.seconds));
  }
}

void ObjectList::add_to_contours(const Frame& frame, cv::Size size,
                                 const std::vector<MaskObject>& objects) {
  auto outlined = nlohmann::ordered_json::array();
  for (const MaskObject& object : objects) outlined.push_back(json_of(object));
  outlined_.push_back({{"file_name", frame.label()},
                       {"number", frame.number},
                       {"seconds", frame.seconds ? nlohmann::ordered_json(*frame.seconds)
                                                 : nlohmann::ordered_json()},
                       {"width", size.width},
                       {"height", size.height},
                       {"objects", std::move(outlined)}});
}

void ObjectList::add_to_coco(const Frame& frame, cv::Size size,
                             const std::vector<MaskObject>& objects) {
  constexpr int kVideo = 1;
  const size_t image = images_.size() + 1;
  images_.push_back({{"id", image},
                     {"file_name", frame.label()},
                     {"width", size.width},
                     {"height", size.height}});
  if (has_identities_) images_.back().update({{"video_id", kVideo}, {"frame_index", image - 1}});
  for (const MaskObject& object : objects) {
    const cv::Rect& box = object.box;
    annotations_.push_back(
        {{"id", annotations_.size() + 1},
         {"image_id", image},
         {"category_id", 1},
         {"iscrowd", 0},
         {"area", object.area},
         {"bbox", {box.x, box.y, box.width, box.height}},
         {"centroid", {object.centroid.x, object.centroid.y}},
         {"segmentation", {{"size", {size.height, size.width}}, {"counts", object.runs}}}});
    if (!has_identities_) continue;
    annotations_.back().update({{"video_id", kVideo}, {"track_id", object.id}});
    ids_.insert(object.id);
  }
}

std::string ObjectList::coco() const {
  nlohmann::ordered_json document = {{"images", images_},
                                     {"categories", {{{"id", 1}, {"name", "moving object"}}}},
                                     {"annotations", annotations_}};
  if (has_identities_) {
    document["videos"] = {{{"id", 1}, {"name", sequence_}}};
    auto& tracks = document["tracks"] = nlohmann::ordered_json::array();
    for (const int64_t id : ids_) {
      tracks.push_back({{"id", id}, {"category_id", 1}, {"video_id", 1}});
    }
  }
  return json_line(document) + '\n';
}

std::string ObjectList::contours() const {
  return json_line(nlohmann::ordered_json{{"images", outlined_}}) + '\n';
}

}  // namespace proxseg
