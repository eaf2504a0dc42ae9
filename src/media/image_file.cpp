#include "proxseg/media/image_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <initializer_list>
#include <opencv2/imgcodecs.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "media/image_header.h"
#include "media/opencv_log.h"
#include "media/stored.h"
#include "media/tiff_pixels.h"
#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/core/text.h"
#include "proxseg/media/transform.h"

namespace proxseg {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& path, std::string_view reason) {
  throw InputError("cannot read '" + path.string() + "': " + std::string(reason),
                   "Replace the file.");
}

// flags: besides those for pixels as they are stored.
cv::Mat decode(const std::filesystem::path& path, const std::string& bytes, int flags = 0) {
  quiet_opencv();
  try {
    const cv::Mat buffer(1, static_cast<int>(bytes.size()), CV_8U, const_cast<char*>(bytes.data()));
    return cv::imdecode(buffer, cv::IMREAD_ANYCOLOR | cv::IMREAD_ANYDEPTH | flags);
  } catch (const cv::Exception& error) {
    refuse(path, error.err);
  }
}

cv::Mat decode_tiff(const std::filesystem::path& path, const std::string& bytes) {
  if (const auto plain = plain_pages(bytes); plain.size() == 1) {
    const PlainPage& page = plain.front();
    if (!page.lies_in(bytes.size())) refuse(path, "the file ends before its pixels do");
    return decode_plain(page, bytes.substr(page.start, page.size()));
  }
  const std::string values = tiff_values_text(bytes);
  cv::Mat image = decode(path, bytes);
  if (image.empty()) refuse(path, "broken, or of a kind that is not read: " + values);
  image = in_depth_of_frames(image);
  if (const std::string fault = fault_of_bits(image, tiff_bits(bytes), values); !fault.empty()) {
    refuse(path, fault);
  }
  return image;
}

// By how much a JPEG's width and height may be divided while it is decoded; 1 where nothing is gained. full: as
// they are stored. Only what divides both, as libjpeg fills up the last block.
int jpeg_divisor(cv::Size full, const SourceOptions& options) {
  constexpr double kMost = 1 << 30;  // pixels: OpenCV refuses more, if it sees them
  if (full.empty() || 1.0 * full.width * full.height > kMost) return 1;
  constexpr double kMargin = 1.5;  // with less, making it smaller again blurs outlines
  const cv::Size least = scaled_size(full, options.scale, options.pixels);
  for (const int divisor : {8, 4, 2}) {
    const bool divides = full.width % divisor == 0 && full.height % divisor == 0;
    const cv::Size reduced = full / divisor;
    const bool is_enough =
        reduced.width >= kMargin * least.width && reduced.height >= kMargin * least.height;
    if (divides && is_enough) return divisor;
  }
  return 1;
}

int reduction_flags(int divisor) {
  switch (divisor) {
    case 2:
      return cv::IMREAD_REDUCED_GRAYSCALE_2;
    case 4:
      return cv::IMREAD_REDUCED_GRAYSCALE_4;
    case 8:
      return cv::IMREAD_REDUCED_GRAYSCALE_8;
    default:
      return 0;
  }
}

// The first bytes, among which cameras write EXIF.
std::string head_of(const std::filesystem::path& path) {
  constexpr size_t kHead = size_t{1} << 17;
  std::ifstream file(path, std::ios::binary);
  if (!file) refuse(path, "it cannot be opened");
  std::string bytes(kHead, '\0');
  file.read(bytes.data(), kHead);
  bytes.resize(static_cast<size_t>(file.gcount()));
  return bytes;
}

// The parts of "YYYY:MM:DD HH:MM:SS".
std::optional<std::array<int, 6>> parts_of_time(std::string_view text) {
  constexpr std::array<size_t, 6> kStarts = {0, 5, 8, 11, 14, 17};
  std::array<int, 6> parts{};
  if (text.size() != 19) return std::nullopt;
  for (size_t i = 0; i < parts.size(); ++i) {
    const auto part = parse_number<int>(text.substr(kStarts[i], i == 0 ? 4 : 2));
    if (!part || *part < 0) return std::nullopt;
    parts[i] = *part;
  }
  return parts;
}

}  // namespace

