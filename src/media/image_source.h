// Frames from image files.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "media/location.h"
#include "proxseg/media/source.h"

namespace proxseg {

std::unique_ptr<FrameSource> open_images(Location location, const std::string& path,
                                         const SourceOptions& options);

// Indices into location.files that range and every select.
// Throws InputError if there are none.
std::vector<size_t> select_images(const Location& location, const SequenceInfo& info,
                                  const SourceOptions& options);

// The number that ends the file's name, else its position from 1.
int64_t frame_number(const Location& location, size_t index);

// "320 x 240, colour"
std::string shape_text(const cv::Mat& image);

}  // namespace proxseg
