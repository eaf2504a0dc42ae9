#include "segment/product/outline.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <opencv2/imgproc.hpp>

namespace proxseg {
namespace {

struct Bridge {
  size_t from = 0, to = 0;  // corners of two polygons
  double length = std::numeric_limits<double>::infinity();
};

Bridge shortest_bridge(const Polygon& a, const Polygon& b) {
  Bridge best;
  for (size_t i = 0; i < a.size(); ++i) {
    for (size_t j = 0; j < b.size(); ++j) {
      if (const double length = cv::norm(a[i] - b[j]); length < best.length) best = {i, j, length};
    }
  }
  return best;
}

// Around a up to the bridge, over it, all around b, and back.
Polygon joined(const Polygon& a, Polygon b) {
  const Bridge bridge = shortest_bridge(a, b);
  const auto at = [](size_t i) { return static_cast<std::ptrdiff_t>(i); };
  std::rotate(b.begin(), b.begin() + at(bridge.to), b.end());
  b.push_back(b.front());
  b.push_back(a[bridge.from]);
  Polygon whole = a;
  whole.insert(whole.begin() + at(bridge.from) + 1, b.begin(), b.end());
  return whole;
}

}  // namespace

std::vector<std::vector<cv::Point>> contours_of(const Shape& shape) {
  std::vector<std::vector<cv::Point>> contours;
  cv::findContours(shape.mask, contours, cv::RETR_CCOMP, cv::CHAIN_APPROX_SIMPLE, shape.box.tl());
  return contours;
}

std::vector<Polygon> polygons_of(const Shape& shape, Corners corners) {
  const double error = corners == Corners::kFew ? std::min(1.0, std::sqrt(shape.area) / 20.0) : 0.0;
  std::vector<std::vector<cv::Point>> contours;
  cv::findContours(shape.mask, contours, cv::RETR_EXTERNAL, cv::CHAIN_APPROX_SIMPLE,
                   shape.box.tl());
  std::vector<Polygon> polygons;
  for (std::vector<cv::Point>& contour : contours) {
    if (error > 0.0) cv::approxPolyDP(contour, contour, error, /*closed=*/true);
    Polygon& polygon = polygons.emplace_back();
    for (const cv::Point& point : contour) polygon.emplace_back(point.x + 0.5, point.y + 0.5);
    while (polygon.size() < 3) polygon.push_back(polygon.front());
  }
  return polygons;
}

Polygon outline_of(const Shape& shape, Corners corners) {
  Polygon outline;
  for (Polygon& piece : polygons_of(shape, corners)) {
    outline = outline.empty() ? std::move(piece) : joined(outline, std::move(piece));
  }
  return outline;
}

}  // namespace proxseg
