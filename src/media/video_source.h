// Frames from a video file.
#pragma once

#include <memory>
#include <string>

#include "proxseg/media/source.h"

namespace proxseg {

std::unique_ptr<FrameSource> open_video(const std::string& name, const std::string& path,
                                        const SourceOptions& options);

}  // namespace proxseg
