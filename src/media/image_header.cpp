#include "media/image_header.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>

#include "proxseg/core/text.h"

namespace proxseg {
namespace {

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
  // start: where the first one lies, if it is not that of the header.
  explicit TiffDirectories(std::string_view bytes, std::optional<size_t> start = std::nullopt)
      : bytes_(bytes) {
    if (bytes.size() < 8 || !(bytes.starts_with("II") || bytes.starts_with("MM"))) return;
    is_big_ = number(2, 2) == 43;
    size_t at = start.value_or(number(is_big_ ? 8 : 4, word()));
    // A broken file may lead round in a circle.
    for (size_t most = bytes.size() / kSmallest; at != 0 && most > 0; --most) {
      const uint64_t count = number(at, is_big_ ? 8 : 2);
      const size_t fields = at + (is_big_ ? 8 : 2);
      is_cut_ = count == 0 || count > bytes.size() / field_size() ||
                fields + count * field_size() > bytes.size();
      if (is_cut_) break;
      starts_.push_back({fields, count});
      at = number(fields + count * field_size(), word());
    }
  }

  size_t count() const { return starts_.size(); }

  // The last one leads to a next one that is not in the file.
  bool is_cut() const { return is_cut_; }

  bool is_little_endian() const { return bytes_.starts_with("II"); }

  // The first of a field's values, or `otherwise` if the directory lacks it. Values of 16, 32 and
  // 64 bits.
  uint64_t field(size_t directory, uint64_t tag, uint64_t otherwise) const {
    const auto values = field_values(directory, tag, 1);
    return values.empty() ? otherwise : values.front();
  }

  // All of a field's values, or the first ones; none if the directory lacks it.
  std::vector<uint64_t> field_values(size_t directory, uint64_t tag, uint64_t most) const {
    const auto at = find(directory, tag);
    if (!at) return {};
    constexpr uint64_t kShort = 3, kLong8 = 16;
    const uint64_t type = number(*at + 2, 2), count = number(*at + 4, word());
    const size_t bytes = type == kShort ? 2 : type == kLong8 ? 8 : 4;
    const bool is_elsewhere = count > word() / bytes;
    const size_t start = is_elsewhere ? number(value_of(*at), word()) : value_of(*at);
    std::vector<uint64_t> values(std::min({count, most, uint64_t{bytes_.size()} / bytes}));
    for (size_t i = 0; i < values.size(); ++i) values[i] = number(start + i * bytes, bytes);
    return values;
  }

  // A field of text; "" if the directory lacks it.
  std::string_view text(size_t directory, uint64_t tag) const {
    const auto at = find(directory, tag);
    if (!at) return "";
    const size_t length = number(*at + 4, word());
    const size_t start = length <= word() ? value_of(*at) : number(value_of(*at), word());
    if (start > bytes_.size() || length > bytes_.size() - start) return "";
    return bytes_.substr(start, length);
  }

 private:
  struct Directory {
    size_t fields;
    uint64_t count;
  };
  static constexpr size_t kSmallest = 18;  // bytes of a directory of one field

  // Where the field begins.
  std::optional<size_t> find(size_t directory, uint64_t tag) const {
    const auto& [fields, count] = starts_[directory];
    for (uint64_t i = 0; i < count; ++i) {
      const size_t at = fields + i * field_size();
      if (number(at, 2) == tag) return at;
    }
    return std::nullopt;
  }

  size_t value_of(size_t field) const { return field + (is_big_ ? 12 : 8); }
  size_t word() const { return is_big_ ? 8 : 4; }
  size_t field_size() const { return is_big_ ? 20 : 12; }

  // 0 beyond the end.
  uint64_t number(size_t at, size_t count) const {
    if (at > bytes_.size() || count > bytes_.size() - at) return 0;
    return bytes_[0] == 'I' ? little_endian(bytes_, at, count) : big_endian(bytes_, at, count);
  }

