// A folder that goes with its object.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <string>
#include <system_error>

#include "proxseg/core/error.h"

namespace proxseg {

class TemporaryFolder {
 public:
  // Throws OutputError.
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "proxseg-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) {
      throw OutputError("cannot make a folder for temporary files",
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

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace proxseg
