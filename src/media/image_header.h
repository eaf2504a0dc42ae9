// What the bytes of an image file say of themselves, where OpenCV does not look.
#pragma once

#include <cstdint>
#include <opencv2/core/types.hpp>
#include <string>
#include <string_view>

namespace proxseg {

// Why the bytes cannot be the whole image that they announce, "" if they can: empty, of another
// format than those of has_image_extension(), a JPEG without its end, a PNG without its last chunk,
// a PNG or BMP too small for its pixels.
std::string fault_of_image(std::string_view bytes);

// Of a JPEG's pixels as they are stored, before its EXIF turns them; empty for all else.
cv::Size jpeg_size(std::string_view bytes);

// Pages of a TIFF, frames of an animated PNG or WebP; 1 for all else.
int64_t pages_of_image(std::string_view bytes);

// The text "YYYY:MM:DD HH:MM:SS" of EXIF's DateTimeOriginal, when the camera took the picture, in a
// JPEG or a TIFF; "" if there is none.
std::string_view exif_time(std::string_view bytes);

// Grey with alpha, which OpenCV decodes as colour.
bool is_gray_with_alpha(std::string_view bytes);

}  // namespace proxseg
