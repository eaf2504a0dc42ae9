#include "workflow/watch/recorder.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "media/stored.h"
#include "proxseg/core/clock.h"
#include "proxseg/core/file.h"
#include "proxseg/core/text.h"
#include "proxseg/media/preview.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

// In files of bounded length.
struct Recording {
  Product product;
  const char *folder, *extension;
};
constexpr Recording kMasks = {Product::kMaskVideo, "masks", ".mkv"};
constexpr Recording kOverlays = {Product::kOverlay, "overlays", ".mp4"};
constexpr Recording kTracks = {Product::kTracks, "tracks", ".csv"};

constexpr const char* kTracksHeader = "time,seconds,id,x,y,width,height,state";

// A line for each, as kTracksHeader says.
std::string lines_of(const std::vector<LiveObject>& objects, const Frame& frame, double seconds) {
  std::string lines;
  const std::string time = utc_time(system_time_of(frame.arrived.value_or(steady_now())));
  for (const LiveObject& object : objects) {
    const cv::Rect& box = object.box;
    lines += fmt::format("{},{:.3f},{},{},{},{},{},{}\n", time, seconds, object.id, box.x, box.y,
                         box.width, box.height, object.rests ? "rest" : "moving");
  }
  return lines;
}

// The highest number of a frame there, or 0.
int64_t highest_number(const fs::path& folder) {
  constexpr std::string_view kFrame = "frame";
  int64_t highest = 0;
  for (const std::string& file : names_if_any(folder)) {
    const std::string name = fs::path(file).stem().string();
    if (!name.starts_with(kFrame)) continue;
    highest = std::max(highest, parse_number<int64_t>(name.substr(kFrame.size())).value_or(0));
  }
  return highest;
}

}  // namespace

void remove_old_recordings(const fs::path& folder, double keep) {
  for (const Recording& kind : {kMasks, kOverlays, kTracks}) {
    remove_old_files(folder / kind.folder, kind.extension, keep);
  }
}

Recorder::Recorder(const fs::path& folder, const WatchOptions& options, double fps, bool is_stream)
    : images_folder_(folder / "mask") {
  const auto files_of = [&](const Recording& kind) -> std::optional<RollingFiles> {
    if (!options.save.contains(kind.product)) return std::nullopt;
    return RollingFiles(folder / kind.folder, kind.extension, options.segment, options.keep);
  };
  if (auto files = files_of(kMasks)) masks_.emplace(*files, fps);
  if (auto files = files_of(kOverlays)) overlays_.emplace(*files, fps);
  if (auto files = files_of(kTracks)) tracks_.emplace(*files, kTracksHeader);
  if (!options.save.contains(Product::kMask)) return;
  images_ = std::make_unique<FrameFileQueue>();
  if (is_stream) images_before_ = highest_number(images_folder_);
}

void Recorder::write(const Frame& frame, const cv::Mat& mask,
                     const std::vector<LiveObject>& objects, double seconds) {
  if (masks_) masks_->write(mask, seconds);
  if (overlays_) overlays_->write(draw_overlay(frame.image, mask), seconds);
  if (tracks_) tracks_->write(lines_of(objects, frame, seconds), seconds);
  if (!images_) return;
  const std::string name =
      images_before_ == 0 ? frame.name : frame_at(images_before_ + frame.number).name;
  images_->push(images_folder_ / (name + ".png"), mask);
}

void Recorder::finish() {
  if (masks_) masks_->finish();
  if (overlays_) overlays_->finish();
  if (images_) images_->finish();
}

}  // namespace proxseg
