// How much what stands out of a scene's noise differs from its background.
#pragma once

#include <opencv2/core.hpp>
#include <vector>

namespace proxseg {

// How far from the background what stands out is, in (0, 1]: the median, over the pixels of all
// images that differ from the background by more than `limit`, most of their 5 x 5 neighbours with
// them, of the difference, the root mean square over channels. A few such pixels tell little: as
// many as one in 2,000 of a usual contrast, a quarter of the range, count with them. limit: 32FC1
// in [0, 1], of the images' size.
double contrast_of_objects(const std::vector<cv::Mat>& images, const cv::Mat& background,
                           const cv::Mat& limit);

}  // namespace proxseg
