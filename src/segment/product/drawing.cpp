#include "segment/product/drawing.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <string>

#include "proxseg/media/transform.h"

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

double text_scale(const cv::Mat& image) { return std::max(0.4, image.rows / 800.0); }

// In white on black, or another colour; moved into the frame where it would leave it. at: the
// middle of the text, or its lower left corner.
enum class Anchor { kMiddle, kLowerLeft };
void write_text(cv::Mat& image, const std::string& text, cv::Point at, Anchor anchor, double scale,
                const cv::Scalar& color = cv::Scalar::all(255)) {
  const int width = std::max(1, cvRound(scale));
  const cv::Size size = cv::getTextSize(text, cv::FONT_HERSHEY_SIMPLEX, scale, width, nullptr);
  if (anchor == Anchor::kMiddle) at += cv::Point(-size.width / 2, size.height / 2);
  at.x = std::clamp(at.x, 0, std::max(0, image.cols - size.width));
  at.y = std::clamp(at.y, size.height + 1, std::max(size.height + 1, image.rows - 1));
  cv::putText(image, text, at, cv::FONT_HERSHEY_SIMPLEX, scale, cv::Scalar::all(0), width + 2,
              cv::LINE_AA);
  cv::putText(image, text, at, cv::FONT_HERSHEY_SIMPLEX, scale, color, width, cv::LINE_AA);
}

// Above the object, about as high as it is and no larger than other text, in a light shade of its
// colour.
void write_id(cv::Mat& image, const Track& track) {
  constexpr double kLeast = 0.3, kHeight = 22.0;  // of its font in pixels
  const double scale = std::clamp(track.shape.box.height / kHeight, kLeast, text_scale(image));
  const cv::Scalar color = 0.3 * color_of(track.id) + 0.7 * cv::Scalar::all(255);
  const cv::Point above = track.shape.box.tl() - cv::Point(0, 3);
  write_text(image, std::to_string(track.id), above, Anchor::kLowerLeft, scale, color);
}

void outline(cv::Mat& image, const std::vector<cv::Point>& points, bool closed) {
  const int width = std::max(1, cvRound(image.rows / 400.0));
  cv::polylines(image, points, closed, cv::Scalar::all(0), width + 2, cv::LINE_AA);
  cv::polylines(image, points, closed, cv::Scalar::all(255), width, cv::LINE_AA);
}

void draw_line(cv::Mat& image, const LineCount& count) {
  const CountLine& line = count.line;
  const cv::Point2d middle = (line.from + line.to) / 2.0, way = line.to - line.from;
  const double gap = 0.05 * image.rows + 4.0;
  // To the right of the way in the picture, whose y runs down.
  const cv::Point2d right = cv::Point2d(-way.y, way.x) * (gap / cv::norm(way));
  outline(image, {line.from, line.to}, /*closed=*/false);
  write_text(image, std::to_string(count.left_to_right), middle + right, Anchor::kMiddle,
             text_scale(image));
  write_text(image, std::to_string(count.right_to_left), middle - right, Anchor::kMiddle,
             text_scale(image));
  write_text(image, line.name, line.from, Anchor::kLowerLeft, text_scale(image));
}

void draw_zone(cv::Mat& image, const CountZone& zone, int64_t inside) {
  const std::vector<cv::Point> corners(zone.polygon.begin(), zone.polygon.end());
  outline(image, corners, /*closed=*/true);
  write_text(image, fmt::format("{}: {}", zone.name, inside), corners.front(), Anchor::kLowerLeft,
             text_scale(image));
}

}  // namespace

cv::Mat draw_tracks(const cv::Mat& frame, const std::vector<Track>& tracks) {
  cv::Mat image = with_channels(frame, 3).clone();
  for (const Track& track : tracks) fill(image, track.shape, color_of(track.id));
  for (const Track& track : tracks) {
    if (track.frames < 2) continue;
    write_id(image, track);
  }
  return image;
}

void draw_counts(cv::Mat& image, const Counter& counter) {
  const CountOptions& options = counter.options();
  const std::vector<int64_t> occupancy = counter.occupancy();
  for (size_t z = 0; z < options.zones.size(); ++z) {
    draw_zone(image, options.zones[z], occupancy[z]);
  }
  for (const LineCount& count : counter.line_counts()) draw_line(image, count);
}

}  // namespace proxseg
