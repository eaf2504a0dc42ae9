// What is known of a scene before anything is learned: its background and how much that varies.
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
  // Unit of differences from the background: 32FC1 in [0, 1], at each pixel a floor plus its noise
  // by temporal_noise(); the floor is min(noise_floor, (8 + 1.5 * median noise) grey levels). Empty
  // if noise_floor is 0: all pixels alike.
  cv::Mat scale;
  // Set if the camera shakes: frames are to be aligned before they are compared with the
  // background.
  std::shared_ptr<const Alignment> alignment;
};

// Reads what options.method needs of the source: its first options.frames frames for kFirst, else
// all of it, of which options.frames frames, evenly spread, are held in memory. Objects are told
// from background at no more than 100,000 pixels. Throws InputError: no readable frame, or an image
// file that is missing or of another size.
SceneModel model_scene(FrameSource& source, const BackgroundOptions& options);

// The same of images in memory: 8UC1 or 8UC3, all of one size and type. Throws UsageError if there
// is none.
SceneModel model_scene(std::vector<cv::Mat> images, const BackgroundOptions& options);

}  // namespace proxseg
