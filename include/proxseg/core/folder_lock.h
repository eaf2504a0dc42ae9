// A folder that one process at a time works in.
#pragma once

#include <filesystem>
#include <string>

#include "proxseg/core/file.h"

namespace proxseg {

// While it lives, no other process has a lock of the folder. It ends with the process, however that
// ends. Not on file systems without locks.
class FolderLock {
 public:
  // what: what a process that holds it does, for the message: "is training in". Throws OutputError where
  // another one holds it.
  FolderLock(const std::filesystem::path& folder, const std::string& what);

 private:
  FileDescriptor folder_;
};

}  // namespace proxseg
