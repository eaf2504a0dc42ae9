// A file that grows by whole records.
#pragma once

#include <filesystem>
#include <string_view>

#include "proxseg/core/file_descriptor.h"

namespace proxseg {

// Each record is with the system when append() returns: a process that is killed loses none.
class AppendedFile {
 public:
  // Creates the file if need be. Throws OutputError.
  explicit AppendedFile(const std::filesystem::path& path);

  // Throws OutputError; a part of record may stand in the file then.
  void append(std::string_view record);

 private:
  std::filesystem::path path_;
  FileDescriptor file_;
};

}  // namespace proxseg
