// How the pictures of a video are turned, by its container.
#pragma once

#include <opencv2/core.hpp>
#include <string>

struct AVStream;

namespace proxseg {

// How a stored picture becomes an upright one; any angle is taken as the nearest quarter turn.
class Orientation {
 public:
  // As it is stored.
  Orientation() = default;
  explicit Orientation(const AVStream& stream);

  // "90 degrees clockwise"; "" for pictures that are upright.
  std::string text() const;
  // By how many degrees, to either side, the quarter turn is off what the container says: 0 to 45.
  int degrees_off() const { return degrees_off_; }
  cv::Mat apply(cv::Mat image) const;

 private:
  bool transposed_ = false, mirrored_x_ = false, mirrored_y_ = false;
  int degrees_off_ = 0;
};

}  // namespace proxseg
