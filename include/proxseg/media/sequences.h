// Which sequences a path stands for, and how they are told apart.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace proxseg {

struct NamedSequence {
  std::string path;
  std::string name;  // folder of its outputs, relative
};

// The sequences that path stands for: itself if it is one or a stream; else, in and below a folder,
// every folder that holds an input/ folder (a tree of CDnet or SBMnet) or has labels beside it as
// LASIESTA's have, or, where there is no such one, every folder of images, video and stack; of a
// glob that matches no images, what each match stands for. They are named by their paths relative
// to that folder, or to the first one of the glob in which it has a wildcard, files without their
// extension, except where another has that name. Nothing is decoded. Warns of videos among the
// frames of a folder. Throws InputError if there is none, or if a folder cannot be listed;
// UsageError if two have the same name.
std::vector<NamedSequence> find_sequences(const std::string& path);

// The same of all paths.
std::vector<NamedSequence> find_sequences(const std::vector<std::string>& paths);

// Those of a list, a text file: on each line the name of a sequence, a blank and its path or address,
// which may hold blanks. What follows a # at the beginning of a line, or after a blank, is a comment. Names
// become those of folders: letters, digits, '-', '_' and '.', which is not the first. Throws InputError
// that names the line, also if there is none; UsageError if two have the same name.
std::vector<NamedSequence> read_sequence_list(const std::filesystem::path& file);

// Folders below root of which is_wanted holds, relative to root, sorted; none are looked for below one of
// them, nor in what this program has made. Links are followed to folders that lie elsewhere, to each once. Throws
// InputError if a folder cannot be listed.
std::vector<std::filesystem::path> folders_below(
    const std::filesystem::path& root,
    const std::function<bool(const std::filesystem::path& folder)>& is_wanted);

// Paths that match pattern (*, ?, [...]), in natural order: a9 before a10.
std::vector<std::string> glob_paths(const std::string& pattern);

// By this the frames that a result was made from can be recognised.
struct Fingerprint {
  int64_t files = 0;
  int64_t bytes = 0;
  std::string sha256;  // 64 hexadecimal digits
};

// Fingerprint of the sequence that path stands for, as for open_source(): SHA-256 over the name, the size and the
// content of each of its files, in order; of one larger than 1 MiB over 16 parts of 64 KiB, spread evenly from its
// beginning to its end. The name of a file that path itself is, such as a video, does not count. A file that cannot be
// read counts by its name alone. It does not depend on where the sequence lies. Throws InputError where there is no such
// sequence.
Fingerprint fingerprint_of(const std::string& path);

// The same over the first 64 KiB of each file alone, as proxseg 0.1 has recorded it.
Fingerprint fingerprint_of_heads(const std::string& path);

}  // namespace proxseg
