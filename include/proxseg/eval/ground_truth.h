// Labels of the evaluated frames of a sequence.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <opencv2/core.hpp>

namespace proxseg {

class GroundTruth {
 public:
  // sequence: as evaluate_sequence() takes it. Throws InputError as that does.
  explicit GroundTruth(const std::filesystem::path& sequence);

  // Of the evaluated frames, by frame number; at least one.
  const std::map<int64_t, std::filesystem::path>& files() const { return files_; }

  // file: one of files(). 8UC1; label::kOutsideRoi wherever ROI.bmp excludes it. Throws InputError.
  cv::Mat labels(const std::filesystem::path& file) const;

 private:
  bool in_color_ = false;  // LASIESTA's
  std::map<int64_t, std::filesystem::path> files_;
  cv::Size size_;
  cv::Mat outside_;  // 8UC1, empty without ROI.bmp
};

}  // namespace proxseg
