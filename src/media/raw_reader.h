// Frames without any container, as programs pass them on through pipes.
#pragma once

#include <memory>
#include <string>

#include "media/image_reader.h"
#include "media/input_pipe.h"

namespace proxseg {

// Of 8UC3 BGR images of size "WIDTHxHEIGHT". Part of an image at the end is left out with a
// warning. Throws UsageError for a size that is none.
std::unique_ptr<ImageReader> open_raw(std::unique_ptr<InputPipe> pipe, const std::string& size);

}  // namespace proxseg
