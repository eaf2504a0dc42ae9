#include "media/folders.h"

#include <fmt/format.h>
#include <glob.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <functional>
#include <new>
#include <set>
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

// Holds masks, a run or recordings, which lie among their inputs where --output says so.
bool holds_results(const fs::path& folder) {
  return std::ranges::any_of(
      std::array{"segmentation.json", "provenance.json", "watch.json", "events.jsonl"},
      [&](const char* name) { return is_there(folder / name); });
}

// An image, a video or a folder of those that infer, run, train or watch has made.
bool is_result(const fs::path& path) {
  static const std::set<std::string, std::less<>> kNames = {
      "mask",        "soft",        "background", "foreground",  "yolo",           "labelme",
      "labels",      "overlay.mp4", "mask.mkv",   "preview.png", "background.png", "previews",
      "checkpoints", "backgrounds", "masks",      "overlays",    "tracks",         "state"};
  return kNames.contains(path.filename().string()) && holds_results(path.parent_path());
}

// As --layout cdnet names them.
bool is_mask_of_cdnet(const fs::path& path) {
  return path.filename().string().starts_with("bin") && path.extension() == ".png" &&
         holds_results(path.parent_path());
}

std::vector<std::string> images_among(std::vector<std::string> paths) {
  std::erase_if(paths, [](const std::string& path) { return !is_frame(path); });
  return paths;
}

// Videos directly in the folder.
std::vector<std::string> videos_in(const fs::path& folder) {
  std::vector<std::string> files = paths_in(folder);
  std::erase_if(files, [](const std::string& file) {
    return !has_video_extension(file) || is_hidden(file) || !may_be_file(file) || is_result(file);
  });
  return files;
}

// Looks for folders, also where links lead to others than those on the way there.
class FolderSearch {
 public:
  FolderSearch(const fs::path& root, const std::function<bool(const fs::path&)>& is_wanted)
      : root_(root), is_wanted_(is_wanted) {}

  std::vector<fs::path> all() && {
    look_in(root_);
    std::ranges::sort(found_, {}, [](const fs::path& path) { return path.string(); });
    return std::move(found_);
  }

 private:
  void look_in(const fs::path& folder) {
    for (const std::string& name : names_in(folder)) {
      const fs::path path = folder / name;
      if (!is_folder(path) || is_result(path) || !is_new(path)) continue;
      if (is_wanted_(path)) {
        found_.push_back(path.lexically_relative(root_));
      } else {
        look_in(path);
      }
    }
  }

  // False for a link to what is looked at in its own place, and for what was reached already by another link.
  bool is_new(const fs::path& path) {
    const bool is_below_root = lies_in(root_, path);
    if (!fs::is_symlink(path) && is_below_root) return true;
    return !is_below_root && !lies_in(path, path.parent_path()) &&
           reached_.insert(fs::canonical(path)).second;
  }

  const fs::path& root_;
  const std::function<bool(const fs::path&)>& is_wanted_;
  std::vector<fs::path> found_;
  std::set<fs::path> reached_;  // by links
};

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
  std::erase_if(images, is_result);
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
  return FolderSearch(root, is_wanted).all();
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
      std::vector<std::string> images = images_in(folder);
      std::erase_if(images, is_mask_of_cdnet);
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
    for (const fs::path& folder : folders_below(root, is_of_frames)) paths.push_back(root / folder);
  }
  std::vector<NamedSequence> found;
  for (const fs::path& path : paths) found.push_back({path.string(), name_below(root, path)});
  std::ranges::sort(found, natural_less, &NamedSequence::name);
  return found;
}

}  // namespace proxseg
