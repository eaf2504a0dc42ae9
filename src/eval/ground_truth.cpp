#include "proxseg/eval/evaluate.h"

#include <fmt/format.h>

#include <algorithm>

#include "proxseg/core/error.h"
#include "proxseg/media/cdnet.h"
#include "proxseg/media/dataset.h"
#include "proxseg/media/image_file.h"
#include "proxseg/media/transform.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

constexpr const char* kLayouts =
    "Labels are groundtruth/gtNNNNNN.png of a CDnet sequence, or, as in LASIESTA, the images of a "
    "folder NAME-GT beside the frames in NAME.";

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

// LASIESTA's colours (gti.ssr.upm.es/data/LASIESTA): black is background, grey (128, 128, 128) is
// uncertain, and each object has a colour of its own, red, green or yellow, or white while it stands
// still: whatever is pure, with channels of 0 and 255 alone.
cv::Mat labels_of_colors(const cv::Mat& image, const fs::path& file) {
  const cv::Mat colors = with_channels(image, 3);
  cv::Mat labels(colors.size(), CV_8UC1);
  for (int row = 0; row < colors.rows; ++row) {
    for (int column = 0; column < colors.cols; ++column) {
      const auto& color = colors.at<cv::Vec3b>(row, column);
      const auto is_pure = [](uint8_t value) { return value == 0 || value == 255; };
      uint8_t& label = labels.at<uint8_t>(row, column);
      if (color == cv::Vec3b(0, 0, 0)) {
        label = label::kStatic;
      } else if (color == cv::Vec3b(128, 128, 128)) {
        label = label::kUnknown;
      } else if (std::all_of(color.val, color.val + 3, is_pure)) {
        label = label::kMoving;
      } else {
        throw InputError(
            fmt::format("'{}' has the colour ({}, {}, {}) at column {}, row {}", file.string(),
                        color[2], color[1], color[0], column, row),
            "Labels in colour are black, grey (128, 128, 128), or a pure colour for each object.");
      }
    }
  }
  return labels;
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

GroundTruth::GroundTruth(const fs::path& sequence) {
  const SequenceFolders folders = folders_of(sequence);
  if (folders.dataset == Dataset::kSbmnet) {
    throw InputError(
        fmt::format("the ground truth of '{}' is images of its background, as SBMnet has them, and "
                    "no labels: masks cannot be measured by it",
                    sequence.string()),
        "Write the background with infer --save background-image, and measure it with SBMnet's "
        "tools.");
  }
  in_color_ = folders.dataset == Dataset::kLasiesta;
  files_ = numbered_images(folders.ground_truth, in_color_ ? "" : "gt");
  if (files_.empty()) {
    throw InputError(fmt::format("no ground truth in '{}'", sequence.string()), kLayouts);
  }
  size_ = read_image(files_.begin()->second).size();
  if (in_color_) return;
  if (const auto range = read_temporal_roi(sequence)) keep_range(files_, *range, sequence);
  if (const cv::Mat roi = read_roi(sequence, size_); !roi.empty()) outside_ = roi == 0;
}

cv::Mat GroundTruth::labels(const fs::path& file) const {
  const cv::Mat image = read_image(file);
  cv::Mat labels = in_color_ ? labels_of_colors(image, file) : to_gray(image);
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
