// Pictures for people: what the program saw and what it made of it.
#pragma once

#include <opencv2/core.hpp>
#include <string>
#include <vector>

namespace proxseg {

// The frame in BGR with the mask filled in translucent red and outlined.
// frame: 8UC1 or 8UC3; mask: 8UC1 of the same size, non-zero is foreground. Throws
// invalid_argument.
cv::Mat draw_overlay(const cv::Mat& frame, const cv::Mat& mask);

// One row of a preview sheet; images are 8UC1 or 8UC3, an empty one leaves its tile blank.
struct PreviewRow {
  std::string name;  // of the frame
  cv::Mat frame;
  cv::Mat background;
  cv::Mat foreground;  // the soft mask, or |S|
  cv::Mat mask;        // 8UC1 of the frame's size; shown over the frame
};

// The rows below each other under the headings frame, background, foreground, mask. 8UC3.
// Tiles have the shape of the first frame and are at most 320 pixels wide, at least 160.
// Throws invalid_argument for no rows or a row without a frame.
cv::Mat preview_sheet(const std::vector<PreviewRow>& rows);

}  // namespace proxseg
