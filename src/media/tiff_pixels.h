// Pixels of TIFFs that OpenCV does not decode, or not with all their bits.
#pragma once

#include <opencv2/core.hpp>
#include <string>

#include "media/tiff.h"

namespace proxseg {

// A frame of the page's pixels, page.size() bytes: 8U, 16U or 32F, of one channel or three (BGR).
// Integers that are signed or of 32 bits and all floats become 32F; alpha is dropped; 0 is black.
cv::Mat decode_plain(const PlainPage& page, std::string pixels);

// The same for what OpenCV decodes: 8U, 16U and 32F as they are, all others as 32F.
cv::Mat in_depth_of_frames(const cv::Mat& image);

// Why the image is not all of pixels of that many bits, "" if it is. values: what they are, in words.
std::string fault_of_bits(const cv::Mat& image, int bits, const std::string& values);

}  // namespace proxseg
