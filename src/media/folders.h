// What lies in folders: images, videos, stacks, sequences of datasets.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "proxseg/media/sequences.h"

namespace proxseg {

// Paths of the images but for a preview or a background of this program, in natural order. Throws InputError
// if the folder cannot be listed.
std::vector<std::string> images_in(const std::filesystem::path& folder);
std::vector<std::string> images_that_match(const std::string& pattern);

// What the images of a folder are, as the first of them tells.
enum class Content {
  kOther,   // there are none
  kFrames,  // of one sequence
  kStacks   // each a sequence
};
// images: of images_in().
Content content_of(const std::vector<std::string>& images);

// Videos in a folder whose images are the frames of one sequence are not read, which this says.
void warn_of_videos_among_frames(const std::filesystem::path& folder);

// As a sequence of a dataset.
bool is_laid_out(const std::filesystem::path& folder);

// A sequence's path relative to root, a file's without its extension.
std::string name_below(const std::filesystem::path& root, const std::filesystem::path& path);

// The sequences in and below a folder that is none itself, in natural order of their names: those of
// a dataset, if there is any; else folders of frames, videos and stacks. Hidden ones are left out.
// Throws InputError if a folder cannot be listed.
std::vector<NamedSequence> sequences_below(const std::filesystem::path& root);

}  // namespace proxseg
