#include "media/image_source.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <filesystem>
#include <unordered_map>

#include "media/region.h"
#include "media/selection.h"
#include "proxseg/core/error.h"
#include "proxseg/media/cdnet.h"
#include "proxseg/media/image_file.h"
#include "proxseg/media/transform.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

// Outputs are named after frames: two of one name would overwrite each other's.
void check_names_differ(const std::vector<std::string>& files, const std::vector<size_t>& indices) {
  std::unordered_map<std::string, size_t> seen;
  for (const size_t index : indices) {
    const auto [other, is_new] = seen.emplace(fs::path(files[index]).stem().string(), index);
    if (is_new) continue;
    throw InputError(fmt::format("'{}' and '{}' have the same name but for folder and extension",
                                 files[other->second], files[index]),
                     "Give the frames different names, or read one kind of them with a glob.");
  }
}

class ImageSource final : public FrameSource {
 public:
  ImageSource(Location location, const std::string& path, const SourceOptions& options)
      : location_(std::move(location)), options_(options) {
    info_.name = location_.name;
    info_.path = path;
    info_.kind = location_.kind;
    const bool cdnet = info_.kind == SequenceKind::kCdnet;
    if (cdnet) info_.temporal_roi = read_temporal_roi(path);
    indices_ = select_images(location_, info_, options_);
    check_names_differ(location_.files, indices_);
    info_.frames = static_cast<int64_t>(indices_.size());
    pending_ = next();
    if (!pending_) {
      throw InputError(
          fmt::format("none of the {} frames of '{}' can be read", info_.frames, path));
    }
    info_.size = pending_->image.size();
    info_.channels = pending_->image.channels();
    info_.roi = region_of_interest(options_, cdnet ? read_roi(path, first_.size()) : cv::Mat(),
                                   first_.size(), info_.size);
  }

  const SequenceInfo& info() const override { return info_; }
  const std::vector<std::string>& skipped() const override { return skipped_; }

  std::optional<Frame> next() override {
    if (pending_) return std::exchange(pending_, std::nullopt);
    while (position_ < indices_.size()) {
      const size_t index = indices_[position_++];
      const fs::path file = location_.files[index];
      const cv::Mat image = read(file);
      if (image.empty()) continue;
      check_shape(file, image);
      return Frame{file.stem().string(), frame_number(location_, index), prepare(image)};
    }
    return std::nullopt;
  }

 private:
  // Empty if the file is unreadable and to be skipped.
  cv::Mat read(const fs::path& file) {
    try {
      return read_image(file);
    } catch (const InputError& error) {
      if (options_.on_error == OnError::kRefuse) throw;
      spdlog::warn("frame skipped: {}", error.what());
      skipped_.push_back(file.stem().string());
      return {};
    }
  }

  void check_shape(const fs::path& file, const cv::Mat& image) {
    if (first_.empty()) {
      first_ = image;
      first_file_ = file;
    }
    const bool same_channels = options_.gray || image.channels() == first_.channels();
    if (image.size() == first_.size() && same_channels) return;
    throw InputError(
        fmt::format("'{}' is {} but the first frame, '{}', is {}", file.string(), shape_text(image),
                    first_file_.filename().string(), shape_text(first_)),
        "All frames of a sequence must have one size and one number of channels.");
  }

  cv::Mat prepare(const cv::Mat& image) const {
    const cv::Mat converted = options_.gray ? to_gray(image) : image;
    return resize_frame(converted, scaled_size(image.size(), options_.scale, options_.pixels));
  }

  Location location_;
  SourceOptions options_;
  SequenceInfo info_;
  std::vector<size_t> indices_;
  size_t position_ = 0;
  cv::Mat first_;  // as stored
  fs::path first_file_;
  std::optional<Frame> pending_;
  std::vector<std::string> skipped_;
};

}  // namespace

std::string shape_text(const cv::Mat& image) {
  return fmt::format("{} x {}, {}", image.cols, image.rows,
                     image.channels() == 1 ? "grey" : "colour");
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

std::unique_ptr<FrameSource> open_images(Location location, const std::string& path,
                                         const SourceOptions& options) {
  return std::make_unique<ImageSource>(std::move(location), path, options);
}

}  // namespace proxseg
