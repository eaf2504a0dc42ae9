#include "proxseg/media/sequences.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string_view>
#include <system_error>
#include <utility>

#include "media/folders.h"
#include "media/location.h"
#include "media/stack.h"
#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/core/sha256.h"
#include "proxseg/media/image_file.h"
#include "proxseg/media/stream.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

// Files whose names are those of other sequences keep their extensions: "a.gif" and "a.png".
void tell_apart(std::vector<NamedSequence>& sequences) {
  std::map<std::string, int> count;
  for (const NamedSequence& sequence : sequences) ++count[sequence.name];
  for (NamedSequence& sequence : sequences) {
    if (count[sequence.name] < 2 || !is_file(sequence.path)) continue;
    sequence.name += fs::path(sequence.path).extension().string();
  }
}

// The sequences that a glob matches; none where images match, which are the frames of one.
std::vector<NamedSequence> sequences_that_match(const std::string& pattern) {
  std::vector<NamedSequence> found;
  const fs::path root = fs::path(pattern.substr(0, pattern.find_first_of("*?["))).parent_path();
  for (const std::string& match : glob_paths(pattern)) {
    if (!is_there(match)) {  // a link that leads nowhere, which locate() refuses
      found.push_back({match, name_below(root, match)});
      continue;
    }
    const bool is_image = has_image_extension(match);
    if (is_image && kind_of_image_file(match) == SequenceKind::kFolder) return {};
    if (!is_image && !has_video_extension(match) && !is_folder(match)) continue;
    const std::string name = name_below(root, match);
    for (const NamedSequence& sequence : find_sequences(match)) {
      const bool is_match = sequence.path == match;
      found.push_back({sequence.path, is_match ? name : name + '/' + sequence.name});
    }
  }
  return found;
}

// Before names are told apart.
std::vector<NamedSequence> sequences_of(const std::string& path) {
  if (is_stream(path)) return {{path, stream_name(path)}};
  std::vector<NamedSequence> found;
  if (is_folder(path)) {
    const bool is_of_dataset = is_laid_out(path);
    const bool is_of_frames = content_of(images_in(path)) == Content::kFrames;
    if (is_of_frames && !is_of_dataset) warn_of_videos_among_frames(path);
    if (!is_of_frames && !is_of_dataset) found = sequences_below(path);
  } else if (!is_there(path)) {
    found = sequences_that_match(path);
  }
  if (found.empty()) found.push_back({path, locate(path).name});
  return found;
}

void expect_unlike_names(const std::vector<NamedSequence>& sequences) {
  std::set<std::string> names;
  for (const NamedSequence& sequence : sequences) {
    if (names.insert(sequence.name).second) continue;
    throw UsageError(
        fmt::format("two inputs are named '{}': their outputs would mix", sequence.name),
        "Give them to two calls with different --output.");
  }
}

constexpr std::string_view kBlanks = " \t\r";

std::string_view without_comment(std::string_view line) {
  for (size_t at = line.find('#'); at != std::string_view::npos; at = line.find('#', at + 1)) {
    if (at == 0 || kBlanks.find(line[at - 1]) != std::string_view::npos) return line.substr(0, at);
  }
  return line;
}

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

bool may_name_a_folder(std::string_view name) {
  return name.front() != '.' && std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_' || c == '.';
         });
}

constexpr int64_t kPart = int64_t{64} << 10;  // bytes

// Where a file of that size is looked at: all of it or, of a large one, parts spread evenly from its beginning to its
// end.
std::vector<std::pair<int64_t, int64_t>> sampled_parts(int64_t size) {
  constexpr int64_t kParts = 16;
  if (size <= kParts * kPart) return {{0, size}};
  std::vector<std::pair<int64_t, int64_t>> parts;
  for (int64_t i = 0; i < kParts; ++i) {
    const double place = static_cast<double>(i) / static_cast<double>(kParts - 1);
    parts.emplace_back(std::llround(place * static_cast<double>(size - kPart)), kPart);
  }
  return parts;
}

void add_part(std::ifstream& stream, int64_t begin, int64_t length, Sha256& hash) {
  std::string bytes(static_cast<size_t>(length), '\0');
  stream.seekg(begin);
  stream.read(bytes.data(), length);
  hash.add({bytes.data(), static_cast<size_t>(stream.gcount())});
}

// name: what is hashed of a file's name. add_content: adds what is to be hashed of a file of that size.
template <typename Name, typename AddContent>
Fingerprint fingerprint_by(const std::vector<std::string>& files, const Name& name,
                           const AddContent& add_content) {
  Fingerprint result;
  Sha256 hash;
  for (const fs::path file : files) {
    std::error_code error;
    const auto size = static_cast<int64_t>(fs::file_size(file, error));
    std::ifstream stream(file, std::ios::binary);
    const bool is_readable = !error && stream.is_open();
    hash.add(fmt::format("{}\n{}\n", name(file), is_readable ? size : -1));
    if (is_readable) {
      add_content(stream, size, hash);
      result.bytes += size;
    }
    ++result.files;
  }
  result.sha256 = hash.hex();
  return result;
}

}  // namespace

std::vector<NamedSequence> read_sequence_list(const fs::path& file) {
  std::istringstream stream(read_file(file));
  std::vector<NamedSequence> sequences;
  int64_t number = 0;
  for (std::string line; std::getline(stream, line);) {
    ++number;
    const std::string_view text = trimmed(without_comment(line));
    if (text.empty()) continue;
    const std::string_view name = text.substr(0, text.find_first_of(kBlanks));
    const std::string_view path = trimmed(text.substr(name.size()));
    if (path.empty() || !may_name_a_folder(name)) {
      // Not said what it is: a password may stand in it.
      throw InputError(
          fmt::format("line {} of '{}' is not a name and an address", number, file.string()),
          "Write for example: gate rtsp://192.168.1.20/stream");
    }
    sequences.push_back({std::string(path), std::string(name)});
  }
  if (sequences.empty()) {
    throw InputError(fmt::format("'{}' names no camera", file.string()),
                     "Write a name and an address on each line.");
  }
  expect_unlike_names(sequences);
  return sequences;
}

std::vector<NamedSequence> find_sequences(const std::vector<std::string>& paths) {
  std::vector<NamedSequence> sequences;
  for (const std::string& path : paths) {
    for (auto& sequence : sequences_of(path)) sequences.push_back(std::move(sequence));
  }
  tell_apart(sequences);
  expect_unlike_names(sequences);
  return sequences;
}

std::vector<NamedSequence> find_sequences(const std::string& path) {
  return find_sequences(std::vector{path});
}

Fingerprint fingerprint_of(const std::string& path) {
  const auto files = locate(path).files;
  const bool is_alone = is_file(path);
  const auto name = [&](const fs::path& file) {
    return is_alone ? std::string() : file.filename().string();
  };
  return fingerprint_by(files, name, [](std::ifstream& stream, int64_t size, Sha256& hash) {
    for (const auto& [begin, length] : sampled_parts(size)) add_part(stream, begin, length, hash);
  });
}

Fingerprint fingerprint_of_heads(const std::string& path) {
  const auto name = [](const fs::path& file) { return file.filename().string(); };
  return fingerprint_by(locate(path).files, name,
                        [](std::ifstream& stream, int64_t size, Sha256& hash) {
                          add_part(stream, 0, std::min(size, kPart), hash);
                        });
}

}  // namespace proxseg
