// The files that lie beside the frames of a CDnet sequence, and the labels in its ground truth.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <opencv2/core.hpp>
#include <optional>
#include <string_view>
#include <utility>

namespace proxseg {

// Positive is motion; pixels that are neither positive nor negative are not evaluated.
namespace label {
inline constexpr uint8_t kStatic = 0;       // negative
inline constexpr uint8_t kHardShadow = 50;  // negative
inline constexpr uint8_t kOutsideRoi = 85;  // neither
inline constexpr uint8_t kUnknown = 170;    // neither
inline constexpr uint8_t kMoving = 255;     // positive
}  // namespace label

// ROI.bmp of folder as 0 and 255, resized with a warning if it is not of the frames' size; empty if
// there is none. Throws InputError if it cannot be read.
cv::Mat read_roi(const std::filesystem::path& folder, cv::Size frame_size);

// The first two integers of temporalROI.txt, nothing if there is no such file.
// Throws InputError naming the file if they are missing or do not make a range.
std::optional<std::pair<int64_t, int64_t>> read_temporal_roi(const std::filesystem::path& folder);

// Images in folder whose names begin with prefix, by the number that their names end with; names
// without one are left out. Empty if there is no such folder. Throws InputError: two images of one
// number, a folder that cannot be listed.
std::map<int64_t, std::filesystem::path> numbered_images(const std::filesystem::path& folder,
                                                         std::string_view prefix);

}  // namespace proxseg
