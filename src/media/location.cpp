#include "media/location.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <glob.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <set>
#include <system_error>

#include "proxseg/core/error.h"
#include "proxseg/core/sha256.h"
#include "proxseg/core/text.h"
#include "proxseg/media/dataset.h"
#include "proxseg/media/image_file.h"
#include "proxseg/media/sequences.h"
#include "proxseg/media/stream.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

// Takes the run of digits that text begins with off its front; without leading zeros.
std::string_view take_number(std::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
  std::string_view number = text.substr(0, static_cast<size_t>(end - text.begin()));
  text.remove_prefix(number.size());
  number.remove_prefix(std::min(number.find_first_not_of('0'), number.size()));
  return number;
}

// A link that leads nowhere counts: it is refused where it is read, not left out without a word.
bool is_frame(const fs::path& path) {
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  return has_image_extension(path) && !path.filename().string().starts_with('.') &&
         (fs::is_regular_file(status) || status.type() == fs::file_type::not_found);
}

void sort_naturally(std::vector<std::string>& paths) {
  std::sort(paths.begin(), paths.end(), natural_less);
}

std::vector<std::string> entries_of(const fs::path& folder) {
  std::error_code error;
  std::vector<std::string> entries;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    entries.push_back(it->path().string());
  }
  if (error) {
    throw InputError(fmt::format("cannot list '{}': {}", folder.string(), error.message()));
  }
  sort_naturally(entries);
  return entries;
}

std::vector<std::string> frames_among(std::vector<std::string> paths) {
  std::erase_if(paths, [](const std::string& path) { return !is_frame(path); });
  return paths;
}

bool is_sequence_folder(const fs::path& folder) {
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored)) return false;
  if (fs::is_directory(folder / "input", ignored)) return true;
  const fs::directory_iterator entries(folder, ignored);
  return std::any_of(begin(entries), end(entries),
                     [](const auto& e) { return is_frame(e.path()); });
}

// "a, b, c, d, e, ..."
std::string some_names_of(const std::vector<std::string>& paths) {
  constexpr size_t kMostNames = 5;
  std::vector<std::string> names;
  for (const fs::path path : paths) names.push_back(path.filename().string());
  const bool more = names.size() > kMostNames;
  if (more) names.resize(kMostNames);
  return fmt::format("{}{}", fmt::join(names, ", "), more ? ", ..." : "");
}

// Throws InputError if there are any videos among what `holder`, "the folder 'clips' holds", has.
void refuse_videos(const std::string& holder, std::vector<std::string> paths,
                   const std::string& how) {
  std::erase_if(paths, [](const std::string& path) { return !has_video_extension(path); });
  if (paths.empty()) return;
  throw InputError(
      fmt::format("{} no image but {} video{}: {}", holder, paths.size(),
                  paths.size() == 1 ? "" : "s", some_names_of(paths)),
      fmt::format("Each video is an input of its own{}: --input {}", how, shell_path(paths[0])));
}

[[noreturn]] void refuse_folder(const fs::path& folder, std::vector<std::string> entries) {
  refuse_videos(fmt::format("the folder '{}' holds", folder.string()), entries, ", for example");
  std::erase_if(entries, [](const std::string& entry) { return !is_sequence_folder(entry); });
  if (entries.empty()) {
    throw InputError(fmt::format("no image in the folder '{}'", folder.string()),
                     "Give a folder of jpg, png, bmp, tif, webp, ppm or pgm files, or a video.");
  }
  throw InputError(fmt::format("'{}' holds no frames itself but {} folders with frames: {}",
                               folder.string(), entries.size(), some_names_of(entries)),
                   fmt::format("Give one sequence at a time, for example '{}'.", entries.front()));
}

bool is_laid_out(const fs::path& folder) {
  const SequenceFolders folders = folders_of(folder);
  return folders.dataset == Dataset::kLasiesta || folders.frames == folder / "input";
}

std::string folder_name(const fs::path& folder) {
  std::error_code ignored;
  const fs::path whole = fs::weakly_canonical(folder, ignored);
  return whole.has_filename() ? whole.filename().string() : "frames";
}

Location locate_folder(const fs::path& folder) {
  const fs::path frames = folders_of(folder).frames;
  const bool is_input = frames == folder / "input";
  std::vector<std::string> files = frames_among(entries_of(frames));
  if (files.empty()) refuse_folder(frames, entries_of(frames));
  return {is_input ? SequenceKind::kCdnet : SequenceKind::kFolder, folder_name(folder),
          std::move(files)};
}

Location locate_glob(const std::string& pattern) {
  std::vector<std::string> files = frames_among(glob_paths(pattern));
  if (files.empty()) {
    refuse_videos(fmt::format("'{}' matches", pattern), glob_paths(pattern),
                  "; give the pattern unquoted, or one of them");
    throw InputError(fmt::format("no image matches '{}'", pattern),
                     "Check the pattern, and quote it so that the shell leaves it alone.");
  }
  std::string name = folder_name(fs::absolute(files.front()).parent_path());
  return {SequenceKind::kGlob, std::move(name), std::move(files)};
}

}  // namespace

