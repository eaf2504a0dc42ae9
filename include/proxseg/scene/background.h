// The reference background B: what the scene looks like without its moving objects.
#pragma once

#include <opencv2/core.hpp>
#include <vector>

#include "proxseg/media/source.h"
#include "proxseg/scene/options.h"

namespace proxseg {

// Per-pixel, per-channel median (the upper one of an even number). images: at least one, 8UC1 or
// 8UC3, all of one size. Throws UsageError otherwise.
cv::Mat temporal_median(const std::vector<cv::Mat>& images);

// Reads what options.method needs of the source (all of it for kMedian, options.frames frames for
// kFirst) and returns the background: 8UC1 or 8UC3, of the size and channels of the source's
// frames. Memory is bounded by options.frames. Throws InputError: no readable frame, or an image
// file that is missing or of another size.
cv::Mat reference_background(FrameSource& source, const BackgroundOptions& options);

}  // namespace proxseg
