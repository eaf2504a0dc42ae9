#include "workflow/watch/recorder.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <system_error>

#include "proxseg/core/text.h"
#include "proxseg/media/preview.h"
#include "proxseg/train/run/events.h"
#include "workflow/watch/rolling_files.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

// Files of bounded length.
struct RollingFiles {
  Product product;
  const char *folder, *extension;
};
constexpr RollingFiles kMasks = {Product::kMaskVideo, "masks", ".mkv"};
constexpr RollingFiles kOverlays = {Product::kOverlay, "overlays", ".mp4"};
constexpr RollingFiles kTracks = {Product::kTracks, "tracks", ".csv"};

constexpr std::string_view kFrame = "frame";

std::string name_of_frame(int64_t number) { return fmt::format("{}{:06}", kFrame, number); }

constexpr const char* kTracksHeader = "time,seconds,id,x,y,width,height,state";

// A line for each, as kTracksHeader says.
std::string lines_of(const std::vector<LiveObject>& objects, double seconds) {
  std::string lines;
  const std::string time = utc_time();
  for (const LiveObject& object : objects) {
    const cv::Rect& box = object.box;
    lines += fmt::format("{},{:.3f},{},{},{},{},{},{}\n", time, seconds, object.id, box.x, box.y,
                         box.width, box.height, object.rests ? "rest" : "moving");
  }
  return lines;
}

// The highest number of a frame there, or 0.
int64_t highest_number(const fs::path& folder) {
  int64_t highest = 0;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().stem().string();
    if (!name.starts_with(kFrame)) continue;
    highest = std::max(highest, parse_number<int64_t>(name.substr(kFrame.size())).value_or(0));
  }
  return highest;
}

}  // namespace

void remove_old_recordings(const fs::path& folder, double keep) {
  for (const RollingFiles& files : {kMasks, kOverlays, kTracks}) {
    remove_old_files(folder / files.folder, files.extension, keep);
  }
}

Recorder::Recorder(const fs::path& folder, const WatchOptions& options, double fps, bool is_stream)
    : images_folder_(folder / "mask") {
  const auto open = [&](const RollingFiles& files) {
    if (!options.save.contains(files.product)) return std::unique_ptr<RollingVideo>();
    return std::make_unique<RollingVideo>(folder / files.folder, files.extension, fps,
                                          options.segment, options.keep);
  };
  masks_ = open(kMasks);
  overlays_ = open(kOverlays);
  if (options.save.contains(kTracks.product)) {
    tracks_ = std::make_unique<RollingTable>(folder / kTracks.folder, kTracksHeader,
                                             options.segment, options.keep);
  }
  if (!options.save.contains(Product::kMask)) return;
  images_ = std::make_unique<FrameFileQueue>();
  if (is_stream) images_before_ = highest_number(images_folder_);
}

void Recorder::write(const Frame& frame, const cv::Mat& mask,
                     const std::vector<LiveObject>& objects, double seconds) {
  if (masks_) masks_->write(mask, seconds);
  if (overlays_) overlays_->write(draw_overlay(frame.image, mask), seconds);
  if (tracks_) tracks_->write(lines_of(objects, seconds), seconds);
  if (!images_) return;
  const std::string name =
      images_before_ == 0 ? frame.name : name_of_frame(images_before_ + frame.number);
  images_->push(images_folder_ / (name + ".png"), mask);
}

void Recorder::finish() {
  if (masks_) masks_->finish();
  if (overlays_) overlays_->finish();
  if (images_) images_->finish();
}

}  // namespace proxseg
