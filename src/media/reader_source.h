// A reader's images as the frames of a sequence.
#pragma once

#include <memory>

#include "media/image_reader.h"
#include "media/selection.h"
#include "proxseg/media/source.h"

namespace proxseg {

// The frames that range and every choose, as they are stored; others are passed over without being
// decoded. The first one is decoded at once. info: all but fps, size, channels and roi, and, of a
// video, frames; options.on_error counts. Throws InputError if no frame can be read.
std::unique_ptr<FrameSource> frames_of(std::unique_ptr<ImageReader> reader, SequenceInfo info,
                                       const FrameRange& range, const SourceOptions& options);

// Text of a warning for images of 16 bits whose values, from smallest to largest, fill so little of
// their range that nothing can be told apart in 8 bits; "" if they fill enough.
std::string narrow_range_warning(const std::pair<int, int>& values);

}  // namespace proxseg
