#include "track/motion.h"

namespace proxseg {
namespace {

// Standard deviations, in sizes of the object. The first is that of DeepSORT (Wojke, Bewley and
// Paulus, "Simple online and realtime tracking with a deep association metric", ICIP 2017).
constexpr double kMeasured = 1.0 / 20.0;  // of a measured position
constexpr double kStart = 5.0;            // of the unknown velocity at first, a second
constexpr double kChange = 1.0;           // by which a velocity changes within a second, a second

double squared(double value) { return value * value; }

}  // namespace

Motion::Motion(cv::Point2d position, double size) : filter_(4, 2, 0, CV_64F) {
  cv::setIdentity(filter_.measurementMatrix);
  filter_.statePost = cv::Mat(cv::Vec4d(position.x, position.y, 0.0, 0.0));
  const double p = squared(kMeasured * size), v = squared(kStart * size);
  filter_.errorCovPost = cv::Mat::diag(cv::Mat(cv::Vec4d(p, p, v, v)));
}

// White noise as acceleration, of standard deviation q = kChange size after a second:
//   Q = q^2 [t^3 / 3, t^2 / 2; t^2 / 2, t] for each axis
// (Bar-Shalom, Li and Kirubarajan, "Estimation with applications to tracking and navigation", 6.2).
void Motion::predict(double seconds, double size) {
  const double t = seconds, q = squared(kChange * size);
  cv::setIdentity(filter_.transitionMatrix);
  for (int axis = 0; axis < 2; ++axis) {
    const int p = axis, v = axis + 2;
    filter_.transitionMatrix.at<double>(p, v) = t;
    filter_.processNoiseCov.at<double>(p, p) = q * t * t * t / 3.0;
    filter_.processNoiseCov.at<double>(p, v) = q * t * t / 2.0;
    filter_.processNoiseCov.at<double>(v, p) = q * t * t / 2.0;
    filter_.processNoiseCov.at<double>(v, v) = q * t;
  }
  cv::setIdentity(filter_.measurementNoiseCov, squared(kMeasured * size));
  filter_.predict();
}

void Motion::correct(cv::Point2d position) {
  filter_.correct(cv::Mat(cv::Vec2d(position.x, position.y)));
}

void Motion::move_to(cv::Point2d position) {
  filter_.statePost.at<double>(0) = position.x;
  filter_.statePost.at<double>(1) = position.y;
}

// Both axes are alike and do not depend on each other: d^2 = |z - x|^2 / (P + R).
double Motion::distance(cv::Point2d at) const {
  const cv::Point2d off = at - position();
  return off.dot(off) /
         (filter_.errorCovPre.at<double>(0, 0) + filter_.measurementNoiseCov.at<double>(0, 0));
}

}  // namespace proxseg
