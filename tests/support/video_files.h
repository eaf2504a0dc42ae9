// Videos whose containers say what a test wants.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <opencv2/core.hpp>
#include <opencv2/videoio.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "proxseg/core/file.h"

namespace proxseg {

// Motion JPEG in an AVI at 25 frames a second.
inline void write_avi(const std::filesystem::path& path, const std::vector<cv::Mat>& images) {
  cv::VideoWriter writer(path.string(), cv::CAP_FFMPEG, cv::VideoWriter::fourcc('M', 'J', 'P', 'G'),
                         25.0, images.at(0).size());
  for (const cv::Mat& image : images) writer.write(image);
}

#define SKIP_WITHOUT_FFMPEG() \
  if (std::system("command -v ffmpeg >/dev/null") != 0) GTEST_SKIP() << "no ffmpeg here"

inline void run_ffmpeg(const std::string& arguments) {
  const std::string command = "ffmpeg -loglevel error -y " + arguments + " </dev/null";
  if (std::system(command.c_str()) != 0) throw std::runtime_error(command);
}

// Where `name` begins in bytes.
inline size_t place_of(const std::string& bytes, const std::string& name) {
  const size_t at = bytes.find(name);
  if (at == std::string::npos) throw std::runtime_error("no " + name + " in the file");
  return at;
}

// Overwrites the frame count in the headers of an AVI: dwTotalFrames of avih and dwLength of strh.
inline void announce_in_avi(const std::filesystem::path& path, uint32_t frames) {
  std::string bytes = read_file(path);
  std::memcpy(&bytes[place_of(bytes, "avih") + 8 + 16], &frames, 4);
  std::memcpy(&bytes[place_of(bytes, "strh") + 8 + 32], &frames, 4);
  write_file_atomically(path, bytes);
}

// Overwrites the matrix by which an MP4 wants its pictures to be shown (tkhd, ISO/IEC 14496-12,
// 8.3.2: x' = a x + c y, y' = b x + d y), as phones do that are held upright or upside down.
inline void orient_mp4(const std::filesystem::path& path, int a, int b, int c, int d) {
  std::string bytes = read_file(path);
  const size_t matrix = place_of(bytes, "tkhd") + 4 + 40;
  const auto set = [&](size_t index, int value) {
    for (size_t byte = 0; byte < 4; ++byte) {
      bytes[matrix + 4 * index + byte] = static_cast<char>(value * 0x10000 >> (24 - 8 * byte));
    }
  };
  set(0, a);
  set(1, b);
  set(3, c);
  set(4, d);
  write_file_atomically(path, bytes);
}

}  // namespace proxseg
