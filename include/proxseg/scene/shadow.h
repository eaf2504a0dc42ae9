// Cast shadows: they darken the background and keep its colour and texture.
#pragma once

#include <opencv2/core.hpp>

#include "proxseg/scene/scene_model.h"

namespace proxseg {

// Tells cast shadows from objects by colour; without colour it finds none, for then every dark
// object would do.
class ShadowDetector {
 public:
  // scene.scale must not be empty.
  explicit ShadowDetector(const SceneModel& scene);

  // frame D: of the background's size and type, in the light of gain g by exposure_gain(). Returns
  // 8UC1, 255 where D is the background dimmed to a of it, 0.4 < a < 0.97: a g by least squares
  // over 5 x 5 pixels, and |D - a g B|, the largest over channels, at most 0.4 of the scene's
  // scale or of 20 grey levels, whichever is more. within: 0 outside this part of the frame.
  cv::Mat find(const cv::Mat& frame, const cv::Rect& within, double gain = 1.0) const;

 private:
  cv::Mat background_;  // 32FC3, 0 to 255; empty if it has no colour
  cv::Mat energy_;      // 32FC1: sum of B^2 over 5 x 5 pixels and channels, plus 1
  cv::Mat tolerance_;   // 32FC1, in grey levels
};

// mask without its shadows. Its core are the pixels around which, within 9 pixels or a twenty-fifth
// of the image, most of the mask is not in shadow; what lies in the midst of the core, within its
// morphological closing by a disc of a twelfth of the image, is a dark part of an object and stays.
// shadows: of the same size. Both 8UC1, 0 or 255.
cv::Mat without_shadows(const cv::Mat& mask, const cv::Mat& shadows);

}  // namespace proxseg
