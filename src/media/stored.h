// Frames as they are stored, and what open_source() and open_stream() make of them.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "media/location.h"
#include "proxseg/media/source.h"

namespace proxseg {

// Asked by sources that wait for input: true ends the input.
using ShouldStop = std::function<bool()>;

// The images of location; nothing is read of a file before decode(), which takes any of the frames, on several
// threads. path: as the user gave it. size: as of read_reduced_image().
std::unique_ptr<FrameSource> open_images(Location location, const std::string& path,
                                         const SourceOptions& size = {});

// The image of read_stored_image(), and its size; a JPEG's at a half, a quarter or an eighth of its width and
// height, in a part of the time, where that is a whole number and well above what size.scale and pixels ask for.
std::pair<cv::Mat, cv::Size> read_reduced_image(const std::filesystem::path& path,
                                                const SourceOptions& size);

// Two files, of those that options.range and every choose, whose names are equal but for folder and
// extension: outputs, named after frames, would overwrite each other. info: of open_images().
std::optional<std::pair<std::string, std::string>> find_twins(const Location& location,
                                                              const SequenceInfo& info,
                                                              const SourceOptions& options);

// 8UC3 BGR images of that size, one after the other without any container, from standard input.
// Part of an image at the end is left out with a warning. Throws UsageError for a bad size.
std::unique_ptr<FrameSource> open_raw(SequenceInfo info, const std::string& size,
                                      ShouldStop should_stop);

// The same frames, some of them decoded ahead on threads of their own, as many as OpenCV has, up to four. source: its
// decode() takes any of its frames, on several threads.
std::unique_ptr<FrameSource> decode_ahead(std::unique_ptr<FrameSource> source);

// What open() gives, frames as they are stored, as options asks for: select(), then readable(), then
// in_8_bits() where they have more, then prepare(). open: called twice where levels are to be chosen.
std::unique_ptr<FrameSource> view_as_asked(
    const std::function<std::unique_ptr<FrameSource>()>& open, const SourceOptions& options);

// The readable frames of source; whether others are skipped or end it is on_error's choice. The
// first one is decoded at once: info() has its size, its channels and the ROI of a CDnet sequence.
// Throws InputError if no frame can be read.
std::unique_ptr<FrameSource> readable(std::unique_ptr<FrameSource> source, OnError on_error);

// Throws UsageError that lists each option out of range.
void check_source_options(const SourceOptions& options);

// A frame that only its position, from 1, tells apart.
Frame frame_at(int64_t position);

// "320 x 240, colour, 16 bits"; without the bits where they are 8.
std::string shape_text(cv::Size size, int channels, int depth = CV_8U);

}  // namespace proxseg