  std::string_view bytes_;
  bool is_big_ = false, is_cut_ = false;
  std::vector<Directory> starts_;
};

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

// What stands after "NAME=" in ImageJ's description, to the end of its line, or NAME=" in OME's; ""
// if there is none.
std::string value_after(std::string_view text, std::string_view name) {
  using namespace std::string_view_literals;
  const size_t at = text.find(name);
  if (at == std::string_view::npos) return "";
  const std::string_view rest = text.substr(at + name.size());
  return std::string(rest.substr(0, rest.find_first_of("\"\r\n\0"sv)));
}

// The same as a number; 1 if there is none.
int64_t number_after(std::string_view text, std::string_view name) {
  return parse_number<int64_t>(value_after(text, name)).value_or(1);
}

// What the pages of a stack are, as the program that wrote it says.
struct Axes {
  int64_t channels = 1, depths = 1, times = 1;
};

constexpr uint64_t kDescription = 270;

bool is_of_imagej(std::string_view description) { return description.starts_with("ImageJ="); }

// OME's description from its pixels on; "" where it is none.
std::string_view ome_pixels(std::string_view description) {
  const size_t pixels = description.find("<Pixels ");
  if (description.find("<OME") == std::string_view::npos || pixels == std::string_view::npos) {
    return "";
  }
  return description.substr(pixels);
}

// Tifffile's description, {"axes": "TCYX", "shape": [12, 2, 120, 160]}; without axes, or where
// there is none, those of one frame.
Axes axes_of_tifffile(std::string_view description) {
  const auto json = nlohmann::json::parse(description.substr(0, description.find('\0')),
                                          /*cb=*/nullptr, /*allow_exceptions=*/false);
  Axes axes;
  if (!json.is_object() || !json.contains("axes") || !json.contains("shape")) return axes;
  const nlohmann::json &names = json["axes"], &shape = json["shape"];
  if (!names.is_string() || !shape.is_array()) return axes;
  const auto& letters = names.get_ref<const std::string&>();
  for (size_t i = 0; i < std::min(letters.size(), shape.size()); ++i) {
    if (!shape[i].is_number_integer()) continue;
    const auto size = shape[i].get<int64_t>();
    if (letters[i] == 'C') axes.channels = size;
    if (letters[i] == 'Z') axes.depths = size;
    if (letters[i] == 'T') axes.times = size;
  }
  return axes;
}

Axes axes_of(std::string_view description) {
  if (description.starts_with('{')) return axes_of_tifffile(description);
  if (is_of_imagej(description)) {
    return {number_after(description, "\nchannels="), number_after(description, "\nslices="),
            number_after(description, "\nframes=")};
  }
  const std::string_view ome = ome_pixels(description);
  return {number_after(ome, " SizeC=\""), number_after(ome, " SizeZ=\""),
          number_after(ome, " SizeT=\"")};
}

// Of a unit of time by one of its names, ImageJ's and OME's; 0 for another.
double seconds_in(const std::string& unit) {
  struct Unit {
    std::string_view names;  // each between spaces
    double seconds;
  };
  constexpr std::array<Unit, 5> kUnits = {{{" s sec second seconds ", 1.0},
                                           {" ms msec millisecond milliseconds ", 1e-3},
                                           {" us usec \u00b5s \u03bcs \\u00B5s ", 1e-6},
                                           {" min minute minutes ", 60.0},
                                           {" h hr hour hours ", 3600.0}}};
  for (const auto& [names, seconds] : kUnits) {
    if (names.find(' ' + unit + ' ') != std::string_view::npos) return seconds;
  }
  return 0.0;
}

// Of each plane that OME describes, in order of time: what its DeltaT says; none unless all have
// one and they increase.
std::vector<double> times_of_planes(std::string_view ome) {
  std::vector<double> times;
  const auto attribute = [](std::string_view element, std::string_view name) {
    return value_after(element.substr(0, element.find('>')), name);
  };
  constexpr std::string_view kPlane = "<Plane ";
  for (size_t at = ome.find(kPlane); at != std::string_view::npos;
       at = ome.find(kPlane, at + kPlane.size())) {
    const std::string_view plane = ome.substr(at);
    const auto time = parse_number<double>(attribute(plane, " DeltaT=\""));
    const std::string unit = attribute(plane, " DeltaTUnit=\"");
    const double seconds = unit.empty() ? 1.0 : seconds_in(unit);
    if (!time || seconds == 0.0) return {};
    times.push_back(*time * seconds);
    if (times.size() > 1 && times.back() <= times[times.size() - 2]) return {};
  }
  return times;
}

// text times the unit, where both are given and known, else 0. unit "": seconds.
double interval_of(const std::string& text, const std::string& unit) {
  const double value = parse_number<double>(text).value_or(0.0);
  return value > 0.0 ? value * (unit.empty() ? 1.0 : seconds_in(unit)) : 0.0;
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

bool is_tiff(std::string_view bytes) { return bytes.starts_with("II") || bytes.starts_with("MM"); }

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

namespace {

// By ImageJ's description; 1 where there is none.
int64_t announced_pages(std::string_view bytes) {
  const TiffDirectories directories(bytes);
  if (directories.count() == 0) return 1;
  const std::string_view description = directories.text(0, kDescription);
  return is_of_imagej(description) ? number_after(description, "\nimages=") : 1;
}

}  // namespace

int64_t pages_of_image(std::string_view bytes) {
  if (is_tiff(bytes)) {
    return std::max(std::ssize(tiff_pages(bytes)) + (tiff_is_cut(bytes) ? 1 : 0),
                    announced_pages(bytes));
  }
  if (bytes.starts_with("RIFF")) return webp_frames(bytes);
  const std::string_view animation = png_chunk(bytes, "acTL");
  return animation.size() < 4 ? 1 : static_cast<int64_t>(big_endian(animation, 0, 4));
}

std::vector<int> tiff_pages(std::string_view bytes) {
  constexpr uint64_t kKind = 254, kSmaller = 1;
  const TiffDirectories directories(bytes);
  std::vector<int> pages;
  for (size_t i = 0; i < directories.count(); ++i) {
    if ((directories.field(i, kKind, 0) & kSmaller) == 0) pages.push_back(static_cast<int>(i));
  }
  return pages;
}

bool tiff_is_cut(std::string_view bytes) {
  const TiffDirectories directories(bytes);
  return directories.count() > 0 && directories.is_cut();
}

namespace {

constexpr uint64_t kWidth = 256, kHeight = 257, kBits = 258, kCompression = 259, kPhotometric = 262,
                   kOffsets = 273, kOrientation = 274, kSamples = 277, kSizes = 279, kPlanes = 284,
                   kTileWidth = 322, kFormat = 339;

// Whether the strips of pixels lie one behind the other.
bool is_in_one_piece(const TiffDirectories& directories, size_t directory) {
  constexpr uint64_t kAll = UINT64_MAX;
  const auto starts = directories.field_values(directory, kOffsets, kAll);
  const auto sizes = directories.field_values(directory, kSizes, kAll);
  for (size_t i = 1; i < starts.size(); ++i) {
    if (sizes.size() < i || starts[i] != starts[i - 1] + sizes[i - 1]) return false;
  }
  return !starts.empty();
}

std::optional<PlainPage> plain_page(const TiffDirectories& directories, size_t directory) {
  constexpr uint64_t kNone = 1, kWhiteIsZero = 0, kBlackIsZero = 1, kRgb = 2, kInterleaved = 1,
                     kUpright = 1, kMostSide = 1 << 20;
  const auto field = [&](uint64_t tag) { return directories.field(directory, tag, 1); };
  const uint64_t color = field(kPhotometric), samples = field(kSamples), bits = field(kBits),
                 format = field(kFormat);
  using Values = PlainPage::Values;
  const bool is_gray = (color == kWhiteIsZero || color == kBlackIsZero) && samples <= 2;
  const bool is_color = color == kRgb && samples == 3 && bits == 8 && format == 1;
  const bool is_integer = format <= 2 && (bits == 8 || bits == 16 || bits == 32);
  const bool is_float = format == 3 && (bits == 16 || bits == 32 || bits == 64);
  const bool is_known = (is_gray || is_color) && (is_integer || is_float);
  if (!is_known || samples == 0 || field(kCompression) != kNone ||
      (samples > 1 && field(kPlanes) != kInterleaved) || field(kOrientation) != kUpright ||
      directories.field(directory, kTileWidth, 0) != 0 || field(kWidth) > kMostSide ||
      field(kHeight) > kMostSide || !is_in_one_piece(directories, directory)) {
    return std::nullopt;
  }
  return PlainPage{.start = field(kOffsets),
                   .width = static_cast<int>(field(kWidth)),
                   .height = static_cast<int>(field(kHeight)),
                   .samples = static_cast<int>(samples),
                   .bits = static_cast<int>(bits),
                   .values = static_cast<Values>(std::max<uint64_t>(1, format)),
                   .is_inverted = color == kWhiteIsZero,
                   .is_little_endian = directories.is_little_endian()};
}

// Those behind the only directory; none unless all that ImageJ announces are there.
std::vector<PlainPage> pages_behind(PlainPage page, int64_t count, size_t file_size) {
  constexpr uint64_t kHeader = 8;
  const uint64_t size = page.size();
  const bool are_there = page.start >= kHeader && page.start < file_size && size > 0 &&
                         (file_size - page.start) / size >= static_cast<uint64_t>(count);
  if (!are_there) return {};
  std::vector<PlainPage> pages;
  for (int64_t i = 0; i < count; ++i, page.start += size) pages.push_back(page);
  return pages;
}

}  // namespace

std::vector<PlainPage> plain_pages(std::string_view bytes) {
  const TiffDirectories directories(bytes);
  std::vector<PlainPage> pages;
  for (const int directory : tiff_pages(bytes)) {
    const auto page = plain_page(directories, static_cast<size_t>(directory));
    if (!page) return {};
    pages.push_back(*page);
  }
  const int64_t announced = announced_pages(bytes);
  if (pages.size() != 1 || announced < 2) return pages;
  return directories.count() == 1 ? pages_behind(pages.front(), announced, bytes.size())
                                  : std::vector<PlainPage>{};
}

int tiff_bits(std::string_view bytes) {
  const TiffDirectories directories(bytes);
  return directories.count() == 0 ? 1 : static_cast<int>(directories.field(0, kBits, 1) & 0xff);
}

std::string tiff_values_text(std::string_view bytes) {
  const TiffDirectories directories(bytes);
  if (directories.count() == 0) return "unknown";
  const uint64_t format = directories.field(0, kFormat, 1);
  const bool is_compressed = directories.field(0, kCompression, 1) != 1;
  return fmt::format("{} of {} bits{}",
                     format == 3   ? "floats"
                     : format == 2 ? "signed integers"
                                   : "integers",
                     tiff_bits(bytes), is_compressed ? ", compressed" : "");
}

namespace {

// 0 where the file does not say.
double seconds_between_pages(const TiffDirectories& directories) {
  const std::string_view description = directories.text(0, kDescription);
  if (!is_of_imagej(description)) {
    const std::string_view ome = ome_pixels(description);
    return interval_of(value_after(ome, " TimeIncrement=\""),
                       value_after(ome, " TimeIncrementUnit=\""));
  }
  const double interval =
      interval_of(value_after(description, "\nfinterval="), value_after(description, "\ntunit="));
  if (interval > 0.0) return interval;
  const double rate = parse_number<double>(value_after(description, "\nfps=")).value_or(0.0);
  return rate > 0.0 ? 1.0 / rate : 0.0;
}

}  // namespace

std::vector<double> times_of_pages(std::string_view bytes, int64_t pages) {
  const TiffDirectories directories(bytes);
  if (directories.count() == 0) return {};
  std::vector<double> times = times_of_planes(ome_pixels(directories.text(0, kDescription)));
  if (std::ssize(times) >= pages) {
    const double start = times.front();
    for (double& time : times) time -= start;
  } else if (const double step = seconds_between_pages(directories); step > 0.0) {
    times.clear();
    for (int64_t i = 0; i < pages; ++i) times.push_back(static_cast<double>(i) * step);
  } else {
    return {};
  }
  times.resize(static_cast<size_t>(pages));
  return times;
}

std::string fault_of_stack(std::string_view bytes) {
  const TiffDirectories directories(bytes);
  if (directories.count() == 0) return "";
  const std::string_view description = directories.text(0, kDescription);
  const int64_t announced = announced_pages(bytes);
  const auto [channels, depths, times] = axes_of(description);
  const int64_t pages = std::max(std::ssize(plain_pages(bytes)), std::ssize(tiff_pages(bytes)));
  if (announced > pages) {
    return fmt::format(
        "ImageJ says that it holds {} images, but a directory leads to {} of them, and they don't "
        "lie behind it as plain pixels, grey or colour; it may be cut short",
        announced, std::ssize(tiff_pages(bytes)));
  }
  const bool are_channels = channels > 1 && channels * depths * times == pages;
  if (are_channels) {
    return fmt::format("its {} pages are {} channels, not frames alone", pages, channels);
  }
  if (depths > 1 && times > 1) {
    return fmt::format("its {} pages are {} depths at {} times", pages, depths, times);
  }
  return "";
}

std::string_view exif_time(std::string_view bytes) {
  constexpr uint64_t kExif = 0x8769, kDateTimeOriginal = 0x9003;
  const std::string_view tiff = is_tiff(bytes) ? bytes : exif_of_jpeg(bytes);
  const TiffDirectories directories(tiff);
  if (directories.count() == 0) return "";
  const uint64_t at = directories.field(0, kExif, 0);
  if (at == 0) return "";
  const TiffDirectories exif(tiff, at);
  std::string_view text = exif.count() > 0 ? exif.text(0, kDateTimeOriginal) : "";
  return text.substr(0, std::min(text.find('\0'), text.size()));
}

bool is_gray_with_alpha(std::string_view bytes) {
  constexpr uint64_t kPngGrayAlpha = 4;
  if (is_tiff(bytes)) {
    const TiffDirectories directories(bytes);
    return directories.count() > 0 && directories.field(0, kSamples, 1) == 2;
  }
  return bytes.starts_with(kPngSignature) && bytes.size() > 25 &&
         big_endian(bytes, 25, 1) == kPngGrayAlpha;
}

}  // namespace proxseg
