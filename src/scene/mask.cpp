#include "proxseg/scene/mask.h"

#include <opencv2/imgproc.hpp>

#include "proxseg/core/error.h"
#include "proxseg/scene/shadow.h"

namespace proxseg {
namespace {

// Sets 8-connected components of `value` that are a smaller part of the image than min_part to
// 255 - value.
void flip_small_components(cv::Mat& mask, uchar value, double min_part) {
  const double min_area = min_part * static_cast<double>(mask.total());
  cv::Mat labels, stats, centroids;
  const int count = cv::connectedComponentsWithStats(mask == value, labels, stats, centroids, 8);
  std::vector<uchar> flip(static_cast<size_t>(count), 0);
  for (int i = 1; i < count; ++i) flip[i] = stats.at<int>(i, cv::CC_STAT_AREA) < min_area;
  mask.forEach<uchar>([&](uchar& pixel, const int* position) {
    if (flip[labels.at<int>(position[0], position[1])]) pixel = 255 - value;
  });
}

}  // namespace

cv::Mat clean_mask(const cv::Mat& soft, const MaskOptions& options, const cv::Mat& shadows) {
  if (soft.type() != CV_32FC1) throw UsageError("clean_mask: the soft mask must be 32FC1");
  cv::Mat mask = soft > options.threshold;
  if (options.median > 1) cv::medianBlur(mask, mask, static_cast<int>(options.median));
  if (!shadows.empty()) mask = without_shadows(mask, shadows);
  if (options.min_area > 0.0) flip_small_components(mask, 255, options.min_area);
  if (options.fill_holes > 0.0) flip_small_components(mask, 0, options.fill_holes);
  return mask;
}

}  // namespace proxseg
