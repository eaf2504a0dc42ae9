// A camera that moves before a world full of corners.
#pragma once

#include <opencv2/imgproc.hpp>
#include <vector>

namespace proxseg {

inline cv::Mat textured(cv::Size size) {
  cv::Mat image(size, CV_8UC3);
  cv::RNG(5).fill(image, cv::RNG::UNIFORM, 0, 255);
  cv::blur(image, image, {5, 5});
  return image;
}

// The world through a window of 200 x 150 pixels.
inline std::vector<cv::Mat> seen_at(const std::vector<cv::Point>& corners) {
  const cv::Mat world = textured({240, 190});
  std::vector<cv::Mat> images;
  for (const cv::Point corner : corners) {
    images.push_back(world(cv::Rect(corner, cv::Size(200, 150))).clone());
  }
  return images;
}

// By at most 4 pixels.
inline std::vector<cv::Mat> seen_by_a_shaking_camera() {
  std::vector<cv::Point> corners;
  cv::RNG random(3);
  for (int i = 0; i < 40; ++i) {
    corners.emplace_back(20 + random.uniform(-4, 5), 20 + random.uniform(-4, 5));
  }
  return seen_at(corners);
}

}  // namespace proxseg
