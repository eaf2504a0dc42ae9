// The part of the frames that counts.
#pragma once

#include <opencv2/core.hpp>

#include "proxseg/media/source_options.h"

namespace proxseg {

// 8UC1, 0 outside and 255 inside, of size given: what lies in options.roi and in own, the region
// that the sequence itself has, of size stored; empty if there is neither. stored: size of the
// frames before options.scale. Throws InputError: no polygon and no such image, an image of another
// size, nothing inside.
cv::Mat region_of_interest(const SourceOptions& options, const cv::Mat& own, cv::Size stored,
                           cv::Size given);

}  // namespace proxseg