bool has_extension(const std::filesystem::path& path,
                   std::initializer_list<std::string_view> extensions) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::find(extensions.begin(), extensions.end(), extension) != extensions.end();
}

bool has_image_extension(const std::filesystem::path& path) {
  return has_extension(path,
                       {".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp", ".ppm", ".pgm"});
}

bool has_video_extension(const std::filesystem::path& path) {
  return has_extension(
      path, {".3gp",  ".apng", ".asf", ".avi",   ".dv",   ".flv",  ".gif", ".h264", ".h265",
             ".hevc", ".m2ts", ".m4v", ".mjpeg", ".mjpg", ".mkv",  ".mov", ".mp4",  ".mpeg",
             ".mpg",  ".mts",  ".mxf", ".ogv",   ".ts",   ".webm", ".wmv", ".y4m"});
}

std::pair<cv::Mat, cv::Size> read_reduced_image(const std::filesystem::path& path,
                                                const SourceOptions& size) {
  const std::string bytes = read_file(path);
  const std::string fault = fault_of_image(bytes);
  if (!fault.empty()) refuse(path, fault);
  if (is_tiff(bytes) && tiff_is_cut(bytes)) {
    refuse(path, "it leads to a page past its end; the file is cut short");
  }
  if (const int64_t pages = pages_of_image(bytes); pages > 1) {
    throw InputError(
        fmt::format("cannot read '{}': it holds {} pages or frames, and an image is one frame",
                    path.string(), pages),
        "Give it as an input of its own, or split it into a folder of images.");
  }
  if (is_tiff(bytes)) {
    if (const std::string fault_of_pages = fault_of_stack(bytes); !fault_of_pages.empty()) {
      refuse(path, fault_of_pages);
    }
  }
  const cv::Size full = jpeg_size(bytes);
  const int divisor = jpeg_divisor(full, size);
  cv::Mat image =
      is_tiff(bytes) ? decode_tiff(path, bytes) : decode(path, bytes, reduction_flags(divisor));
  if (image.empty()) refuse(path, "broken, or not an image of a known format");
  if (is_gray_with_alpha(bytes) && image.channels() > 1) cv::extractChannel(image, image, 0);
  if (const std::string fault_of_pixels = fault_of_frame(image); !fault_of_pixels.empty()) {
    refuse(path, fault_of_pixels);
  }
  return {image, image.size() * divisor};
}

cv::Mat read_stored_image(const std::filesystem::path& path) {
  return read_reduced_image(path, {}).first;
}

cv::Mat read_image(const std::filesystem::path& path) {
  cv::Mat image = read_stored_image(path);
  if (image.depth() == CV_16U) image.convertTo(image, CV_8U, 1.0 / 257.0);
  if (image.depth() != CV_8U) refuse(path, "its pixels are neither of 8 nor of 16 bits");
  return image;
}

std::optional<int64_t> time_taken(const std::filesystem::path& path) {
  const auto parts = parts_of_time(exif_time(head_of(path)));
  if (!parts) return std::nullopt;
  using namespace std::chrono;
  const auto& [year_, month_, day_, hour, minute, second] = *parts;
  const year_month_day date{year(year_), month(static_cast<unsigned>(month_)),
                            day(static_cast<unsigned>(day_))};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  const auto since = sys_days(date).time_since_epoch() + hours(hour) + minutes(minute);
  return duration_cast<seconds>(since).count() + second;
}

std::string format_time(int64_t seconds) {
  using namespace std::chrono;
  const sys_seconds time{std::chrono::seconds(seconds)};
  const auto days = floor<std::chrono::days>(time);
  const year_month_day date(days);
  const hh_mm_ss clock(time - days);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::string fault_of_frame(const cv::Mat& image) {
  const int depth = image.depth(), channels = image.channels();
  const bool is_known = depth == CV_8U || depth == CV_16U || depth == CV_32F;
  if (is_known && (channels == 1 || channels == 3)) return "";
  return "its pixels are neither of 8 or 16 bits nor floats, grey or colour";
}

}  // namespace proxseg
