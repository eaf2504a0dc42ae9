#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <system_error>

#include "media/location.h"
#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/media/sink.h"
#include "proxseg/media/stream.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

// "": the folder of a file that is given by its name alone.
fs::path settled(const fs::path& path) {
  return fs::weakly_canonical(fs::absolute(path.empty() ? "." : path));
}

// Whether an image in folder would be read as one of the sequence's frames, or is one.
bool holds_frames(const fs::path& folder, const std::string& input, const Location& location) {
  if (location.kind == SequenceKind::kVideo || location.kind == SequenceKind::kStack) return false;
  if (location.kind == SequenceKind::kGlob &&
      ::fnmatch(fs::absolute(input).c_str(), (settled(folder) / "frame.png").c_str(),
                FNM_PATHNAME) == 0) {
    return true;
  }
  const fs::path place = settled(folder);
  std::string last;  // the folder looked at last: most frames lie in one
  return std::any_of(location.files.begin(), location.files.end(), [&](const std::string& file) {
    const std::string parent = fs::path(file).parent_path().string();
    if (parent == last && &file != &location.files.front()) return false;
    last = parent;
    return settled(parent) == place || settled(fs::path(parent) / "input") == place;
  });
}

}  // namespace

void expect_apart(const std::vector<fs::path>& folders, const std::vector<fs::path>& files,
                  const std::string& input) {
  if (is_stream(input)) return;
  constexpr const char* kRemedy = "Choose another --output.";
  const Location location = locate(input);
  for (const fs::path& folder : folders) {
    if (!holds_frames(folder, input, location)) continue;
    throw OutputError(fmt::format("the frames of '{}' lie in '{}': what is written there would "
                                  "replace them, or be read as frames",
                                  input, folder.string()),
                      kRemedy);
  }
  for (const fs::path& file : files) {
    std::error_code ignored;
    if (!is_there(file)) continue;
    for (const std::string& frame : location.files) {
      if (!fs::equivalent(file, frame, ignored)) continue;
      throw OutputError(fmt::format("'{}' would replace the input '{}'", file.string(), frame),
                        kRemedy);
    }
  }
}

}  // namespace proxseg
