// Images of a moving camera on one canvas.
#pragma once

#include <opencv2/core.hpp>
#include <vector>

#include "proxseg/scene/alignment.h"
#include "proxseg/scene/background.h"

namespace proxseg {

struct Panorama {
  std::vector<cv::Mat> unseen;  // by unseen_area(), of each image
  cv::Mat median;               // of what the images show
};

// Leaves out the images whose transform is empty, and those transforms.
inline void leave_out_lost(std::vector<cv::Mat>& images, std::vector<cv::Mat>& transforms) {
  std::erase_if(images,
                [&, i = size_t{0}](const cv::Mat&) mutable { return transforms[i++].empty(); });
  std::erase_if(transforms, [](const cv::Mat& transform) { return transform.empty(); });
}

// transforms: of the images onto the canvas, none empty.
inline Panorama panorama_of(const std::vector<cv::Mat>& images,
                            const std::vector<cv::Mat>& transforms, cv::Size canvas) {
  Panorama panorama;
  std::vector<cv::Mat> aligned;
  for (size_t i = 0; i < images.size(); ++i) {
    aligned.push_back(align(images[i], transforms[i], canvas));
    panorama.unseen.push_back(unseen_area(images[i].size(), transforms[i], canvas));
  }
  panorama.median = temporal_median(aligned, panorama.unseen);
  return panorama;
}

}  // namespace proxseg
