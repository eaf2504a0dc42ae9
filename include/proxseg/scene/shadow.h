// Light that objects cast or take: it changes the background's brightness and keeps its colour and
// texture. A pixel of a frame D shows the background B in other light if, with a by least squares over
// 5 x 5 pixels and the channels,
//   |D - a B| <= min(0.4 max(scale, 20 v grey levels), 0.15 a B)
//   0.4 < a < 0.97: a cast shadow, or, at night, 1.03 < a < 4: a headlamp's light
// where |.| and B are the largest over the channels. By day v = min(1, scene.range / 128): haze leaves
// less of what objects differ by from a shadow; at night v = 1. A lamp's light fades: three to seven
// pixels from such a component, where that is more than two pixels outside of the whole mask, a - 1
// has a mean of more than 0.02 of that inside; a component that has no such place is an object. In
// grey images no shadow is told: there, a dark object looks like one. The background of a night is
// darker than 48 grey levels on average.
#pragma once

#include <torch/types.h>

#include <opencv2/core.hpp>

#include "proxseg/scene/decomposition.h"
#include "proxseg/scene/scene_model.h"

namespace proxseg {

// The shadows in frames, for a loss that takes them for background: the factor a at each pixel in a
// cast shadow, 1 elsewhere; [N, 1, H, W] float32. Undefined unless scene.tells_shadows.
// frames D: [N, C, H, W] float32 in [0, 1]; scene: as the frames expose it, by apply_gains().
torch::Tensor shading_of(const torch::Tensor& frames, const SceneTensors& scene);

// The scene in those shadows: its background times the shading, [N, 1, H, W] or undefined for none.
SceneTensors apply_shading(SceneTensors scene, const torch::Tensor& shading);

// Colours tell shadows in the scene, by day: at night what is dim is as likely an object.
bool tells_shadows(const SceneState& scene);

// Tells cast shadows and, at night, the light of headlamps in masks of single frames.
class ShadowDetector {
 public:
  // scene.scale must not be empty.
  explicit ShadowDetector(const SceneState& scene);

  // frame D: of the background's size and type; gain: by exposure_gain(), so that B is the background
  // times the gain. Returns 8UC1: 255 at the pixels of the mask `where`, 8UC1, too, that show nothing
  // but other light; 0 elsewhere.
  cv::Mat find(const cv::Mat& frame, const cv::Mat& where, double gain = 1.0) const;

 private:
  // Of a part of a frame.
  struct Light {
    cv::Mat factor;  // 32FC1: a / gain
    cv::Mat is_all;  // 8UC1: 255 where nothing but the light differs
  };

  Light light_within(const cv::Rect& part, const cv::Mat& frame, double gain) const;

  bool has_colour_, is_night_;
  cv::Mat background_;  // 32FC1 or 32FC3, 0 to 255; empty if nothing can be told
  cv::Mat brightest_;   // 32FC1: the largest channel of it
  cv::Mat energy_;      // 32FC1: sum of B^2 over 5 x 5 pixels and channels, plus 1
  cv::Mat tolerance_;   // 32FC1, in grey levels: the part that is the same in all light
};

// The mask without its shadows. The core of an object are the pixels around which, within 9 pixels
// or a twenty-fifth of the image, most of the mask is not in shadow. What lies between parts of the
// core, within its morphological closing by a disc of a twelfth of the image, is a dark part of the
// object and stays. shadows: of the same size. Both 8UC1 of 0 and 255.
cv::Mat without_shadows(const cv::Mat& mask, const cv::Mat& shadows);

}  // namespace proxseg
