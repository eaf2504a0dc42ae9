#include "proxseg/media/source.h"

#include <fmt/format.h>

#include <tuple>
#include <unordered_map>
#include <utility>

#include "media/stack.h"
#include "media/stored.h"
#include "media/video_reader.h"
#include "proxseg/core/error.h"
#include "proxseg/media/cdnet.h"
#include "proxseg/media/levels.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

std::vector<Frame> named(const std::vector<cv::Mat>& images, cv::Size full_size) {
  std::vector<Frame> frames;
  for (const cv::Mat& image : images) {
    frames.push_back(frame_at(static_cast<int64_t>(frames.size()) + 1));
    frames.back().image = image;
    frames.back().full_size = full_size;
  }
  return frames;
}

bool are_files(SequenceKind kind) {
  return kind == SequenceKind::kFolder || kind == SequenceKind::kGlob ||
         kind == SequenceKind::kCdnet;
}

// position: from 1. Its file is the whole path.
Frame frame_of(const fs::path& file, size_t position) {
  const int64_t number = trailing_number(file);
  return {file.stem().string(),
          number >= 0 ? number : static_cast<int64_t>(position),
          {},
          file.string()};
}

class ImageFiles final : public FrameSource {
 public:
  ImageFiles(Location location, const std::string& path, const SourceOptions& size)
      : location_(std::move(location)), size_(size) {
    info_.name = location_.name;
    info_.path = path;
    info_.kind = location_.kind;
    info_.frames = static_cast<int64_t>(location_.files.size());
    if (info_.kind == SequenceKind::kCdnet) info_.temporal_roi = read_temporal_roi(path);
  }

  const SequenceInfo& info() const override { return info_; }

  std::optional<Frame> grab() override {
    if (position_ == location_.files.size()) return std::nullopt;
    Frame frame = frame_of(location_.files[position_], position_ + 1);
    const fs::path path = frame.file;
    frame.file = path.filename().string();
    frame.folder = path.parent_path().string();
    ++position_;
    return frame;
  }

  void decode(Frame& frame) override {
    std::tie(frame.image, frame.full_size) =
        read_reduced_image(fs::path(frame.folder) / frame.file, size_);
  }

 private:
  Location location_;
  SourceOptions size_;
  SequenceInfo info_;
  size_t position_ = 0;  // of the file grabbed last, from 1
};

}  // namespace

double time_in(const SequenceInfo& input, const Frame& frame) {
  return frame.seconds.value_or(static_cast<double>(frame.position - 1) / input.rate());
}

std::optional<Frame> FrameSource::next() {
  auto frame = grab();
  if (frame) decode(*frame);
  return frame;
}

const std::vector<std::string>& FrameSource::skipped() const {
  static const std::vector<std::string> none;
  return none;
}

MemorySource::MemorySource(std::vector<Frame> frames, SequenceInfo info)
    : frames_(std::move(frames)), info_(std::move(info)) {
  info_.frames = static_cast<int64_t>(frames_.size());
  if (frames_.empty()) return;
  info_.size = frames_.front().size();
  info_.image_size = frames_.front().image.size();
  info_.channels = frames_.front().image.channels();
  info_.depth = frames_.front().image.depth();
}

MemorySource::MemorySource(const std::vector<cv::Mat>& images, const SequenceInfo& info)
    : MemorySource(named(images, info.size), info) {}

std::optional<Frame> MemorySource::grab() {
  if (position_ == frames_.size()) return std::nullopt;
  return frames_[position_++];
}

Frame frame_at(int64_t position) { return {fmt::format("frame{:06}", position), position, {}}; }

std::unique_ptr<FrameSource> open_images(Location location, const std::string& path,
                                         const SourceOptions& size) {
  return std::make_unique<ImageFiles>(std::move(location), path, size);
}

std::optional<std::pair<std::string, std::string>> find_twins(const Location& location,
                                                              const SequenceInfo& info,
                                                              const SourceOptions& options) {
  std::vector<Frame> frames;
  for (const std::string& file : location.files) {
    frames.push_back(frame_of(file, frames.size() + 1));
  }
  const auto chosen =
      select(std::make_unique<MemorySource>(std::move(frames), info), options.range, options.every);
  std::unordered_map<std::string, std::string> seen;
  while (const auto frame = chosen->next()) {
    const auto [other, is_new] = seen.emplace(frame->name, frame->file);
    if (!is_new) return std::pair{other->second, frame->file};
  }
  return std::nullopt;
}

std::unique_ptr<FrameSource> view_as_asked(
    const std::function<std::unique_ptr<FrameSource>()>& open, const SourceOptions& options) {
  auto chosen = select(open(), options.range, options.every);
  if (are_files(chosen->info().kind)) chosen = decode_ahead(std::move(chosen));
  auto frames = readable(std::move(chosen), options.on_error);
  if (frames->info().depth != CV_8U) {
    const auto given = parse_levels(options.levels);
    frames = in_8_bits(std::move(frames), given ? *given : choose_levels(*open()));
  }
  return prepare(std::move(frames), options);
}

std::unique_ptr<FrameSource> open_source(const std::string& path, const SourceOptions& options) {
  check_source_options(options);
  const Location location = locate(path);
  if (!options.size.empty()) {
    throw UsageError("--size is for raw frames on standard input, not for '" + path + "'");
  }
  if (location.kind == SequenceKind::kVideo) {
    return view_as_asked([&] { return open_video_file(path); }, options);
  }
  if (location.kind == SequenceKind::kStack) {
    return view_as_asked([&] { return open_stack(path); }, options);
  }
  const auto open = [&] { return open_images(location, path, options); };
  if (const auto twins = find_twins(location, open()->info(), options)) {
    throw InputError(fmt::format("'{}' and '{}' have the same name but for folder and extension",
                                 twins->first, twins->second),
                     "Give the frames different names, or read one kind of them with a glob.");
  }
  return view_as_asked(open, options);
}

}  // namespace proxseg
