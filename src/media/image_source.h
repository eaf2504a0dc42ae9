// Frames from image files.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "media/image_reader.h"
#include "media/location.h"
#include "proxseg/media/source.h"

namespace proxseg {

// The frames as they are stored. Of options only range, every and on_error count.
std::unique_ptr<FrameSource> open_images(Location location, const std::string& path,
                                         const SourceOptions& options);

// The files of location with those indices, in that order.
std::unique_ptr<ImageReader> read_files(Location location, std::vector<size_t> indices);

// Indices into location.files that range and every select.
// Throws InputError if there are none.
std::vector<size_t> select_images(const Location& location, const SequenceInfo& info,
                                  const SourceOptions& options);

// The number that ends the file's name, else its position from 1.
int64_t frame_number(const Location& location, size_t index);

// Two of these files whose names are equal but for folder and extension: outputs, named after
// frames, would overwrite each other.
std::optional<std::pair<std::string, std::string>> find_twins(const Location& location,
                                                              const std::vector<size_t>& indices);

// "320 x 240, colour"
std::string shape_text(cv::Size size, int channels);

}  // namespace proxseg
