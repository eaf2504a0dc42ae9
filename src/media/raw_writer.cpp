#include <fmt/format.h>

#include <cstring>
#include <string_view>

#include "core/write.h"
#include "proxseg/core/error.h"
#include "proxseg/media/sink.h"

namespace proxseg {

void write_raw(int file, const cv::Mat& image) {
  const cv::Mat whole = image.isContinuous() ? image : image.clone();
  const std::string_view bytes(reinterpret_cast<const char*>(whole.data),
                               whole.total() * whole.elemSize());
  if (const int error = write_all(file, bytes); error != 0) {
    throw OutputError(fmt::format("cannot write to standard output: {}", std::strerror(error)),
                      remedy_for(error));
  }
}

}  // namespace proxseg
