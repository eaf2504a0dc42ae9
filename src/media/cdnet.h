// The files that lie beside the frames of a CDnet sequence.
#pragma once

#include <cstdint>
#include <filesystem>
#include <opencv2/core.hpp>
#include <optional>
#include <utility>

namespace proxseg {

// ROI.bmp of folder as 0 and 255, resized with a warning if it is not of the frames' size; empty if
// there is none. Throws InputError if it cannot be read.
cv::Mat read_roi(const std::filesystem::path& folder, cv::Size frame_size);

// The first two integers of temporalROI.txt, nothing if there is no such file.
// Throws InputError naming the file if they are missing or do not make a range.
std::optional<std::pair<int64_t, int64_t>> read_temporal_roi(const std::filesystem::path& folder);

}  // namespace proxseg
