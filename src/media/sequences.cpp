#include "proxseg/media/sequences.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "proxseg/core/error.h"
#include "proxseg/media/image_file.h"
#include "proxseg/media/source.h"
#include "proxseg/media/stream.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

bool has_input_folder(const fs::path& folder) {
  std::error_code error;
  return fs::is_directory(folder / "input", error);
}

std::vector<NamedSequence> find_below(const fs::path& root) {
  std::vector<NamedSequence> found;
  const auto skip = fs::directory_options::skip_permission_denied;
  std::error_code error;
  for (auto it = fs::recursive_directory_iterator(root, skip, error);
       it != fs::recursive_directory_iterator(); it.increment(error)) {
    if (it->is_directory(error) && has_input_folder(it->path())) {
      found.push_back({it->path().string(), it->path().lexically_relative(root).string()});
      it.disable_recursion_pending();
    }
  }
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return found;
}

bool holds_images(const fs::path& folder) {
  std::error_code error;
  const auto entries = fs::directory_iterator(folder, error);
  return std::any_of(begin(entries), end(entries),
                     [](const auto& e) { return has_image_extension(e.path()); });
}

}  // namespace

std::vector<NamedSequence> find_sequences(const std::string& path) {
  if (is_stream(path)) return {{path, stream_name(path)}};
  const fs::path folder(path);
  std::error_code error;
  if (fs::is_directory(folder, error) && !has_input_folder(folder) && !holds_images(folder)) {
    auto found = find_below(folder);
    if (!found.empty()) return found;
  }
  return {{path, open_source(path)->info().name}};
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

}  // namespace proxseg
