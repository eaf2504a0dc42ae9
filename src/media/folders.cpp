#include "media/folders.h"

#include <fmt/format.h>
#include <glob.h>

#include <algorithm>
#include <cctype>
#include <new>
#include <string_view>
#include <system_error>

#include "media/stack.h"
#include "media/warn_once.h"
#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/media/dataset.h"
#include "proxseg/media/image_file.h"

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

bool is_hidden(const fs::path& path) { return path.filename().string().starts_with('.'); }

// A link that leads nowhere counts: it is refused where it is read, not left out without a word.
bool may_be_file(const fs::path& path) {
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  return fs::is_regular_file(status) || status.type() == fs::file_type::not_found;
}

bool is_frame(const fs::path& path) {
  return has_image_extension(path) && !is_hidden(path) && may_be_file(path);
}

// Runs of digits compare by value: "frame2" comes before "frame10".
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

void sort_naturally(std::vector<std::string>& paths) {
  std::sort(paths.begin(), paths.end(), natural_less);
}

std::vector<std::string> paths_in(const fs::path& folder) {
  std::vector<std::string> paths;
  for (const std::string& name : names_in(folder)) paths.push_back((folder / name).string());
  return paths;
}

std::vector<std::string> images_among(std::vector<std::string> paths) {
  std::erase_if(paths, [](const std::string& path) { return !is_frame(path); });
  return paths;
}

// Videos directly in the folder.
std::vector<std::string> videos_in(const fs::path& folder) {
  std::vector<std::string> files = paths_in(folder);
  std::erase_if(files, [](const std::string& file) {
    return !has_video_extension(file) || is_hidden(file) || !may_be_file(file);
  });
  return files;
}

// Holds masks or a run, which lie among their inputs where --output says so.
bool is_own_output(const fs::path& folder) {
  return is_there(folder / "segmentation.json") || is_there(folder / "provenance.json");
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

std::vector<std::string> images_in(const fs::path& folder) {
  std::vector<std::string> images = images_among(paths_in(folder));
  sort_naturally(images);
  return images;
}

std::vector<std::string> images_that_match(const std::string& pattern) {
  return images_among(glob_paths(pattern));
}

Content content_of(const std::vector<std::string>& images) {
  if (images.empty()) return Content::kOther;
  try {
    const bool is_frame = kind_of_image_file(images.front()) == SequenceKind::kFolder;
    return is_frame ? Content::kFrames : Content::kStacks;
  } catch (const InputError&) {  // a frame that cannot be read, which is reported in its turn
    return Content::kFrames;
  }
}

bool is_laid_out(const fs::path& folder) {
  const SequenceFolders folders = folders_of(folder);
  return folders.dataset == Dataset::kLasiesta || folders.frames == folder / "input";
}

std::string name_below(const fs::path& root, const fs::path& path) {
  const fs::path relative = path.lexically_relative(root);
  if (is_folder(path)) return relative.string();
  return (relative.parent_path() / relative.stem()).string();
}

std::vector<fs::path> folders_below(const fs::path& root,
                                    const std::function<bool(const fs::path&)>& is_wanted) {
  std::vector<fs::path> found;
  std::error_code error, ignored;
  for (fs::recursive_directory_iterator it(root, error), end; !error && it != end;
       it.increment(error)) {
    if (!it->is_directory(ignored)) continue;
    const bool wanted = is_wanted(it->path());
    if (wanted) found.push_back(it->path().lexically_relative(root));
    if (wanted || is_own_output(it->path())) it.disable_recursion_pending();
  }
  if (error) {
    throw InputError(fmt::format("cannot list '{}': {}", root.string(), error.message()));
  }
  std::sort(found.begin(), found.end(),
            [](const fs::path& a, const fs::path& b) { return a.string() < b.string(); });
  return found;
}

void warn_of_videos_among_frames(const fs::path& folder) {
  const std::vector<std::string> videos = videos_in(folder);
  if (videos.empty()) return;
  const std::string name = fs::path(videos.front()).filename().string();
  const std::string which =
      videos.size() == 1
          ? fmt::format("the video '{}' beside them is", name)
          : fmt::format("{} videos beside them, such as '{}', are", videos.size(), name);
  warn_once(fmt::format(
      "'{}': its images are the frames of one sequence, and {} left out; to read a video, give it as an "
      "input of its own",
      folder.string(), which));
}

std::vector<NamedSequence> sequences_below(const fs::path& root) {
  std::vector<fs::path> paths = folders_below(root, is_laid_out);
  for (fs::path& path : paths) path = root / path;
  if (paths.empty()) {
    // False, and takes the files, where the folder's images are not the frames of one.
    const auto is_of_frames = [&](const fs::path& folder) {
      if (is_hidden(folder)) return false;
      const std::vector<std::string> images = images_in(folder);
      const Content content = content_of(images);
      if (content == Content::kFrames) {
        warn_of_videos_among_frames(folder);
        return true;
      }
      for (const std::string& video : videos_in(folder)) paths.emplace_back(video);
      if (content == Content::kStacks) paths.insert(paths.end(), images.begin(), images.end());
      return false;
    };
    is_of_frames(root);
    const auto is_input = [&](const fs::path& folder) {
      return !is_own_output(folder) && is_of_frames(folder);
    };
    for (const fs::path& folder : folders_below(root, is_input)) paths.push_back(root / folder);
  }
  std::vector<NamedSequence> found;
  for (const fs::path& path : paths) found.push_back({path.string(), name_below(root, path)});
  std::ranges::sort(found, natural_less, &NamedSequence::name);
  return found;
}

}  // namespace proxseg
