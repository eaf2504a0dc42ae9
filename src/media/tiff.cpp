#include "media/tiff.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>

#include "proxseg/core/text.h"

namespace proxseg {
namespace {

constexpr uint64_t kWidth = 256, kHeight = 257, kBits = 258, kCompression = 259, kPhotometric = 262,
                   kDescription = 270, kOffsets = 273, kOrientation = 274, kSamples = 277,
                   kSizes = 279, kPlanes = 284, kTileWidth = 322, kFormat = 339;

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

// By ImageJ's description; 1 where there is none.
int64_t announced_pages(const TiffDirectories& tiff) {
  const std::string_view description = tiff.text(0, kDescription);
  return is_of_imagej(description) ? number_after(description, "\nimages=") : 1;
}

// Whether the strips of pixels lie one after the other.
bool is_in_one_piece(const TiffDirectories& tiff, size_t directory) {
  constexpr uint64_t kAll = UINT64_MAX;
  const auto starts = tiff.field_values(directory, kOffsets, kAll);
  const auto sizes = tiff.field_values(directory, kSizes, kAll);
  for (size_t i = 1; i < starts.size(); ++i) {
    if (sizes.size() < i || starts[i] != starts[i - 1] + sizes[i - 1]) return false;
  }
  return !starts.empty();
}

std::optional<PlainPage> plain_page(const TiffDirectories& tiff, size_t directory) {
  constexpr uint64_t kNone = 1, kWhiteIsZero = 0, kBlackIsZero = 1, kRgb = 2, kInterleaved = 1,
                     kUpright = 1, kMostSide = 1 << 20;
  const auto field = [&](uint64_t tag) { return tiff.field(directory, tag, 1); };
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
      tiff.field(directory, kTileWidth, 0) != 0 || field(kWidth) > kMostSide ||
      field(kHeight) > kMostSide || !is_in_one_piece(tiff, directory)) {
    return std::nullopt;
  }
  return PlainPage{.start = field(kOffsets),
                   .width = static_cast<int>(field(kWidth)),
                   .height = static_cast<int>(field(kHeight)),
                   .samples = static_cast<int>(samples),
                   .bits = static_cast<int>(bits),
                   .values = static_cast<Values>(std::max<uint64_t>(1, format)),
                   .is_inverted = color == kWhiteIsZero,
                   .is_little_endian = tiff.is_little_endian()};
}

// Those after the only directory; none unless all that ImageJ announces are there.
std::vector<PlainPage> pages_after(PlainPage page, int64_t count, size_t file_size) {
  constexpr uint64_t kHeader = 8;
  const uint64_t size = page.size();
  const bool are_there = page.start >= kHeader && page.start < file_size && size > 0 &&
                         (file_size - page.start) / size >= static_cast<uint64_t>(count);
  if (!are_there) return {};
  std::vector<PlainPage> pages;
  for (int64_t i = 0; i < count; ++i, page.start += size) pages.push_back(page);
  return pages;
}

// From one page to the next; 0 where the description does not say.
double seconds_between_pages(std::string_view description) {
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

bool is_tiff(std::string_view bytes) { return bytes.starts_with("II") || bytes.starts_with("MM"); }

int64_t tiff_page_count(const TiffDirectories& tiff) {
  return std::max(std::ssize(tiff_pages(tiff)) + (tiff_is_cut(tiff) ? 1 : 0),
                  announced_pages(tiff));
}

std::vector<int> tiff_pages(const TiffDirectories& tiff) {
  constexpr uint64_t kKind = 254, kSmaller = 1;
  std::vector<int> pages;
  for (size_t i = 0; i < tiff.count(); ++i) {
    if ((tiff.field(i, kKind, 0) & kSmaller) == 0) pages.push_back(static_cast<int>(i));
  }
  return pages;
}

bool tiff_is_cut(const TiffDirectories& tiff) { return tiff.count() > 0 && tiff.is_cut(); }

std::vector<PlainPage> plain_pages(const TiffDirectories& tiff) {
  std::vector<PlainPage> pages;
  for (const int directory : tiff_pages(tiff)) {
    const auto page = plain_page(tiff, static_cast<size_t>(directory));
    if (!page) return {};
    pages.push_back(*page);
  }
  const int64_t announced = announced_pages(tiff);
  if (pages.size() != 1 || announced < 2) return pages;
  return tiff.count() == 1 ? pages_after(pages.front(), announced, tiff.file_size())
                           : std::vector<PlainPage>{};
}

int tiff_bits(const TiffDirectories& tiff) {
  return static_cast<int>(tiff.field(0, kBits, 1) & 0xff);
}

std::string tiff_values_text(const TiffDirectories& tiff) {
  if (tiff.count() == 0) return "unknown";
  const uint64_t format = tiff.field(0, kFormat, 1);
  const bool is_compressed = tiff.field(0, kCompression, 1) != 1;
  return fmt::format("{} of {} bits{}",
                     format == 3   ? "floats"
                     : format == 2 ? "signed integers"
                                   : "integers",
                     tiff_bits(tiff), is_compressed ? ", compressed" : "");
}

std::vector<double> times_of_pages(const TiffDirectories& tiff, int64_t pages) {
  const std::string_view description = tiff.text(0, kDescription);
  std::vector<double> times = times_of_planes(ome_pixels(description));
  if (std::ssize(times) >= pages) {
    const double start = times.front();
    for (double& time : times) time -= start;
  } else if (const double step = seconds_between_pages(description); step > 0.0) {
    times.clear();
    for (int64_t i = 0; i < pages; ++i) times.push_back(static_cast<double>(i) * step);
  } else {
    return {};
  }
  times.resize(static_cast<size_t>(pages));
  return times;
}

std::string fault_of_stack(const TiffDirectories& tiff) {
  if (tiff.count() == 0) return "";
  const std::string_view description = tiff.text(0, kDescription);
  const int64_t announced = announced_pages(tiff);
  const auto [channels, depths, times] = axes_of(description);
  const int64_t pages = std::max(std::ssize(plain_pages(tiff)), std::ssize(tiff_pages(tiff)));
  if (announced > pages) {
    return fmt::format(
        "ImageJ says that it holds {} images, but a directory leads to {} of them, and they don't "
        "lie after it as plain pixels, grey or colour; it may be cut short",
        announced, std::ssize(tiff_pages(tiff)));
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

}  // namespace proxseg
