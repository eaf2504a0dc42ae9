#include "segment/track_overlay.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <string>

namespace proxseg {
namespace {

// Hues that are a golden section of the circle apart: those of near ids are far from each other.
cv::Scalar color_of(int64_t id) {
  constexpr double kGolden = 0.618033988749895;
  const double turns = kGolden * static_cast<double>(id);
  cv::Mat pixel(1, 1, CV_8UC3, cv::Scalar(180.0 * (turns - std::floor(turns)), 200, 255));
  cv::cvtColor(pixel, pixel, cv::COLOR_HSV2BGR);
  const auto& bgr = pixel.at<cv::Vec3b>(0, 0);
  return {1.0 * bgr[0], 1.0 * bgr[1], 1.0 * bgr[2]};
}

void fill(cv::Mat& image, const Shape& shape, const cv::Scalar& color) {
  cv::Mat part = image(shape.box), mixed;
  cv::addWeighted(part, 0.6, cv::Mat(part.size(), CV_8UC3, color), 0.4, 0.0, mixed);
  mixed.copyTo(part, shape.mask);
  std::vector<std::vector<cv::Point>> contours;
  cv::findContours(shape.mask, contours, cv::RETR_LIST, cv::CHAIN_APPROX_NONE, shape.box.tl());
  cv::drawContours(image, contours, -1, color);
}

// Above the box, or where that is outside of the frame, in it.
void write_id(cv::Mat& image, const Track& track, const cv::Scalar& color) {
  const double scale = std::max(0.4, image.rows / 800.0);
  const int width = std::max(1, cvRound(scale));
  const std::string text = std::to_string(track.id);
  const cv::Size size = cv::getTextSize(text, cv::FONT_HERSHEY_SIMPLEX, scale, width, nullptr);
  const cv::Rect& box = track.shape.box;
  const cv::Point at(std::clamp(box.x, 0, std::max(0, image.cols - size.width)),
                     std::max(size.height + 1, box.y - 3));
  cv::putText(image, text, at, cv::FONT_HERSHEY_SIMPLEX, scale, cv::Scalar::all(0), width + 2,
              cv::LINE_AA);
  cv::putText(image, text, at, cv::FONT_HERSHEY_SIMPLEX, scale, color, width, cv::LINE_AA);
}

}  // namespace

cv::Mat draw_tracks(const cv::Mat& frame, const std::vector<Track>& tracks) {
  cv::Mat image;
  if (frame.channels() == 3) {
    image = frame.clone();
  } else {
    cv::cvtColor(frame, image, cv::COLOR_GRAY2BGR);
  }
  for (const Track& track : tracks) fill(image, track.shape, color_of(track.id));
  for (const Track& track : tracks) {
    if (track.frames > 1) write_id(image, track, color_of(track.id));
  }
  return image;
}

}  // namespace proxseg
