#include "proxseg/eval/ground_truth.h"

#include <fmt/format.h>

#include "proxseg/core/error.h"
#include "proxseg/media/cdnet.h"
#include "proxseg/media/image_file.h"
#include "proxseg/media/transform.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

void check_labels(const cv::Mat& labels, const fs::path& file) {
  cv::Mat is_wrong(1, 256, CV_8UC1, cv::Scalar(1));
  for (const int known :
       {label::kStatic, label::kHardShadow, label::kOutsideRoi, label::kUnknown, label::kMoving}) {
    is_wrong.at<uint8_t>(known) = 0;
  }
  cv::Mat wrong;
  cv::LUT(labels, is_wrong, wrong);
  if (cv::countNonZero(wrong) == 0) return;
  cv::Point at;
  cv::minMaxLoc(wrong, nullptr, nullptr, nullptr, &at);
  throw InputError(fmt::format("'{}' has the label {} at column {}, row {}", file.string(),
                               labels.at<uint8_t>(at), at.x, at.y),
                   "Labels are 0 static, 50 shadow, 85 outside the ROI, 170 unknown, 255 motion.");
}

void keep_range(std::map<int64_t, fs::path>& files, std::pair<int64_t, int64_t> range,
                const fs::path& sequence) {
  const size_t before = files.size();
  std::erase_if(files, [&](const auto& file) {
    return file.first < range.first || file.first > range.second;
  });
  if (!files.empty()) return;
  throw InputError(
      fmt::format("none of the {} frames with ground truth of '{}' is in the range {} to {} of its "
                  "temporalROI.txt",
                  before, sequence.string(), range.first, range.second),
      "Mend the range, or remove the file to evaluate every frame.");
}

}  // namespace

GroundTruth::GroundTruth(const fs::path& sequence)
    : files_(numbered_images(sequence / "groundtruth", "gt")) {
  if (files_.empty()) {
    throw InputError(fmt::format("no ground truth in '{}'", sequence.string()),
                     "Give a CDnet sequence: its labels are groundtruth/gtNNNNNN.png.");
  }
  if (const auto range = read_temporal_roi(sequence)) keep_range(files_, *range, sequence);
  size_ = read_image(files_.begin()->second).size();
  if (const cv::Mat roi = read_roi(sequence, size_); !roi.empty()) outside_ = roi == 0;
}

cv::Mat GroundTruth::labels(const fs::path& file) const {
  cv::Mat labels = to_gray(read_image(file));
  if (labels.size() != size_) {
    throw InputError(fmt::format("'{}' is {} x {} but the first frame's ground truth is {} x {}",
                                 file.string(), labels.cols, labels.rows, size_.width,
                                 size_.height));
  }
  if (!outside_.empty()) labels.setTo(label::kOutsideRoi, outside_);
  check_labels(labels, file);
  return labels;
}

}  // namespace proxseg
