#include "proxseg/core/appended_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "write.h"

namespace proxseg {

AppendedFile::AppendedFile(const std::filesystem::path& path)
    : path_(path), fd_(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666)) {
  if (fd_ < 0) fail_to_write(path_, errno);
}

AppendedFile::~AppendedFile() { ::close(fd_); }

void AppendedFile::append(std::string_view record) {
  if (const int error = write_all(fd_, record); error != 0) fail_to_write(path_, error);
}

}  // namespace proxseg
