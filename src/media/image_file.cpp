#include "proxseg/media/image_file.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdint>
#include <opencv2/imgcodecs.hpp>
#include <string>
#include <string_view>

#include "media/opencv_log.h"
#include "proxseg/core/error.h"
#include "proxseg/core/file.h"

namespace proxseg {
namespace {

constexpr std::string_view kPngSignature = "\x89PNG\r\n\x1a\n";

uint32_t big_endian(std::string_view bytes, size_t at, size_t count) {
  uint32_t value = 0;
  for (size_t i = 0; i < count; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

// ITU-T T.81, annex B: markers are FF and a code; 01 and D0 to D7 stand alone, D9 ends the image,
// all others open a segment that begins with its length. After a start of scan (DA) come coded data
// up to the next marker, in which a data byte FF is followed by 00. Walking the segments keeps a
// thumbnail in APP1 from being taken for the end.
bool jpeg_is_whole(std::string_view bytes) {
  size_t at = 2;
  bool scan = false;
  while (at + 1 < bytes.size()) {
    const auto code = static_cast<unsigned char>(bytes[at + 1]);
    if (bytes[at] != '\xff' || code == 0x00 || code == 0xff) {
      if (!scan && bytes[at] != '\xff') return false;
      at += code == 0x00 && bytes[at] == '\xff' ? 2 : 1;
    } else if (code == 0xd9) {
      return scan;
    } else if (code == 0x01 || (code >= 0xd0 && code <= 0xd7)) {
      at += 2;
    } else {
      if (at + 4 > bytes.size()) return false;
      scan = scan || code == 0xda;
      at += 2 + big_endian(bytes, at + 2, 2);
    }
  }
  return false;
}

// PNG, 5.3: a chunk is its length, its type, that many bytes and a checksum; IEND is the last.
bool png_is_whole(std::string_view bytes) {
  size_t at = kPngSignature.size();
  while (at + 12 <= bytes.size()) {
    if (bytes.substr(at + 4, 4) == "IEND") return true;
    at += 12 + size_t{big_endian(bytes, at, 4)};
  }
  return false;
}

// By the first bytes of the formats of has_image_extension(). OpenCV would try anything else as one
// of the hundreds of formats of GDAL, where it has that.
bool is_of_known_format(std::string_view bytes) {
  using namespace std::string_view_literals;
  constexpr std::array kBeginnings = {"\xff\xd8"sv, kPngSignature, "BM"sv, "II*\0"sv, "MM\0*"sv,
                                      "II+\0"sv,    "MM\0+"sv,     "P1"sv, "P2"sv,    "P3"sv,
                                      "P4"sv,       "P5"sv,        "P6"sv};
  if (bytes.starts_with("RIFF")) return bytes.find("WEBP") == 8;
  return std::any_of(kBeginnings.begin(), kBeginnings.end(),
                     [&](std::string_view beginning) { return bytes.starts_with(beginning); });
}

// PNG, 11.2.2: the header says width, height, bits a sample and the kind of colour; deflate makes
// of a byte no more than 1032.
bool png_can_hold_its_pixels(std::string_view bytes) {
  constexpr size_t kHeaderEnd = 33, kMostExpansion = 1032;
  constexpr std::array kSamples = {1, 0, 3, 1, 2, 0, 4};  // by the kind of colour
  if (bytes.size() < kHeaderEnd) return false;
  const auto kind = static_cast<unsigned char>(bytes[25]);
  if (kind >= kSamples.size()) return false;
  const double bits = 1.0 * kSamples[kind] * big_endian(bytes, 24, 1);
  const double pixels = 1.0 * big_endian(bytes, 16, 4) * big_endian(bytes, 20, 4);
  return pixels * bits / 8.0 <= static_cast<double>(kMostExpansion * bytes.size());
}

uint32_t little_endian(std::string_view bytes, size_t at, size_t count) {
  uint32_t value = 0;
  for (size_t i = count; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

// The header says width, height (negative: rows from the top), bits a pixel and the compression,
// 1 and 2 of which are run lengths: two bytes for no more than 255 pixels.
bool bmp_can_hold_its_pixels(std::string_view bytes) {
  constexpr size_t kHeaderEnd = 34, kOldHeader = 12, kMostExpansion = 128;
  if (bytes.size() < kHeaderEnd) return false;
  const bool is_old = little_endian(bytes, 14, 4) == kOldHeader;
  const auto side = [&](size_t at) {
    return std::abs(static_cast<double>(static_cast<int32_t>(little_endian(bytes, at, 4))));
  };
  const double pixels = is_old ? 1.0 * little_endian(bytes, 18, 2) * little_endian(bytes, 20, 2)
                               : side(18) * side(22);
  const double bits = little_endian(bytes, is_old ? 24 : 28, 2);
  const uint32_t compression = is_old ? 0 : little_endian(bytes, 30, 4);
  const bool has_runs = compression == 1 || compression == 2;
  return pixels * bits / 8.0 <= static_cast<double>((has_runs ? kMostExpansion : 1) * bytes.size());
}

[[noreturn]] void refuse(const std::filesystem::path& path, std::string_view reason) {
  throw InputError(
      "cannot read '" + path.string() + "': " + std::string(reason),
      "Replace the file, or leave unreadable frames out with --set input.on_error=skip.");
}

cv::Mat decode(const std::filesystem::path& path, const std::string& bytes) {
  quiet_opencv();
  try {
    const cv::Mat buffer(1, static_cast<int>(bytes.size()), CV_8U, const_cast<char*>(bytes.data()));
    return cv::imdecode(buffer, cv::IMREAD_ANYCOLOR | cv::IMREAD_ANYDEPTH);
  } catch (const cv::Exception& error) {
    refuse(path, error.err);
  }
}

}  // namespace

bool has_image_extension(const std::filesystem::path& path) {
  static constexpr std::array<std::string_view, 9> kExtensions = {
      ".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp", ".ppm", ".pgm"};
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::find(kExtensions.begin(), kExtensions.end(), extension) != kExtensions.end();
}

cv::Mat read_image(const std::filesystem::path& path) {
  const std::string bytes = read_file(path);
  if (bytes.empty()) refuse(path, "the file is empty");
  if (!is_of_known_format(bytes)) refuse(path, "not an image of a known format");
  if (bytes.starts_with("\xff\xd8") && !jpeg_is_whole(bytes)) {
    refuse(path, "the JPEG is truncated (no end-of-image marker)");
  }
  if (bytes.starts_with(kPngSignature) && !png_is_whole(bytes)) {
    refuse(path, "the PNG is truncated (no IEND chunk)");
  }
  const bool can_hold = bytes.starts_with(kPngSignature) ? png_can_hold_its_pixels(bytes)
                        : bytes.starts_with("BM")        ? bmp_can_hold_its_pixels(bytes)
                                                         : true;
  if (!can_hold) refuse(path, "it announces more pixels than it can hold; truncated or broken");
  cv::Mat image = decode(path, bytes);
  if (image.empty()) refuse(path, "broken, or not an image of a known format");
  if (image.depth() == CV_16U) image.convertTo(image, CV_8U, 1.0 / 257.0);
  if (image.depth() != CV_8U || (image.channels() != 1 && image.channels() != 3)) {
    refuse(path, "its pixels are neither 8-bit nor 16-bit, grey or colour");
  }
  return image;
}

}  // namespace proxseg
