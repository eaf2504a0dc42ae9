#include "track/division.h"

#include <algorithm>
#include <numeric>
#include <opencv2/imgproc.hpp>

namespace proxseg {
namespace {

constexpr double kFar = 1e6;  // more than any distance in a frame

// Of the pixels of `canvas`, a part of the frame that holds all of the shape; kFar more beyond the
// object's reach. 32FC1.
cv::Mat distance_from(const DividedObject& object, const cv::Rect& canvas) {
  const Shape& shape = object.shape;
  cv::Mat outside(canvas.size(), CV_8UC1, cv::Scalar(255)), distance;
  outside(shape.box - canvas.tl()).setTo(0, shape.mask);
  cv::distanceTransform(outside, distance, cv::DIST_L2, cv::DIST_MASK_PRECISE);
  cv::add(distance, kFar, distance, distance > object.reach);
  return distance;
}

// Indices of the objects, the one that reaches furthest down first.
std::vector<size_t> from_the_front(const std::vector<DividedObject>& objects) {
  std::vector<size_t> order(objects.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return objects[a].shape.box.br().y > objects[b].shape.box.br().y;
  });
  return order;
}

}  // namespace

std::vector<Share> divide(const Shape& component, const std::vector<DividedObject>& objects) {
  cv::Rect canvas = component.box;
  for (const DividedObject& object : objects) canvas |= object.shape.box;
  std::vector<cv::Mat> distances;
  for (const DividedObject& object : objects) distances.push_back(distance_from(object, canvas));
  cv::Mat nearest = distances.front().clone();
  for (const cv::Mat& distance : distances) cv::min(nearest, distance, nearest);

  cv::Mat left(canvas.size(), CV_8UC1, cv::Scalar(0));  // pixels that are nobody's yet
  left(component.box - canvas.tl()).setTo(255, component.mask);
  const cv::Mat all = left.clone();
  std::vector<Share> shares(objects.size());
  for (const size_t i : from_the_front(objects)) {
    const cv::Mat its_own = distances[i] <= nearest;
    shares[i] = {shape_of(all & its_own, canvas.tl()), shape_of(left & its_own, canvas.tl())};
    left.setTo(0, its_own);
  }
  return shares;
}

}  // namespace proxseg
