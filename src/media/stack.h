// Sequences that are one image file of many pages or frames.
#pragma once

#include <memory>
#include <string>

#include "proxseg/media/source.h"

namespace proxseg {

// What kind of sequence the file of an image format is: a stack (TIFF of several pages, animated
// WebP), a video (animated PNG, which FFmpeg reads) or a folder of one frame. Only headers are read.
// Throws InputError if it cannot be read.
SequenceKind kind_of_image_file(const std::string& path);

// A stack. A TIFF is never held in memory whole. Throws InputError: unreadable, or pages that mean
// something else than one frame after the other.
std::unique_ptr<FrameSource> open_stack(const std::string& path);

}  // namespace proxseg
