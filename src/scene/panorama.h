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
  size_t kept = 0;
  for (size_t i = 0; i < images.size(); ++i) {
    if (transforms[i].empty()) continue;
    images[kept] = images[i];
    transforms[kept++] = transforms[i];
  }
  images.resize(kept);
  transforms.resize(kept);
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
