// Hot air before a camera: each place of the picture moves about on its own.
#pragma once

#include <opencv2/core.hpp>

namespace proxseg {

// The deviation, in pixels, by which edges of the background B move: what its slope makes of that is the noise
// q, by temporal_noise(), but for the noise n where B is even. With G its Gaussian and Q quantiles,
//   g = G(|grad B|) / 255,  n = Q_0.5 of q where g <= Q_0.5 of g
//   Q_0.25 of sqrt(max(0, q^2 - n^2)) / (1.645 g)   where g > Q_0.9 of g, three grey levels a pixel or more
// 1.645 deviations are the 0.9-quantile of |.|. 0 if B has hardly an edge. B: 8UC1 or 8UC3.
double movement_of_edges(const cv::Mat& noise, const cv::Mat& background);

// The frame D without what is background at places around, at each pixel and channel
//   B + D - min(max(D, least of B around), greatest of B around)
// around: within `reach` pixels to each side. Both 8UC1 or 8UC3, of one size and type. Returns a new image.
cv::Mat without_turbulence(const cv::Mat& frame, const cv::Mat& background, int reach);

}  // namespace proxseg
