#include "proxseg/track/shape.h"

#include <opencv2/imgproc.hpp>

namespace proxseg {
namespace {

// Along one axis of a frame of that length, from a box's first pixel to the one after its last.
struct Extent {
  int first, end;
};

double way_along(const Extent& before, const Extent& now, int length, double of_centroid) {
  const bool is_cut_first = before.first == 0 || now.first == 0;
  const bool is_cut_last = before.end == length || now.end == length;
  if (is_cut_first == is_cut_last) return of_centroid;
  return is_cut_first ? now.end - before.end : now.first - before.first;
}

}  // namespace

// Not by boundingRect(mask), which misses columns of narrow parts of a mask (OpenCV 4.6).
Shape shape_of(const cv::Mat& mask, cv::Point at) {
  std::vector<cv::Point> pixels;
  cv::findNonZero(mask, pixels);
  if (pixels.empty()) return {};
  const cv::Rect inside = cv::boundingRect(pixels);
  const cv::Scalar mean = cv::mean(cv::Mat(pixels));
  return {inside + at, mask(inside) != 0, static_cast<int>(pixels.size()),
          cv::Point2d(mean[0] + at.x, mean[1] + at.y)};
}

std::vector<Shape> components_of(const cv::Mat& mask) {
  cv::Mat labels, stats, centroids;
  const int count = cv::connectedComponentsWithStats(mask, labels, stats, centroids);
  std::vector<Shape> components;
  for (int i = 1; i < count; ++i) {  // 0 is the outside
    const cv::Rect box(stats.at<int>(i, cv::CC_STAT_LEFT), stats.at<int>(i, cv::CC_STAT_TOP),
                       stats.at<int>(i, cv::CC_STAT_WIDTH), stats.at<int>(i, cv::CC_STAT_HEIGHT));
    components.push_back({box,
                          labels(box) == i,
                          stats.at<int>(i, cv::CC_STAT_AREA),
                          {centroids.at<double>(i, 0), centroids.at<double>(i, 1)}});
  }
  return components;
}

Shape moved(const Shape& shape, cv::Point by, cv::Size frame) {
  const cv::Rect box = shape.box + by, visible = box & cv::Rect({0, 0}, frame);
  if (visible.empty()) return {};
  if (visible == box) {
    return {box, shape.mask, shape.area, shape.centroid + cv::Point2d(by)};
  }
  return shape_of(shape.mask(visible - box.tl()), visible.tl());
}

Shape united(const Shape& a, const Shape& b) {
  if (a.area == 0) return b;
  if (b.area == 0) return a;
  const cv::Rect box = a.box | b.box;
  cv::Mat mask(box.size(), CV_8UC1, cv::Scalar(0));
  for (const Shape* part : {&a, &b}) {
    mask(part->box - box.tl()).setTo(255, part->mask);
  }
  return shape_of(mask, box.tl());
}

bool is_at_border(const cv::Rect& box, cv::Size frame) {
  return box.x == 0 || box.y == 0 || box.br().x == frame.width || box.br().y == frame.height;
}

cv::Point2d way_between(const Shape& before, const Shape& now, cv::Size frame) {
  const cv::Point2d way = now.centroid - before.centroid;
  const cv::Rect &a = before.box, &b = now.box;
  return {way_along({a.x, a.br().x}, {b.x, b.br().x}, frame.width, way.x),
          way_along({a.y, a.br().y}, {b.y, b.br().y}, frame.height, way.y)};
}

int overlap(const Shape& a, const Shape& b) {
  const cv::Rect common = a.box & b.box;
  if (common.empty()) return 0;
  return cv::countNonZero(a.mask(common - a.box.tl()) & b.mask(common - b.box.tl()));
}

double distance_between(const Shape& a, const Shape& b) {
  const cv::Rect box = a.box | b.box;
  cv::Mat outside(box.size(), CV_8UC1, cv::Scalar(255)), distance;
  outside(a.box - box.tl()).setTo(0, a.mask);
  cv::distanceTransform(outside, distance, cv::DIST_L2, cv::DIST_MASK_PRECISE);
  double least = 0.0;
  cv::minMaxLoc(distance(b.box - box.tl()), &least, nullptr, nullptr, nullptr, b.mask);
  return least;
}

}  // namespace proxseg
