// Small sequences on disk for the tests.
#pragma once

#include <filesystem>
#include <fstream>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "proxseg/core/file.h"
#include "proxseg/media/source.h"
#include "support/temporary_folder.h"

namespace proxseg {

inline cv::Mat color_image(int value, cv::Size size = {16, 12}) {
  return cv::Mat(size, CV_8UC3, cv::Scalar(value, 255 - value, 100));
}

inline cv::Mat gray_image(int value, cv::Size size = {16, 12}) {
  return cv::Mat(size, CV_8UC1, cv::Scalar(value));
}

inline void save(const std::filesystem::path& path, const cv::Mat& image) {
  std::filesystem::create_directories(path.parent_path());
  if (!cv::imwrite(path.string(), image)) throw std::runtime_error("imwrite failed");
}

inline void save_text(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

// Keeps the first part of a file.
// The image as a JPEG that says when it was taken: "YYYY:MM:DD HH:MM:SS".
inline void save_with_time(const std::filesystem::path& path, const cv::Mat& image,
                           const std::string& time) {
  using namespace std::string_literals;
  std::vector<unsigned char> jpeg;
  cv::imencode(".jpg", image, jpeg);
  const auto field = [](char tag_high, char tag_low, char type, char count, char value) {
    return std::string{tag_high, tag_low, 0, type, 0, 0, 0, count, 0, 0, 0, value};
  };
  // Big-endian TIFF: a directory at 8 that leads to that of EXIF at 26, whose text is at 44.
  const std::string tiff = "MM\0*\0\0\0\x08"s + "\0\1"s + field('\x87', '\x69', 4, 1, 26) +
                           "\0\0\0\0"s + "\0\1"s + field('\x90', '\x03', 2, 20, 44) + "\0\0\0\0"s +
                           time + "\0"s;
  const std::string exif = "Exif\0\0"s + tiff;
  const std::string segment = "\xff\xe1"s + '\0' + static_cast<char>(exif.size() + 2) + exif;
  std::string bytes(jpeg.begin(), jpeg.end());
  save_text(path, bytes.insert(2, segment));
}

inline void truncate(const std::filesystem::path& path, double part) {
  const auto size = static_cast<double>(std::filesystem::file_size(path));
  std::filesystem::resize_file(path, static_cast<uintmax_t>(size * part));
}

// Noise, so that a JPEG of it has enough data to be cut short.
inline cv::Mat noise_image(int seed, cv::Size size = {64, 48}) {
  cv::Mat image(size, CV_8UC3);
  cv::RNG(static_cast<uint64_t>(seed)).fill(image, cv::RNG::UNIFORM, 0, 256);
  return image;
}

inline std::vector<std::string> names_of(FrameSource& source) {
  std::vector<std::string> names;
  while (const auto frame = source.next()) names.push_back(frame->name);
  return names;
}

inline std::vector<std::string> frame_names(const std::string& path,
                                            const SourceOptions& options = {}) {
  return names_of(*open_source(path, options));
}

// The message of the Error that call throws; "" if it throws none.
template <class ErrorType, class Call>
std::string message_of(Call&& call) {
  try {
    call();
  } catch (const ErrorType& error) {
    return std::string(error.what());
  }
  return "";
}

}  // namespace proxseg
