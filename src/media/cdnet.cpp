#include "proxseg/media/cdnet.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <opencv2/imgproc.hpp>
#include <sstream>
#include <string>

#include "media/location.h"
#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/media/image_file.h"
#include "proxseg/media/transform.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

// The number of an image whose name begins with prefix; -1 for any other file.
int64_t numbered_image(const std::string& name, std::string_view prefix) {
  const bool counts =
      name.starts_with(prefix) && !name.starts_with('.') && has_image_extension(name);
  return counts ? trailing_number(name) : -1;
}

}  // namespace

cv::Mat read_roi(const fs::path& folder, cv::Size frame_size) {
  const fs::path path = folder / "ROI.bmp";
  if (!fs::exists(path)) return {};
  cv::Mat roi = to_gray(read_image(path)) > 127;
  if (roi.size() != frame_size) {
    spdlog::warn("'{}' is {} x {} but the frames are {} x {}: resized", path.string(), roi.cols,
                 roi.rows, frame_size.width, frame_size.height);
    cv::resize(roi, roi, frame_size, 0, 0, cv::INTER_NEAREST);
  }
  return roi;
}

std::optional<std::pair<int64_t, int64_t>> read_temporal_roi(const fs::path& folder) {
  const fs::path path = folder / "temporalROI.txt";
  if (!fs::exists(path)) return std::nullopt;
  std::string text = read_file(path);
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.erase(0, kByteOrderMark.size());
  std::istringstream stream(text);
  int64_t first = 0;
  int64_t last = 0;
  if (!(stream >> first >> last) || first < 0 || last < first) {
    throw InputError(
        fmt::format("'{}' does not begin with the first and the last frame number: '{}'",
                    path.string(), text.substr(0, 40)),
        "Write two numbers, such as '470 1700', or remove the file.");
  }
  return std::pair{first, last};
}

std::map<int64_t, fs::path> numbered_images(const fs::path& folder, std::string_view prefix) {
  std::map<int64_t, fs::path> images;
  if (!is_folder(folder)) return images;
  for (const std::string& name : names_in(folder)) {
    const int64_t number = numbered_image(name, prefix);
    if (number < 0) continue;
    const auto [other, is_new] = images.emplace(number, folder / name);
    if (is_new) continue;
    throw InputError(fmt::format("'{}' and '{}' are both of frame {}", other->second.string(),
                                 (folder / name).string(), number),
                     "Keep one of them in that folder.");
  }
  return images;
}

}  // namespace proxseg
