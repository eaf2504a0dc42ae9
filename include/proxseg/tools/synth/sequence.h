// Synthetic sequences on disk.
#pragma once

#include <filesystem>

#include "proxseg/tools/synth/options.h"

namespace proxseg {

// Writes a sequence in CDnet's layout: input/in000001.jpg, groundtruth/gt000001.png, ROI.bmp,
// temporalROI.txt, and background.png beside them. Frames of an earlier sequence in folder are
// removed first, other files stay. Throws UsageError for bad options, OutputError if folder cannot
// be written.
void generate_sequence(const SynthOptions& options, const std::filesystem::path& folder);

}  // namespace proxseg
