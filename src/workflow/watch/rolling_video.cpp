#include "workflow/watch/rolling_video.h"

#include <system_error>
#include <utility>

#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/media/source.h"
#include "workflow/watch/rolling_files.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

bool can_be_read(const fs::path& video) {
  try {
    return open_source(video.string())->next().has_value();
  } catch (const InputError&) {
    return false;
  }
}

}  // namespace

RollingVideo::RollingVideo(fs::path folder, std::string extension, double fps, double length,
                           double keep)
    : folder_(std::move(folder)),
      extension_(std::move(extension)),
      fps_(fps),
      length_(length),
      keep_(keep) {
  make_writable_folder(folder_);
}

RollingVideo::~RollingVideo() {
  try {
    finish();
  } catch (const Error&) {
  }
}

void RollingVideo::keep_what_was_cut(const fs::path& folder, const std::string& extension) {
  for (const auto& [temporary, file] : unfinished_files(folder)) {
    std::error_code ignored;
    if (file.extension() != extension) continue;
    if (can_be_read(temporary)) {
      fs::rename(temporary, file, ignored);
    } else {
      fs::remove(temporary, ignored);
    }
  }
}

void RollingVideo::write(const cv::Mat& image, double seconds) {
  if (video_ && seconds - from_ >= length_) finish();
  if (!video_) begin(image.size(), seconds);
  video_->write(image, seconds - from_);
}

void RollingVideo::finish() {
  if (!video_) return;
  video_->close();
  video_.reset();
}

void RollingVideo::begin(cv::Size size, double seconds) {
  remove_old_files(folder_, extension_, keep_);
  video_.emplace(folder_ / rolling_name(extension_), size, fps_);
  from_ = seconds;
}

}  // namespace proxseg
