#include "track/division.h"

#include <algorithm>
#include <numeric>
#include <opencv2/imgproc.hpp>

namespace proxseg {
namespace {

// Of the pixels of `canvas`, a part of the frame that holds all of shape. 32FC1.
cv::Mat distance_from(const Shape& shape, const cv::Rect& canvas) {
  cv::Mat outside(canvas.size(), CV_8UC1, cv::Scalar(255)), distance;
  outside(shape.box - canvas.tl()).setTo(0, shape.mask);
  cv::distanceTransform(outside, distance, cv::DIST_L2, cv::DIST_MASK_PRECISE);
  return distance;
}

// Indices of the shapes, the one that reaches furthest down first.
std::vector<size_t> from_the_front(const std::vector<Shape>& shapes) {
  std::vector<size_t> order(shapes.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return shapes[a].box.br().y > shapes[b].box.br().y; });
  return order;
}

}  // namespace

std::vector<Share> divide(const Shape& component, const std::vector<Shape>& expected) {
  cv::Rect canvas = component.box;
  for (const Shape& shape : expected) canvas |= shape.box;
  std::vector<cv::Mat> distances;
  for (const Shape& shape : expected) distances.push_back(distance_from(shape, canvas));
  cv::Mat nearest = distances.front().clone();
  for (const cv::Mat& distance : distances) cv::min(nearest, distance, nearest);

  cv::Mat left(canvas.size(), CV_8UC1, cv::Scalar(0));  // pixels that are nobody's yet
  left(component.box - canvas.tl()).setTo(255, component.mask);
  const cv::Mat all = left.clone();
  std::vector<Share> shares(expected.size());
  for (const size_t i : from_the_front(expected)) {
    const cv::Mat its_own = distances[i] <= nearest;
    shares[i] = {shape_of(all & its_own, canvas.tl()), shape_of(left & its_own, canvas.tl())};
    left.setTo(0, its_own);
  }
  return shares;
}

}  // namespace proxseg
