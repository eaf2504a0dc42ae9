// A file as bytes of which only those are read that are looked at.
#pragma once

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>

#include "proxseg/core/error.h"
#include "proxseg/core/file.h"

namespace proxseg {

class MappedFile {
 public:
  // Throws InputError naming the path and the system's reason.
  explicit MappedFile(const std::filesystem::path& path) {
    const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat status {};
    const bool is_open = file.get() >= 0 && ::fstat(file.get(), &status) == 0;
    size_ = static_cast<size_t>(status.st_size);
    if (is_open && size_ == 0) return;
    if (is_open) bytes_ = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file.get(), 0);
    if (is_open && bytes_ != MAP_FAILED) return;
    throw InputError(fmt::format("cannot read '{}': {}", path.string(), std::strerror(errno)));
  }
  ~MappedFile() {
    if (size_ > 0) ::munmap(bytes_, size_);
  }
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::string_view bytes() const { return {static_cast<const char*>(bytes_), size_}; }

 private:
  void* bytes_ = nullptr;
  size_t size_ = 0;
};

}  // namespace proxseg
