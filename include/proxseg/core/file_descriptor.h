// A file or folder that is open.
#pragma once

#include <unistd.h>

namespace proxseg {

// Closes it at the end.
class FileDescriptor {
 public:
  // fd: of open(); negative where it has failed.
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

}  // namespace proxseg