std::vector<std::string> glob_paths(const std::string& pattern) {
  glob_t found{};
  const int status = ::glob(pattern.c_str(), GLOB_NOSORT, nullptr, &found);
  std::vector<std::string> paths(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  if (status == GLOB_NOSPACE) throw std::bad_alloc();
  sort_naturally(paths);
  return paths;
}

bool natural_less(std::string_view a, std::string_view b) {
  const std::string_view whole_a = a;
  const std::string_view whole_b = b;
  while (!a.empty() && !b.empty()) {
    if (is_digit(a.front()) && is_digit(b.front())) {
      const std::string_view x = take_number(a);
      const std::string_view y = take_number(b);
      if (x.size() != y.size()) return x.size() < y.size();
      if (x != y) return x < y;
    } else {
      if (a.front() != b.front()) return a.front() < b.front();
      a.remove_prefix(1);
      b.remove_prefix(1);
    }
  }
  if (a.empty() != b.empty()) return a.empty();
  return whole_a < whole_b;
}

int64_t trailing_number(const fs::path& file) {
  const std::string stem = file.stem().string();
  const auto begin = std::find_if_not(stem.rbegin(), stem.rend(), is_digit).base();
  const std::string digits(begin, stem.end());
  return digits.empty() || digits.size() > 18 ? -1 : std::stoll(digits);
}

Location locate(const std::string& path) {
  if (is_stream(path)) {
    throw InputError("'" + path + "' is a stream, which infer and baseline alone can read",
                     "Save a part of it as a video, for example with ffmpeg -t 60, and give that.");
  }
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (fs::is_directory(status)) return locate_folder(path);
  if (fs::exists(status)) {
    const auto kind = has_image_extension(path) ? SequenceKind::kFolder : SequenceKind::kVideo;
    return {kind, fs::path(path).stem().string(), {path}};
  }
  if (status.type() == fs::file_type::not_found && path.find_first_of("*?[") != std::string::npos) {
    return locate_glob(path);
  }
  throw InputError(fmt::format("cannot read '{}': {}", path, error.message()),
                   "Check the path of the input.");
}

std::vector<fs::path> folders_below(const fs::path& root,
                                    const std::function<bool(const fs::path&)>& is_wanted) {
  std::vector<fs::path> found;
  std::error_code error, ignored;
  for (fs::recursive_directory_iterator it(root, error), end; !error && it != end;
       it.increment(error)) {
    if (!it->is_directory(ignored) || !is_wanted(it->path())) continue;
    found.push_back(it->path().lexically_relative(root));
    it.disable_recursion_pending();
  }
  if (error) {
    throw InputError(fmt::format("cannot list '{}': {}", root.string(), error.message()));
  }
  std::sort(found.begin(), found.end(),
            [](const fs::path& a, const fs::path& b) { return a.string() < b.string(); });
  return found;
}

std::vector<NamedSequence> find_sequences(const std::string& path) {
  if (is_stream(path)) return {{path, stream_name(path)}};
  const fs::path folder(path);
  std::error_code error;
  std::vector<NamedSequence> found;
  if (fs::is_directory(folder, error) && !is_laid_out(folder) && !is_sequence_folder(folder)) {
    for (const fs::path& below : folders_below(folder, is_laid_out)) {
      found.push_back({(folder / below).string(), below.string()});
    }
  }
  if (found.empty()) found.push_back({path, locate(path).name});
  return found;
}

std::vector<NamedSequence> find_sequences(const std::vector<std::string>& paths) {
  std::vector<NamedSequence> sequences;
  std::set<std::string> names;
  for (const std::string& path : paths) {
    for (auto& sequence : find_sequences(path)) {
      if (!names.insert(sequence.name).second) {
        throw UsageError(
            fmt::format("two inputs are named '{}': their outputs would mix", sequence.name),
            "Give them to two calls with different --output.");
      }
      sequences.push_back(std::move(sequence));
    }
  }
  return sequences;
}

Fingerprint fingerprint_of(const std::string& path) {
  constexpr size_t kHead = size_t{64} << 10;
  Fingerprint result;
  Sha256 hash;
  std::vector<char> head(kHead);
  for (const fs::path file : locate(path).files) {
    std::ifstream stream(file, std::ios::binary);
    stream.read(head.data(), static_cast<std::streamsize>(head.size()));
    if (stream.bad() || !stream.is_open()) {
      throw InputError(fmt::format("cannot read '{}'", file.string()));
    }
    const auto size = static_cast<int64_t>(fs::file_size(file));
    hash.add(fmt::format("{}\n{}\n", file.filename().string(), size));
    hash.add({head.data(), static_cast<size_t>(stream.gcount())});
    result.bytes += size;
    ++result.files;
  }
  result.sha256 = hash.hex();
  return result;
}

}  // namespace proxseg
