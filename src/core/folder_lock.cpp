#include "proxseg/core/folder_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <cerrno>

#include "proxseg/core/error.h"

namespace proxseg {

FolderLock::FolderLock(const std::filesystem::path& folder, const std::string& what)
    : folder_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  const int file = folder_.get();
  if (file < 0 || ::flock(file, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;
  throw OutputError(fmt::format("another process {} '{}'", what, folder.string()),
                    "Wait until it has ended, or choose another --output.");
}

}  // namespace proxseg
