// Frames of more than 8 bits: which of their values become black and white.
#pragma once

#include <memory>
#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <vector>

#include "proxseg/media/source.h"

namespace proxseg {

// "312:4021", as SourceOptions::levels.
std::string to_string(const Levels& levels);

// Nothing unless the text is two numbers, the first of which is smaller.
std::optional<Levels> parse_levels(const std::string& text);

// The levels of a sequence: from the smallest to the largest value but for the outermost 1/10000 of
// the pixels at either end, with an eighth of this range added at both ends as far as there are
// values. What moves may be brighter than all else and cover few pixels; broken pixels stay out.
// Looks at some fifty frames spread over the sequence. frames: not read yet; of 16U or 32F. NaN and
// infinities don't count. Throws InputError if no frame can be read.
Levels choose_levels(FrameSource& frames);

// Levels that hold those of each sequence whose frames have more than 8 bits; nothing if there is
// none. path: as for open_source(), of whose options only range, every and on_error count. Throws
// as it does.
std::optional<Levels> choose_levels(const std::vector<std::string>& paths,
                                    const SourceOptions& options);

// 255 (x - low) / (high - low), rounded and clipped to 8 bits. image: 16U or 32F; NaN becomes 0.
cv::Mat to_8_bits(const cv::Mat& image, const Levels& levels);

// The frames of source in 8 bits; info().levels says how. Warns where more than half of the first
// frame lies outside of the levels. next() throws InputError for a frame that has 8 bits.
std::unique_ptr<FrameSource> in_8_bits(std::unique_ptr<FrameSource> source, const Levels& levels);

}  // namespace proxseg
