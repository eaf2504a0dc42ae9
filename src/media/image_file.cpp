#include "proxseg/media/image_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <opencv2/imgcodecs.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "media/opencv_log.h"
#include "proxseg/core/error.h"
#include "proxseg/core/file.h"

namespace proxseg {
namespace {

// ---- what the bytes of an image file say of themselves, where OpenCV does not look

constexpr std::string_view kPngSignature = "\x89PNG\r\n\x1a\n";

uint64_t big_endian(std::string_view bytes, size_t at, size_t count) {
  uint64_t value = 0;
  for (size_t i = 0; i < count; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

uint64_t little_endian(std::string_view bytes, size_t at, size_t count) {
  uint64_t value = 0;
  for (size_t i = count; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
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
    at += 12 + big_endian(bytes, at, 4);
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
  const double bits = 1.0 * kSamples[kind] * static_cast<double>(big_endian(bytes, 24, 1));
  const double pixels = 1.0 * big_endian(bytes, 16, 4) * big_endian(bytes, 20, 4);
  return pixels * bits / 8.0 <= static_cast<double>(kMostExpansion * bytes.size());
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
  const uint64_t compression = is_old ? 0 : little_endian(bytes, 30, 4);
  const bool has_runs = compression == 1 || compression == 2;
  return pixels * bits / 8.0 <= static_cast<double>((has_runs ? kMostExpansion : 1) * bytes.size());
}

// Data of the PNG's chunk of that type, if it comes before the pixels; "" if there is none.
std::string_view png_chunk(std::string_view bytes, std::string_view wanted) {
  for (size_t at = kPngSignature.size(); at + 12 <= bytes.size();) {
    const std::string_view type = bytes.substr(at + 4, 4);
    const uint64_t size = big_endian(bytes, at, 4);
    if (type == wanted) return bytes.substr(at + 8, size);
    if (type == "IDAT") break;
    at += 12 + size;
  }
  return "";
}

// WebP container: RIFF chunks, each its type, its size and its data, of an even length; a frame of
// an animation is an ANMF chunk.
int64_t webp_frames(std::string_view bytes) {
  int64_t frames = 0;
  for (size_t at = 12; at + 8 <= bytes.size();) {
    if (bytes.substr(at, 4) == "ANMF") ++frames;
    const uint64_t size = little_endian(bytes, at + 4, 4);
    at += 8 + size + size % 2;
  }
  return std::max<int64_t>(1, frames);
}

// TIFF 6.0, section 2, and BigTIFF: the header leads to the first directory of fields, each
// directory to the next.
class TiffDirectories {
 public:
  explicit TiffDirectories(std::string_view bytes) : bytes_(bytes) {
    if (bytes.size() < 8 || !(bytes.starts_with("II") || bytes.starts_with("MM"))) return;
    is_big_ = number(2, 2) == 43;
    size_t at = number(is_big_ ? 8 : 4, word());
    // A broken file may lead round in a circle.
    for (size_t most = bytes.size() / kSmallest; at != 0 && most > 0; --most) {
      const uint64_t count = number(at, is_big_ ? 8 : 2);
      const size_t fields = at + (is_big_ ? 8 : 2);
      if (count == 0 || count > bytes.size() / field_size()) break;
      starts_.push_back({fields, count});
      at = number(fields + count * field_size(), word());
    }
  }

  size_t count() const { return starts_.size(); }

  // A field's value, or `otherwise` if the directory lacks it. Values of 16 and 32 bits.
  uint64_t field(size_t directory, uint64_t tag, uint64_t otherwise) const {
    const auto& [fields, count] = starts_[directory];
    for (uint64_t i = 0; i < count; ++i) {
      const size_t at = fields + i * field_size();
      if (number(at, 2) != tag) continue;
      constexpr uint64_t kShort = 3;
      return number(at + (is_big_ ? 12 : 8), number(at + 2, 2) == kShort ? 2 : 4);
    }
    return otherwise;
  }

 private:
  struct Directory {
    size_t fields;
    uint64_t count;
  };
  static constexpr size_t kSmallest = 18;  // bytes of a directory of one field

  size_t word() const { return is_big_ ? 8 : 4; }
  size_t field_size() const { return is_big_ ? 20 : 12; }

  // 0 beyond the end.
  uint64_t number(size_t at, size_t count) const {
    if (at > bytes_.size() || count > bytes_.size() - at) return 0;
    return bytes_[0] == 'I' ? little_endian(bytes_, at, count) : big_endian(bytes_, at, count);
  }

  std::string_view bytes_;
  bool is_big_ = false;
  std::vector<Directory> starts_;
};

bool is_tiff(std::string_view bytes) { return bytes.starts_with("II") || bytes.starts_with("MM"); }

int64_t tiff_pages(std::string_view bytes) {
  constexpr uint64_t kKind = 254, kSmaller = 1;
  const TiffDirectories directories(bytes);
  int64_t pages = 0;
  for (size_t i = 0; i < directories.count(); ++i) {
    if ((directories.field(i, kKind, 0) & kSmaller) == 0) ++pages;
  }
  return std::max<int64_t>(1, pages);
}

// Why the bytes cannot be the whole image that they announce, "" if they can: empty, of another
// format than those of has_image_extension(), a JPEG without its end, a PNG without its last chunk,
// a PNG or BMP too small for its pixels.
std::string fault_of_image(std::string_view bytes) {
  const bool is_png = bytes.starts_with(kPngSignature);
  if (bytes.empty()) return "the file is empty";
  if (!is_of_known_format(bytes)) return "not an image of a known format";
  if (bytes.starts_with("\xff\xd8") && !jpeg_is_whole(bytes)) {
    return "the JPEG is truncated (no end-of-image marker)";
  }
  if (is_png && !png_is_whole(bytes)) return "the PNG is truncated (no IEND chunk)";
  const bool can_hold = is_png                    ? png_can_hold_its_pixels(bytes)
                        : bytes.starts_with("BM") ? bmp_can_hold_its_pixels(bytes)
                                                  : true;
  return can_hold ? "" : "it announces more pixels than it can hold; truncated or broken";
}

// Pages of a TIFF (smaller versions of another page not counted), frames of an animated PNG or
// WebP; 1 for all else.
int64_t pages_of_image(std::string_view bytes) {
  if (is_tiff(bytes)) return tiff_pages(bytes);
  if (bytes.starts_with("RIFF")) return webp_frames(bytes);
  const std::string_view animation = png_chunk(bytes, "acTL");
  return animation.size() < 4 ? 1 : static_cast<int64_t>(big_endian(animation, 0, 4));
}

// Grey with alpha, which OpenCV decodes as colour.
bool is_gray_with_alpha(std::string_view bytes) {
  constexpr uint64_t kPngGrayAlpha = 4, kSamples = 277;
  if (is_tiff(bytes)) {
    const TiffDirectories directories(bytes);
    return directories.count() > 0 && directories.field(0, kSamples, 1) == 2;
  }
  return bytes.starts_with(kPngSignature) && bytes.size() > 25 &&
         big_endian(bytes, 25, 1) == kPngGrayAlpha;
}

// ---- decoding

[[noreturn]] void refuse(const std::filesystem::path& path, std::string_view reason) {
  throw InputError("cannot read '" + path.string() + "': " + std::string(reason),
                   "Replace the file.");
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

// In upper or lower case.
bool has_extension(const std::filesystem::path& path,
                   std::initializer_list<std::string_view> extensions) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::find(extensions.begin(), extensions.end(), extension) != extensions.end();
}

}  // namespace

bool has_image_extension(const std::filesystem::path& path) {
  return has_extension(path,
                       {".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp", ".ppm", ".pgm"});
}

bool has_video_extension(const std::filesystem::path& path) {
  return has_extension(path, {".mp4", ".mkv", ".avi", ".mov", ".m4v", ".mpg", ".mpeg", ".ts",
                              ".mts", ".wmv", ".flv", ".webm"});
}

StoredImage read_stored_image(const std::filesystem::path& path) {
  const std::string bytes = read_file(path);
  const std::string fault = fault_of_image(bytes);
  if (!fault.empty()) refuse(path, fault);
  if (const int64_t pages = pages_of_image(bytes); pages > 1) {
    throw InputError(
        fmt::format("cannot read '{}': it holds {} pages or frames, and an image is one frame",
                    path.string(), pages),
        "Split it into a folder of images, for example with ImageMagick: convert FILE "
        "frames/%06d.png.");
  }
  StoredImage stored;
  stored.image = decode(path, bytes);
  cv::Mat& image = stored.image;
  if (image.empty()) refuse(path, "broken, or not an image of a known format");
  if (is_gray_with_alpha(bytes) && image.channels() > 1) cv::extractChannel(image, image, 0);
  if (image.depth() == CV_16U) {
    double smallest = 0.0, largest = 0.0;
    cv::minMaxLoc(image.reshape(1), &smallest, &largest);
    stored.values_of_16_bits = {static_cast<int>(smallest), static_cast<int>(largest)};
    image.convertTo(image, CV_8U, 1.0 / 257.0);
  }
  if (image.depth() != CV_8U || (image.channels() != 1 && image.channels() != 3)) {
    refuse(path, "its pixels are neither 8-bit nor 16-bit, grey or colour");
  }
  return stored;
}

cv::Mat read_image(const std::filesystem::path& path) { return read_stored_image(path).image; }

}  // namespace proxseg
