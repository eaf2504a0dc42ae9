#include "proxseg/media/preview.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <stdexcept>

#include "proxseg/media/transform.h"

namespace proxseg {
namespace {

const cv::Scalar kRed(40, 40, 235);
const cv::Scalar kPaper(32, 32, 32);
const cv::Scalar kInk(235, 235, 235);
constexpr int kGap = 4;
constexpr int kLine = 20;        // height of a line of text
constexpr int kNarrowest = 160;  // column, which has a name above it
constexpr std::array kColumns = {"frame", "background", "foreground", "mask"};

void check_picture(const cv::Mat& image, const char* name) {
  if (image.type() != CV_8UC1 && image.type() != CV_8UC3) {
    throw std::invalid_argument(std::string(name) + " must be 8UC1 or 8UC3");
  }
}

void write_text(cv::Mat& canvas, const std::string& text, cv::Point at) {
  cv::putText(canvas, text, at + cv::Point(2, kLine - 6), cv::FONT_HERSHEY_SIMPLEX, 0.4, kInk, 1,
              cv::LINE_AA);
}

// Of a picture in its column. Tall frames are made narrow, lest a sheet be too tall for its format.
cv::Size tile_size(const cv::Mat& frame) {
  constexpr double kTallest = 1000.0;
  double width = std::clamp(frame.cols, kNarrowest, 320);
  const double height = std::min(kTallest, width * frame.rows / frame.cols);
  width = std::min(width, height * frame.cols / frame.rows);
  const auto pixels = [](double length) {
    return std::max(1, static_cast<int>(std::lround(length)));
  };
  return {pixels(width), pixels(height)};
}

int column_width(cv::Size tile) { return std::max(kNarrowest, tile.width) + kGap; }

cv::Mat tile_of(const cv::Mat& image, cv::Size size) {
  check_picture(image, "picture of a preview row");
  cv::Mat tile;
  const bool enlarged = image.cols < size.width;
  cv::resize(with_channels(image, 3), tile, size, 0, 0,
             enlarged ? cv::INTER_NEAREST : cv::INTER_AREA);
  return tile;
}

void draw_row(cv::Mat& canvas, const PreviewRow& row, cv::Point at, cv::Size tile) {
  write_text(canvas, row.name, at);
  const cv::Mat overlay = row.mask.empty() ? cv::Mat() : draw_overlay(row.frame, row.mask);
  const std::array pictures = {row.frame, row.background, row.foreground, overlay};
  at.y += kLine;
  for (const cv::Mat& picture : pictures) {
    if (!picture.empty()) tile_of(picture, tile).copyTo(canvas(cv::Rect(at, tile)));
    at.x += column_width(tile);
  }
}

}  // namespace

cv::Mat draw_overlay(const cv::Mat& frame, const cv::Mat& mask) {
  check_picture(frame, "frame");
  if (mask.type() != CV_8UC1 || mask.size() != frame.size()) {
    throw std::invalid_argument("mask must be 8UC1 of the frame's size");
  }
  cv::Mat overlay = with_channels(frame, 3).clone();
  const cv::Mat red(overlay.size(), CV_8UC3, kRed);
  cv::Mat mixed;
  cv::addWeighted(overlay, 0.6, red, 0.4, 0.0, mixed);
  mixed.copyTo(overlay, mask);
  std::vector<std::vector<cv::Point>> contours;
  cv::findContours(mask, contours, cv::RETR_LIST, cv::CHAIN_APPROX_NONE);
  cv::drawContours(overlay, contours, -1, kRed);
  return overlay;
}

cv::Mat preview_sheet(const std::vector<PreviewRow>& rows) {
  if (rows.empty()) throw std::invalid_argument("a preview sheet needs at least one row");
  for (const PreviewRow& row : rows) {
    if (row.frame.empty()) throw std::invalid_argument("a preview row needs a frame");
  }
  const cv::Size tile = tile_size(rows.front().frame);
  const int columns = static_cast<int>(kColumns.size());
  const int row_height = kLine + tile.height + kGap;
  cv::Mat sheet(kLine + row_height * static_cast<int>(rows.size()),
                kGap + columns * column_width(tile), CV_8UC3, kPaper);
  for (int column = 0; column < columns; ++column) {
    write_text(sheet, kColumns[static_cast<size_t>(column)],
               {kGap + column * column_width(tile), 0});
  }
  cv::Point at(kGap, kLine);
  for (const PreviewRow& row : rows) {
    draw_row(sheet, row, at, tile);
    at.y += row_height;
  }
  return sheet;
}

}  // namespace proxseg
