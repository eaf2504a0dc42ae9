#include "media/image_source.h"

#include <fmt/format.h>

#include <filesystem>
#include <unordered_map>
#include <utility>

#include "media/reader_source.h"
#include "proxseg/core/error.h"
#include "proxseg/media/cdnet.h"
#include "proxseg/media/image_file.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

class FileReader final : public ImageReader {
 public:
  FileReader(Location location, std::vector<size_t> indices)
      : location_(std::move(location)), indices_(std::move(indices)) {}

  bool grab() override { return ++position_ <= indices_.size(); }

  cv::Mat retrieve() override {
    const StoredImage stored = read_stored_image(location_.files[index()]);
    values_ = stored.values_of_16_bits;
    return stored.image;
  }

  std::optional<ImageLabel> label() const override {
    const fs::path file = location_.files[index()];
    return ImageLabel{file.stem().string(), frame_number(location_, index()),
                      file.filename().string()};
  }

  std::optional<std::pair<int, int>> values_of_16_bits() const override { return values_; }

 private:
  size_t index() const { return indices_[position_ - 1]; }

  Location location_;
  std::vector<size_t> indices_;
  size_t position_ = 0;  // of the file grabbed last, from 1
  std::optional<std::pair<int, int>> values_;
};

}  // namespace

std::optional<std::pair<std::string, std::string>> find_twins(const Location& location,
                                                              const std::vector<size_t>& indices) {
  std::unordered_map<std::string, size_t> seen;
  for (const size_t index : indices) {
    const std::string& file = location.files[index];
    const auto [other, is_new] = seen.emplace(fs::path(file).stem().string(), index);
    if (!is_new) return std::pair{location.files[other->second], file};
  }
  return std::nullopt;
}

std::string shape_text(cv::Size size, int channels) {
  return fmt::format("{} x {}, {}", size.width, size.height, channels == 1 ? "grey" : "colour");
}

int64_t frame_number(const Location& location, size_t index) {
  const int64_t number = trailing_number(location.files[index]);
  return number >= 0 ? number : static_cast<int64_t>(index) + 1;
}

std::vector<size_t> select_images(const Location& location, const SequenceInfo& info,
                                  const SourceOptions& options) {
  const bool by_number = options.range == "roi";
  FrameRange range;
  if (by_number) {
    if (!info.temporal_roi) {
      throw InputError(fmt::format("range is roi but '{}' has no temporalROI.txt", info.path),
                       "Give the range as FIRST:LAST.");
    }
    range = {info.temporal_roi->first, info.temporal_roi->second};
  } else {
    range = parse_range(options.range, /*fps=*/0.0);
  }
  std::vector<size_t> indices;
  int64_t in_range = 0;
  for (size_t i = 0; i < location.files.size(); ++i) {
    const int64_t value = by_number ? frame_number(location, i) : static_cast<int64_t>(i) + 1;
    if (range.contains(value) && in_range++ % options.every == 0) indices.push_back(i);
  }
  if (indices.empty()) {
    throw InputError(fmt::format("the range '{}' holds none of the {} frames of '{}'",
                                 options.range, location.files.size(), info.path));
  }
  return indices;
}

std::unique_ptr<ImageReader> read_files(Location location, std::vector<size_t> indices) {
  return std::make_unique<FileReader>(std::move(location), std::move(indices));
}

std::unique_ptr<FrameSource> open_images(Location location, const std::string& path,
                                         const SourceOptions& options) {
  SequenceInfo info;
  info.name = location.name;
  info.path = path;
  info.kind = location.kind;
  if (info.kind == SequenceKind::kCdnet) info.temporal_roi = read_temporal_roi(path);
  std::vector<size_t> indices = select_images(location, info, options);
  if (const auto twins = find_twins(location, indices)) {
    throw InputError(fmt::format("'{}' and '{}' have the same name but for folder and extension",
                                 twins->first, twins->second),
                     "Give the frames different names, or read one kind of them with a glob.");
  }
  info.frames = static_cast<int64_t>(indices.size());
  return frames_of(read_files(std::move(location), std::move(indices)), std::move(info),
                   FrameRange{}, {.range = options.range, .on_error = options.on_error});
}

}  // namespace proxseg
