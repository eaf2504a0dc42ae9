#include "media/image_header.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "media/byte_order.h"
#include "media/tiff.h"

namespace proxseg {
namespace {

constexpr std::string_view kPngSignature = "\x89PNG\r\n\x1a\n";

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

// The content of the first of a JPEG's segments before its pixels for which is_wanted(code, content) holds;
// "" if there is none.
template <typename Predicate>
std::string_view jpeg_segment(std::string_view bytes, const Predicate& is_wanted) {
  constexpr unsigned char kStartOfScan = 0xda;
  for (size_t at = 2; at + 4 <= bytes.size() && bytes[at] == '\xff';) {
    const auto code = static_cast<unsigned char>(bytes[at + 1]);
    const uint64_t length = big_endian(bytes, at + 2, 2);
    if (code == kStartOfScan || length < 2) break;
    const std::string_view content = bytes.substr(at + 4, length - 2);
    if (is_wanted(code, content)) return content;
    at += 2 + length;
  }
  return "";
}

// The TIFF in a JPEG's APP1, a segment that begins "Exif"; "" if there is none.
std::string_view exif_of_jpeg(std::string_view bytes) {
  using namespace std::string_view_literals;
  constexpr std::string_view kExif = "Exif\0\0"sv;
  const std::string_view segment = jpeg_segment(bytes, [&](unsigned char code, auto content) {
    constexpr unsigned char kApp1 = 0xe1;
    return code == kApp1 && content.starts_with(kExif);
  });
  return segment.empty() ? segment : segment.substr(kExif.size());
}

}  // namespace

// T.81, B.2.2: a start of frame, C0 to CF but for C4, C8 and CC, holds the bits of a sample, height and width.
cv::Size jpeg_size(std::string_view bytes) {
  if (!bytes.starts_with("\xff\xd8")) return {};
  const std::string_view frame = jpeg_segment(bytes, [](unsigned char code, auto content) {
    const bool is_other = code == 0xc4 || code == 0xc8 || code == 0xcc;
    return code >= 0xc0 && code <= 0xcf && !is_other && content.size() >= 5;
  });
  if (frame.empty()) return {};
  return {static_cast<int>(big_endian(frame, 3, 2)), static_cast<int>(big_endian(frame, 1, 2))};
}

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

int64_t pages_of_image(std::string_view bytes) {
  if (is_tiff(bytes)) return tiff_page_count(bytes);
  if (bytes.starts_with("RIFF")) return webp_frames(bytes);
  const std::string_view animation = png_chunk(bytes, "acTL");
  return animation.size() < 4 ? 1 : static_cast<int64_t>(big_endian(animation, 0, 4));
}

std::string_view exif_time(std::string_view bytes) {
  constexpr uint64_t kExif = 0x8769, kDateTimeOriginal = 0x9003;
  const std::string_view tiff = is_tiff(bytes) ? bytes : exif_of_jpeg(bytes);
  const uint64_t at = TiffDirectories(tiff).field(0, kExif, 0);
  if (at == 0) return "";
  const std::string_view text = TiffDirectories(tiff, at).text(0, kDateTimeOriginal);
  return text.substr(0, std::min(text.find('\0'), text.size()));
}

bool is_gray_with_alpha(std::string_view bytes) {
  constexpr uint64_t kPngGrayAlpha = 4, kTiffSamples = 277;
  if (is_tiff(bytes)) return TiffDirectories(bytes).field(0, kTiffSamples, 1) == 2;
  return bytes.starts_with(kPngSignature) && bytes.size() > 25 &&
         big_endian(bytes, 25, 1) == kPngGrayAlpha;
}

}  // namespace proxseg
