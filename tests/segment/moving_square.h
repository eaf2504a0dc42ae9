// A static, noisy scene through which a bright square passes at the end, on disk with its truth.
#pragma once

#include <fmt/format.h>

#include <opencv2/imgproc.hpp>
#include <string>
#include <vector>

#include "proxseg/media/source.h"
#include "support/sequence_files.h"

namespace proxseg {

class MovingSquare {
 public:
  static constexpr int kFrames = 137;
  static constexpr int kArrival = 125;  // behind the 120 frames that gmg learns from

  // channels: 1 or 3. roi: 8UC1, may be empty.
  MovingSquare(const TemporaryFolder& folder, int channels, const cv::Mat& roi = {})
      : path_((folder / "square").string()) {
    cv::RNG random(7);
    cv::Mat scene(kSize, CV_8UC(channels));
    random.fill(scene, cv::RNG::UNIFORM, 80, 110);
    for (int i = 0; i < kFrames; ++i) {
      cv::Mat noise(kSize, scene.type());
      random.fill(noise, cv::RNG::UNIFORM, 0, 4);
      cv::Mat frame = scene + noise;
      frame.setTo(cv::Scalar::all(220), truth(i));
      save(folder / fmt::format("square/input/in{:06d}.png", i + 1), frame);
    }
    if (!roi.empty()) save(folder / "square/ROI.bmp", roi);
  }

  const std::string& path() const { return path_; }

  static cv::Mat truth(int frame) {
    cv::Mat mask = cv::Mat::zeros(kSize, CV_8UC1);
    if (frame >= kArrival) mask(cv::Rect(4 * (frame - kArrival), 16, 14, 14)) = 255;
    return mask;
  }

  std::vector<cv::Mat> frames() const {
    std::vector<cv::Mat> images;
    const auto source = open_source(path_);
    while (auto frame = source->next()) images.push_back(frame->image);
    return images;
  }

  SequenceInfo info() const { return open_source(path_)->info(); }

  static inline const cv::Size kSize{64, 48};

 private:
  std::string path_;
};

inline double overlap(const cv::Mat& a, const cv::Mat& b) {
  return static_cast<double>(cv::countNonZero(a & b)) / cv::countNonZero(a | b);
}

}  // namespace proxseg
