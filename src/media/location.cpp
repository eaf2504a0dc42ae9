#include "media/location.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <system_error>

#include "media/folders.h"
#include "media/stack.h"
#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/media/dataset.h"
#include "proxseg/media/image_file.h"
#include "proxseg/media/sequences.h"
#include "proxseg/media/stream.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void refuse_folder(const fs::path& folder) {
  const std::vector<NamedSequence> sequences = sequences_below(folder);
  if (sequences.empty()) {
    throw InputError(fmt::format("no image and no video in the folder '{}'", folder.string()),
                     "Give a folder of jpg, png, bmp, tif, webp, ppm or pgm files, or a video.");
  }
  constexpr size_t kMostNames = 5;
  std::vector<std::string> names;
  for (size_t i = 0; i < std::min(kMostNames, sequences.size()); ++i) {
    names.push_back(sequences[i].name);
  }
  if (names.size() < sequences.size()) names.emplace_back("...");
  throw InputError(
      fmt::format("'{}' is no sequence itself but holds {}: {}", folder.string(), sequences.size(),
                  fmt::join(names, ", ")),
      fmt::format("Give one sequence at a time, for example '{}'.", sequences.front().path));
}

Location locate_folder(const fs::path& folder) {
  const fs::path frames = folders_of(folder).frames;
  const bool is_input = frames == folder / "input";
  std::vector<std::string> files = images_in(frames);
  if (content_of(files) != Content::kFrames) refuse_folder(frames);
  return {is_input ? SequenceKind::kCdnet : SequenceKind::kFolder, folder_name(folder, "frames"),
          std::move(files)};
}

Location locate_glob(const std::string& pattern) {
  std::vector<std::string> files = images_that_match(pattern);
  if (files.empty()) {
    throw InputError(fmt::format("no image matches '{}'", pattern),
                     "Check the pattern, and quote it so that the shell leaves it alone.");
  }
  std::string name = folder_name(fs::absolute(files.front()).parent_path(), "frames");
  return {SequenceKind::kGlob, std::move(name), std::move(files)};
}

}  // namespace

int64_t trailing_number(const fs::path& file) {
  const std::string stem = file.stem().string();
  const auto is_a_digit = [](unsigned char c) { return std::isdigit(c) != 0; };
  const auto begin = std::find_if_not(stem.rbegin(), stem.rend(), is_a_digit).base();
  const std::string digits(begin, stem.end());
  return digits.empty() || digits.size() > 18 ? -1 : std::stoll(digits);
}

Location locate(const std::string& path) {
  if (is_stream(path)) {
    throw InputError("'" + without_password(path) +
                         "' is a stream, which only infer, baseline and watch can read",
                     "Save a part of it as a video, for example with ffmpeg -t 60, and give that.");
  }
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (fs::is_directory(status)) return locate_folder(path);
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    throw InputError(
        fmt::format("cannot read '{}': it is a pipe or a device, not a file", path),
        "Pipe a video to standard input, which is -; a camera is its number, such as 0.");
  }
  if (fs::exists(status)) {
    const auto kind = has_image_extension(path) ? kind_of_image_file(path) : SequenceKind::kVideo;
    return {kind, fs::path(path).stem().string(), {path}};
  }
  if (status.type() == fs::file_type::not_found && path.find_first_of("*?[") != std::string::npos) {
    return locate_glob(path);
  }
  throw InputError(
      fmt::format("cannot read '{}': {}", path, reason_unreadable(path, error.value())),
      "Check the path of the input.");
}

}  // namespace proxseg
