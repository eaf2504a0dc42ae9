// Some pixels of a frame: a connected component of a mask, or an object.
#pragma once

#include <opencv2/core.hpp>
#include <vector>

namespace proxseg {

struct Shape {
  cv::Rect box;          // the smallest around the pixels, in pixels of the frame
  cv::Mat mask;          // 8UC1 of box's size, 0 or 255
  int area = 0;          // pixels; 0: there are none, and box and mask are empty
  cv::Point2d centroid;  // in pixels of the frame
};

// The pixels of mask that are not 0. mask: 8UC1; at: where in the frame its first pixel lies.
Shape shape_of(const cv::Mat& mask, cv::Point at = {});

// The 8-connected components of mask, 8UC1, 0 outside; in the order of their first pixels.
std::vector<Shape> components_of(const cv::Mat& mask);

// The same pixels elsewhere, without those that lie outside of the frame then.
Shape moved(const Shape& shape, cv::Point by, cv::Size frame);

Shape united(const Shape& a, const Shape& b);

// Whether the box touches the border of the frame: part of what it holds may lie outside.
bool is_at_border(const cv::Rect& box, cv::Size frame);

// By how much an object has moved that looks like `before` and then like `now`: as its centroid, but along
// an axis where the border of the frame cuts it off at one side, as its other side.
cv::Point2d way_between(const Shape& before, const Shape& now, cv::Size frame);

// How many pixels a and b share.
int overlap(const Shape& a, const Shape& b);

// The least distance between pixels of a and of b, 0 where they share one. Both have pixels.
double distance_between(const Shape& a, const Shape& b);

}  // namespace proxseg
