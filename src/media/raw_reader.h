// Uncompressed images, as programs pass them on through pipes.
#pragma once

#include <istream>
#include <memory>
#include <string>

#include "media/image_reader.h"

namespace proxseg {

// Of 8UC3 BGR images of size "WIDTHxHEIGHT", or of a YUV4MPEG2 stream if size is empty; stream must
// outlive the reader. Part of an image at the end is left out with a warning. Throws UsageError for
// a size that is none, InputError for what is not as said or a colour format that is not known.
std::unique_ptr<ImageReader> open_raw(std::istream& stream, const std::string& size);

}  // namespace proxseg
