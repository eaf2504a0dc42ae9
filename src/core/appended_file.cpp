#include "proxseg/core/appended_file.h"

#include <fcntl.h>

#include <cerrno>

#include "core/write.h"

namespace proxseg {

AppendedFile::AppendedFile(const std::filesystem::path& path)
    : path_(path), file_(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666)) {
  if (file_.get() < 0) fail_to_write(path_, errno);
}

void AppendedFile::append(std::string_view record) {
  if (const int error = write_all(file_.get(), record); error != 0) fail_to_write(path_, error);
}

}  // namespace proxseg
