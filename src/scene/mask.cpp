#include "proxseg/scene/mask.h"

#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "proxseg/core/error.h"
#include "proxseg/scene/components.h"
#include "proxseg/scene/shadow.h"

namespace proxseg {

int odd_side(double part, cv::Size image) {
  return static_cast<int>(part * std::min(image.width, image.height)) | 1;
}

cv::Mat majority(const cv::Mat& mask, int side) {
  if (side == 1) return mask;
  cv::Mat mean;
  cv::blur(mask, mean, {side, side}, {-1, -1}, cv::BORDER_REPLICATE);
  return mean >= 128;
}

cv::Mat find_objects(const cv::Mat& soft, const MaskOptions& options) {
  if (soft.type() != CV_32FC1) throw UsageError("find_objects: the soft mask must be 32FC1");
  const double sure_above = std::max(0.95, options.threshold);
  cv::Mat mask = soft > options.threshold;
  if (options.weak >= options.threshold) return mask;
  const cv::Mat sure = soft > sure_above;
  if (cv::countNonZero(sure) > 0) add_marked_components(mask, soft > options.weak, sure);
  return mask;
}

cv::Mat clean_mask(cv::Mat mask, const MaskOptions& options, const cv::Mat& shadows,
                   cv::Size frame) {
  if (frame.empty()) frame = mask.size();
  mask = majority(mask, odd_side(options.median, frame));
  if (!shadows.empty()) mask = without_shadows(mask, shadows);
  const double pixels = frame.area();
  if (options.min_area > 0.0) flip_small_components(mask, 255, options.min_area * pixels);
  if (options.fill_holes > 0.0) flip_small_components(mask, 0, options.fill_holes * pixels);
  return mask;
}

// M - t, turned round where the clean-up changed its sign, in 8 bits around a half:
//   v = 127.5 +- (0.5 + 127 |M - t| / max(t, 1 - t)),  + where the mask is set.
cv::Mat enlarge_mask(const cv::Mat& mask, const cv::Mat& soft, double threshold, cv::Size size) {
  if (mask.size() == size) return mask;
  cv::Mat distance, inside, outside, enlarged;
  cv::absdiff(soft, threshold, distance);
  const double unit = 127.0 / std::max({threshold, 1.0 - threshold, 1e-6});
  distance.convertTo(inside, CV_8U, unit, 128.0);
  cv::bitwise_not(inside, outside);
  inside.copyTo(outside, mask);
  cv::resize(outside, enlarged, size, 0, 0, cv::INTER_LINEAR);
  return enlarged >= 128;
}

}  // namespace proxseg
