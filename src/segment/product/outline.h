// The outlines of objects.
#pragma once

#include <opencv2/core.hpp>
#include <vector>

#include "proxseg/track/shape.h"

namespace proxseg {

// Border pixels in order, those on straight lines left out: the outer borders, and those of holes,
// each of which runs over the pixels around the hole.
std::vector<std::vector<cv::Point>> contours_of(const Shape& shape);

// In pixels, the first of which reaches from 0 to 1: corners are the middles of border pixels.
using Polygon = std::vector<cv::Point2d>;

// kFew: the outline leaves the border by up to a pixel, and a twentieth of the shape's size (the square
// root of its area), so that few corners are to be moved by hand.
enum class Corners { kAll, kFew };

// The outer borders of the shape's pieces, with at least three corners each. Holes are left out.
std::vector<Polygon> polygons_of(const Shape& shape, Corners corners);

// The same as one polygon: bridges without width, there and back, join the pieces where they are
// nearest.
Polygon outline_of(const Shape& shape, Corners corners);

}  // namespace proxseg
