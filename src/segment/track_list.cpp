#include "segment/track_list.h"

#include <fmt/format.h>

#include "proxseg/core/text.h"

namespace proxseg {
namespace {

// Y = .299 R + .587 G + .114 B (ITU-R BT.601), of a mean in BGR or grey.
double luma(const cv::Scalar& mean, int channels) {
  return channels == 1 ? mean[0] : 0.114 * mean[0] + 0.587 * mean[1] + 0.299 * mean[2];
}

double mean_luma(const cv::Mat& image, const Shape& shape) {
  return luma(cv::mean(image(shape.box), shape.mask), image.channels());
}

std::string difference_of(const cv::Mat& frame, const cv::Mat& background, const Shape& shape) {
  if (background.empty()) return "";
  return fmt::format("{:.2f}", mean_luma(frame, shape) - mean_luma(background, shape));
}

}  // namespace

void TrackList::add(const Frame& frame, const cv::Mat& background,
                    const std::vector<Track>& tracks) {
  ++frames_;
  const std::string seconds = csv_number(frame.seconds);
  for (const Track& track : tracks) {
    const Shape& shape = track.shape;
    const cv::Rect& box = shape.box;
    rows_.push_back(
        {{frames_, track.id, box},
         fmt::format("{},{},{},{},{},{},{},{},{:.2f},{:.2f},{},{},{},{},{}\n",
                     csv_field(frame.name), frame.number, seconds, track.id, box.x, box.y,
                     box.width, box.height, shape.centroid.x, shape.centroid.y, shape.area,
                     difference_of(frame.image, background, shape),
                     track.frames > 1 ? fmt::format("{:.2f}", cv::norm(track.velocity)) : "",
                     track.state == TrackState::kRest ? "rest" : "moving", track.event)});
    ++rows_of_[track.id];
  }
}

std::string TrackList::csv() const {
  std::string text =
      "frame,number,seconds,id,x,y,width,height,centroid_x,centroid_y,area,difference,speed,state,"
      "event\n";
  for (const Row& row : rows_) {
    if (is_listed(row)) text += row.csv;
  }
  return text;
}

std::string TrackList::motchallenge() const {
  std::vector<MotBox> boxes;
  for (const Row& row : rows_) {
    if (is_listed(row)) boxes.push_back(row.box);
  }
  return to_motchallenge(boxes);
}

}  // namespace proxseg
