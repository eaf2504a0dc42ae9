#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "proxseg/core/error.h"
#include "proxseg/media/sink.h"

namespace proxseg {

void write_raw(int file, const cv::Mat& image) {
  const cv::Mat whole = image.isContinuous() ? image : image.clone();
  const uchar* at = whole.data;
  for (size_t left = whole.total() * whole.elemSize(); left > 0;) {
    const ssize_t written = ::write(file, at, left);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      throw OutputError(fmt::format("cannot write to standard output: {}", std::strerror(errno)));
    }
    at += written;
    left -= static_cast<size_t>(written);
  }
}

}  // namespace proxseg
