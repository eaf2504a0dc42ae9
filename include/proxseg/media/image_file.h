// Reads single images, with the checks that OpenCV leaves out.
#pragma once

#include <filesystem>
#include <opencv2/core.hpp>
#include <optional>
#include <utility>

namespace proxseg {

// True for .jpg .jpeg .png .bmp .tif .tiff .webp .ppm .pgm, in upper or lower case.
bool has_image_extension(const std::filesystem::path& path);

// The same for the usual names of videos. A video may have any other, and is read all the same.
bool has_video_extension(const std::filesystem::path& path);

// The image as 8UC1 (stored grey, with or without alpha) or 8UC3 BGR; 16-bit values are divided by
// 257, alpha is dropped, the orientation in EXIF is honoured. Throws InputError naming the file and
// the reason: cannot be opened, truncated (JPEG without its end-of-image marker, PNG without its
// IEND chunk), a PNG or BMP too small for the pixels that it announces, several pages or frames in
// it, not an image of these formats, pixels of floating point.
cv::Mat read_image(const std::filesystem::path& path);

struct StoredImage {
  cv::Mat image;  // as by read_image()
  // Smallest and largest value before the division, of an image of 16 bits.
  std::optional<std::pair<int, int>> values_of_16_bits;
};

StoredImage read_stored_image(const std::filesystem::path& path);

}  // namespace proxseg
