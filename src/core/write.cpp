#include "core/write.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <mutex>
#include <utility>

#include "proxseg/core/error.h"

namespace proxseg {
namespace {

std::mutex fault_mutex;
WriteFault write_fault;

int injected_fault() {
  const std::lock_guard lock(fault_mutex);
  return write_fault ? write_fault() : 0;
}

}  // namespace

void set_write_fault(WriteFault fault) {
  const std::lock_guard lock(fault_mutex);
  write_fault = std::move(fault);
}

int write_all(int fd, std::string_view bytes) {
  if (const int error = injected_fault(); error != 0) return error;
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return 0;
}

std::string remedy_for(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return "Free some space on that disk or choose another output folder.";
    case EACCES:
    case EPERM:
    case EROFS:
      return "Choose an output folder that you may write to.";
    default:
      return "";
  }
}

void fail_to_write(const std::filesystem::path& path, int error) {
  throw OutputError("cannot write '" + path.string() + "': " + std::strerror(error),
                    remedy_for(error));
}

}  // namespace proxseg
