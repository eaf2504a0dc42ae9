// A temporary folder.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <string>
#include <system_error>

#include "proxseg/core/error.h"

namespace proxseg {

// Creates a new folder where temporary files go, and removes it at the end of its lifetime.
class TemporaryFolder {
 public:
  // Throws OutputError.
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "proxseg-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) {
      throw OutputError("cannot create the folder '" + pattern + "'",
                        "Let TMPDIR name a folder that can be written.");
    }
    path_ = pattern;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::filesystem::path operator/(const std::filesystem::path& name) const { return path_ / name; }
  std::string string() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace proxseg
