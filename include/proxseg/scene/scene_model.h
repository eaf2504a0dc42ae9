// What is known of a scene before a network learns: its background, and how much that varies.
#pragma once

#include <memory>
#include <opencv2/core.hpp>
#include <vector>

#include "proxseg/media/source.h"
#include "proxseg/scene/alignment.h"
#include "proxseg/scene/light.h"
#include "proxseg/scene/options.h"
#include "proxseg/scene/states.h"

namespace proxseg {

// The image with its border repeated by so many pixels on each side.
cv::Mat with_border(const cv::Mat& image, cv::Size margin);

// One state of a scene. Frames that show it are brought to its reference camera and light before
// they are compared with its background.
struct SceneState {
  cv::Mat background;  // B: 8UC1 or 8UC3, in the channels of the source's frames
  // Unit of differences from the background: 32FC1 in [0, 1]. At each pixel temporal_noise() plus a
  // floor that lies between the noise and the contrast of what stands out of it, at most
  // noise_floor. Empty if noise_floor is 0: all pixels alike.
  cv::Mat scale{};
  std::shared_ptr<const Alignment> alignment{};  // null for a steady camera
  std::shared_ptr<const Light> light{};          // null where the light is the same everywhere
  // By so many pixels on each side B is larger than a frame: what a moving camera shows beyond the
  // border of its reference. 0 for a steady camera.
  cv::Size margin{};
  // Whether what a frame does not show of B is taken to be as bright as the frame.
  bool follow_exposure = true;
  // Deviation, in pixels, of the Gaussian through which frames full of noise are seen; 0: as they are.
  double smoothing = 0.0;
  // By so many pixels hot air moves what frames show: what B shows within them is background, too. 0: still air. Not
  // told where light changes in parts.
  int turbulence = 0;
  double range = 255.0;  // by range_of(), of the state's images
  cv::Mat unknown{};     // 8UC1 of its size: 255 where too few frames showed anything; may be empty

  // The part of B that a frame of the reference covers.
  cv::Rect frame_area() const { return {cv::Point(margin), background.size() - margin * 2}; }
  cv::Size frame_size() const { return frame_area().size(); }
};

struct SceneModel {
  std::vector<SceneState> states;  // at least one; that of most frames first
  std::vector<Look> looks;         // of the states

  const cv::Mat& background() const { return states.at(0).background; }
  // The index of the state that the frame shows.
  size_t state_of(const cv::Mat& frame) const { return nearest_look(frame, looks); }
};

// A frame as its state's reference camera and light would show it.
struct SceneView {
  cv::Mat aligned;      // of the background's size and the frame's type
  cv::Mat transform{};  // of the frame onto the background; empty for a steady camera
  cv::Mat field{};      // by Light::field_of(); empty where the light is the same everywhere
  cv::Size frame{};     // the frame's size

  // The frame at that size, aligned and in the reference light.
  cv::Mat at(cv::Size size) const;
  // An image of the view back in the frame's camera.
  cv::Mat to_frame(const cv::Mat& image) const;
};
// frame: in the channels of the state's background.
SceneView view_of(const cv::Mat& frame, const SceneState& state);
// The same in the frame's own light.
SceneView aligned_view_of(const cv::Mat& frame, const SceneState& state);

// The images that a model of the source is made of: its first options.frames frames for kFirst, else
// at most so many of all, evenly spread (FrameReservoir). Throws InputError if no frame is readable.
std::vector<cv::Mat> images_for_scene(FrameSource& source, const BackgroundOptions& options);

// Of images in memory: at least one, 8UC1 or 8UC3, all of one size and type. Objects are told from
// background at no more than 100,000 pixels. Throws UsageError if there is no image, and InputError
// if the image file is missing or of another size. Only kSettled looks for states, and only
// follow_exposure for light that changes in parts of the picture.
// canvas: what is learned of what a moving camera shows.
SceneModel model_scene(std::vector<cv::Mat> images, const BackgroundOptions& options,
                       Canvas canvas = Canvas::kWhole);

// The same of images_for_scene().
SceneModel model_scene(FrameSource& source, const BackgroundOptions& options);

// One state again, of images in memory that all show it. covered: an 8UC1 mask for each, all of one
// size, 255 where it does not show the background; empty: it is told from the images. Where too few
// of them show it, that of `before` stays, and so where the mask of all is 255. Masks do not count
// where the camera moves, of which no more than a shake is learned. If `before` has a light, the
// images are seen in one, too; with `covered` they are seen through a Gaussian if those of `before` were or once it
// helps, and without turbulence if and only if those of `before` were and no light changes in parts.
SceneState model_state_again(std::vector<cv::Mat> images, const std::vector<cv::Mat>& covered,
                             const SceneState& before, const BackgroundOptions& options);

}  // namespace proxseg
