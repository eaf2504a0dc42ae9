// Standard input with given bytes in it.
#pragma once

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

namespace proxseg {

class StandardInput {
 public:
  explicit StandardInput(const std::string& bytes) {
    std::FILE* file = std::tmpfile();
    std::fwrite(bytes.data(), 1, bytes.size(), file);
    std::rewind(file);
    before_ = ::dup(STDIN_FILENO);
    ::dup2(::fileno(file), STDIN_FILENO);
    std::fclose(file);
  }
  ~StandardInput() {
    ::dup2(before_, STDIN_FILENO);
    ::close(before_);
  }
  StandardInput(const StandardInput&) = delete;
  StandardInput& operator=(const StandardInput&) = delete;

 private:
  int before_ = -1;
};

inline std::string bytes_of(const cv::Mat& image) {
  const cv::Mat whole = image.clone();
  return {whole.ptr<char>(), whole.total() * whole.elemSize()};
}

// A grey YUV4MPEG2 stream at 10 frames a second.
inline std::string y4m_of(const std::vector<cv::Mat>& images) {
  std::string bytes =
      fmt::format("YUV4MPEG2 W{} H{} F10:1 Ip A1:1 Cmono\n", images[0].cols, images[0].rows);
  for (const cv::Mat& image : images) bytes += "FRAME\n" + bytes_of(image);
  return bytes;
}

}  // namespace proxseg
