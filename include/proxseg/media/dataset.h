// Where datasets keep the frames and the ground truth of a sequence.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace proxseg {

enum class Dataset {
  kNone,      // frames alone
  kCdnet,     // SEQUENCE/input/, SEQUENCE/groundtruth/gtNNNNNN.png
  kLasiesta,  // frames in SEQUENCE/, labels in SEQUENCE-GT/ beside it; or both folders in another of
              // the name SEQUENCE, which then stands for the sequence
  kSbmnet     // SEQUENCE/input/, and GT*.jpg beside it, or in SEQUENCE/GT/: images of the
              // background, which are no labels
};

struct SequenceFolders {
  Dataset dataset = Dataset::kNone;
  std::filesystem::path frames;             // folder of the images
  std::filesystem::path ground_truth = {};  // folder of its images; empty for kNone
};

// sequence: a folder, whose images are not looked at.
SequenceFolders folders_of(const std::filesystem::path& sequence);

// True if there are labels that eval measures masks by.
bool has_labels(const std::filesystem::path& sequence);

// The images of the ground truth, in no order; empty for kNone. Throws InputError if its folder
// cannot be listed.
std::vector<std::filesystem::path> ground_truth_images(const SequenceFolders& folders);

// "", "cdnet", "lasiesta" or "sbmnet".
std::string to_string(Dataset dataset);

}  // namespace proxseg
