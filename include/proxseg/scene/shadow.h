// Light that objects cast or take: it changes the background's brightness and keeps its colour and
// texture.
#pragma once

#include <opencv2/core.hpp>

#include "proxseg/scene/scene_model.h"

namespace proxseg {

// Tells cast shadows, and at night the light of headlamps, from objects by their colour. In grey
// images it finds none: there, a dark object looks like a shadow.
class ShadowDetector {
 public:
  // scene.scale must not be empty. The background of a night is darker than 48 grey levels on
  // average.
  explicit ShadowDetector(const SceneState& scene);

  // frame D: of the background's size and type; gain g: by exposure_gain(). A pixel shows nothing but
  // other light if, with a g by least squares over 5 x 5 pixels,
  //   |D - a g B| <= 0.4 max(scale, 20 grey levels)  and  0.4 < a < 0.97 or, at night, 1.03 < a < 4,
  // |.| the largest over channels. Returns 8UC1: 255 at such pixels of the mask `where`, 8UC1, too;
  // 0 elsewhere.
  cv::Mat find(const cv::Mat& frame, const cv::Mat& where, double gain = 1.0) const;

 private:
  cv::Mat find_within(const cv::Rect& part, const cv::Mat& frame, double gain) const;

  bool is_night_ = false;
  cv::Mat background_;  // 32FC3, 0 to 255; empty if it has no colour
  cv::Mat energy_;      // 32FC1: sum of B^2 over 5 x 5 pixels and channels, plus 1
  cv::Mat tolerance_;   // 32FC1, in grey levels
};

// The mask without its shadows. The core of an object are the pixels around which, within 9 pixels
// or a twenty-fifth of the image, most of the mask is not in shadow. What lies between parts of the
// core, within its morphological closing by a disc of a twelfth of the image, is a dark part of the
// object and stays. shadows: of the same size. Both 8UC1 of 0 and 255.
cv::Mat without_shadows(const cv::Mat& mask, const cv::Mat& shadows);

}  // namespace proxseg
