// What is known of a scene before a network learns: its background, and how much that varies.
#pragma once

#include <memory>
#include <opencv2/core.hpp>
#include <vector>

#include "proxseg/media/source.h"
#include "proxseg/scene/alignment.h"
#include "proxseg/scene/options.h"

namespace proxseg {

struct SceneModel {
  cv::Mat background;  // B: 8UC1 or 8UC3, of the size and channels of the source's frames
  // Unit of differences from the background: 32FC1 in [0, 1]. At each pixel
  //   temporal_noise() + min(noise_floor, 8/255 + 1.5 * median of temporal_noise()).
  // Empty if noise_floor is 0: all pixels alike.
  cv::Mat scale;
  // Null for a steady camera. Otherwise frames must be aligned before they are compared with the
  // background.
  std::shared_ptr<const Alignment> alignment;
};

// Reads what options.method needs of the source: its first options.frames frames for kFirst, else
// all of it; options.frames of them, evenly spread, are held in memory. Objects are told from
// background at no more than 100,000 pixels. Throws InputError if no frame is readable, or if the
// image file is missing or of another size.
SceneModel model_scene(FrameSource& source, const BackgroundOptions& options);

// The same of images in memory: at least one, 8UC1 or 8UC3, all of one size and type. Throws
// UsageError if there is none.
SceneModel model_scene(std::vector<cv::Mat> images, const BackgroundOptions& options);

}  // namespace proxseg
