// CDnet sequences of a few pixels on disk, with masks.
#pragma once

#include <fmt/format.h>

#include "support/sequence_files.h"

namespace proxseg {

// 8UC1, one row.
inline cv::Mat pixels(const std::vector<uint8_t>& values) {
  return cv::Mat(values, true).reshape(1, 1);
}

inline void save_labels(const std::filesystem::path& sequence, int frame, const cv::Mat& labels) {
  save(sequence / fmt::format("groundtruth/gt{:06}.png", frame), labels);
}

inline void save_mask(const std::filesystem::path& masks, int frame, const cv::Mat& mask) {
  save(masks / fmt::format("bin{:06}.png", frame), mask);
}

// A frame of four pixels with tp true positives; the rest are false negatives. F = 2 tp / (tp + 4).
inline void save_frame(const std::filesystem::path& sequence, const std::filesystem::path& masks,
                       int frame, int tp) {
  cv::Mat mask = pixels({0, 0, 0, 0});
  mask.colRange(0, tp).setTo(255);
  save_labels(sequence, frame, pixels({255, 255, 255, 255}));
  save_mask(masks, frame, mask);
}

}  // namespace proxseg
