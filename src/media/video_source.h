// Frames from a video file, or from any other reader of images.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "media/image_reader.h"
#include "proxseg/media/source.h"

namespace proxseg {

std::unique_ptr<FrameSource> open_video(const std::string& name, const std::string& path,
                                        const SourceOptions& options);

// The reader's images as frames. count: how many there are, if anybody knows.
std::unique_ptr<FrameSource> read_frames(std::unique_ptr<ImageReader> reader, SequenceInfo info,
                                         std::optional<int64_t> count,
                                         const SourceOptions& options);

// What FFmpeg can open: a file or an address. Null if it cannot.
std::unique_ptr<ImageReader> open_capture(const std::string& path);
std::unique_ptr<ImageReader> open_camera(int index);

}  // namespace proxseg
