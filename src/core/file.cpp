#include "proxseg/core/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <system_error>

#include "core/write.h"
#include "proxseg/core/error.h"
#include "proxseg/core/file_descriptor.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

// Returns 0 or errno.
int write_and_flush(const fs::path& path, std::string_view bytes) {
  FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (file.get() < 0) return errno;
  if (const int error = write_all(file.get(), bytes); error != 0) return error;
  return ::fsync(file.get()) == 0 ? 0 : errno;
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    throw OutputError("cannot create the folder '" + folder.string() + "': " + error.message(),
                      remedy_for(error.value()));
  }
}

}  // namespace

fs::path temporary_path_for(const fs::path& path) {
  const std::string name =
      fmt::format(".{}.partial-{}{}", path.stem().string(), ::getpid(), path.extension().string());
  return path.parent_path() / name;
}

void publish_file(const fs::path& temporary, const fs::path& path) {
  int error = 0;
  {
    FileDescriptor file(::open(temporary.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0 || ::fsync(file.get()) != 0) error = errno;
  }
  if (error == 0 && ::rename(temporary.c_str(), path.c_str()) != 0) error = errno;
  if (error == 0) return;
  ::unlink(temporary.c_str());
  fail_to_write(path, error);
}

void write_file_atomically(const fs::path& path, std::string_view bytes) {
  if (path.has_parent_path()) make_folder(path.parent_path());
  const fs::path temporary = temporary_path_for(path);
  if (const int error = write_and_flush(temporary, bytes); error != 0) {
    ::unlink(temporary.c_str());
    fail_to_write(path, error);
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    const int error = errno;
    ::unlink(temporary.c_str());
    fail_to_write(path, error);
  }
}

std::string read_file(const fs::path& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) {
    throw InputError("cannot read '" + path.string() + "': it is a folder");
  }
  std::ifstream stream(path, std::ios::binary);
  if (!stream) {
    throw InputError("cannot read '" + path.string() + "': " + std::strerror(errno));
  }
  std::ostringstream bytes;
  bytes << stream.rdbuf();
  if (stream.bad()) throw InputError("cannot read '" + path.string() + "': read error");
  return std::move(bytes).str();
}

void make_writable_folder(const fs::path& folder) {
  make_folder(folder);
  const fs::path probe = temporary_path_for(folder / "probe");
  const int error = write_and_flush(probe, "proxseg");
  ::unlink(probe.c_str());
  if (error != 0) fail_to_write(folder, error);
}

}  // namespace proxseg
