// A sequence in memory.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "proxseg/media/source.h"

namespace proxseg {

class ImageListSource : public FrameSource {
 public:
  explicit ImageListSource(std::vector<cv::Mat> images) : images_(std::move(images)) {
    info_.path = "images";
    info_.frames = static_cast<int64_t>(images_.size());
    if (images_.empty()) return;
    info_.size = images_[0].size();
    info_.channels = images_[0].channels();
  }

  const SequenceInfo& info() const override { return info_; }
  std::optional<Frame> next() override {
    if (position_ == images_.size()) return std::nullopt;
    const auto number = static_cast<int64_t>(position_ + 1);
    return Frame{"frame" + std::to_string(number), number, images_[position_++]};
  }
  const std::vector<std::string>& skipped() const override { return skipped_; }

  size_t given() const { return position_; }

 private:
  std::vector<cv::Mat> images_;
  SequenceInfo info_;
  size_t position_ = 0;
  std::vector<std::string> skipped_;
};

}  // namespace proxseg
