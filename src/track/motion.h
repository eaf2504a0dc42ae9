// Where an object is and goes: a Kalman filter of constant velocity.
#pragma once

#include <opencv2/core.hpp>
#include <opencv2/video/tracking.hpp>

namespace proxseg {

// Lengths are in pixels, times in seconds. size: of the object, the square root of its area; what is
// uncertain is so in proportion to it.
class Motion {
 public:
  Motion(cv::Point2d position, double size);

  // After that many seconds, >= 0.
  void predict(double seconds, double size);

  // By what was measured, once after predict().
  void correct(cv::Point2d position);

  // As if it had been there from the first on: what a position is the position of has changed.
  void move_to(cv::Point2d position);

  cv::Point2d position() const { return {state(0), state(1)}; }
  cv::Point2d velocity() const { return {state(2), state(3)}; }

  // Squared Mahalanobis distance of what may be measured from what predict() expects.
  double distance(cv::Point2d position) const;

 private:
  double state(int i) const { return filter_.statePost.at<double>(i); }

  cv::KalmanFilter filter_;  // x, y and their derivatives; after predict() the prediction
};

}  // namespace proxseg
