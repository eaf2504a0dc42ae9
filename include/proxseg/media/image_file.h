// Reads single images, with the checks that OpenCV leaves out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace proxseg {

// Whether the path ends in one of the extensions, in upper or lower case.
bool has_extension(const std::filesystem::path& path,
                   std::initializer_list<std::string_view> extensions);

// True for .jpg .jpeg .png .bmp .tif .tiff .webp .ppm .pgm, in upper or lower case.
bool has_image_extension(const std::filesystem::path& path);

// The same for the usual names of videos. A video may have any other, and is read all the same.
bool has_video_extension(const std::filesystem::path& path);

// The image as it is stored: 8U, 16U or 32F, of one channel (grey, with or without alpha) or three
// (BGR); alpha is dropped, the orientation in EXIF is honoured. A TIFF's integers that are signed
// or of 32 bits, and its floats of 16 and 64, become 32F. Throws InputError naming the file and the
// reason: cannot be opened, truncated (JPEG without its end-of-image marker, PNG without its IEND
// chunk), a PNG or BMP too small for the pixels that it announces, several pages or frames in it,
// not an image of these formats, pixels of another type.
cv::Mat read_stored_image(const std::filesystem::path& path);

// The same as 8UC1 or 8UC3 BGR, of images that are no frames: 16-bit values are divided by 257,
// those of floating point refused.
cv::Mat read_image(const std::filesystem::path& path);

// When the camera took the picture, by EXIF's DateTimeOriginal: seconds of the camera's clock since
// 1970-01-01 00:00:00. Nothing where the file does not say. Throws InputError if it cannot be
// opened.
std::optional<int64_t> time_taken(const std::filesystem::path& path);

// The same as "YYYY-MM-DD HH:MM:SS".
std::string format_time(int64_t seconds);

// Why the pixels cannot be those of a frame, "" if they can: 8U, 16U or 32F of one or three
// channels.
std::string fault_of_frame(const cv::Mat& image);

}  // namespace proxseg
