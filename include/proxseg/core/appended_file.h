// A file that grows by whole records.
#pragma once

#include <filesystem>
#include <string_view>

#include "proxseg/core/file_descriptor.h"

namespace proxseg {

// append() hands each record to the system before it returns: a process that is killed loses none.
class AppendedFile {
 public:
  // Creates the file if it does not exist. Throws OutputError.
  explicit AppendedFile(const std::filesystem::path& path);

  // Throws OutputError; part of the record may then be in the file.
  void append(std::string_view record);

 private:
  std::filesystem::path path_;
  FileDescriptor file_;
};

}  // namespace proxseg
