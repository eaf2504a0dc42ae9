#include "workflow/watch/rolling_video.h"

#include <system_error>

#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/media/source.h"

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
  if (video_ && files_.is_full(seconds)) finish();
  if (!video_) video_.emplace(files_.begin(seconds), image.size(), fps_);
  video_->write(image, files_.age(seconds));
}

void RollingVideo::finish() {
  if (!video_) return;
  video_->close();
  video_.reset();
}

}  // namespace proxseg
