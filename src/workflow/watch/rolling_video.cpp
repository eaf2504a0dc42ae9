#include "workflow/watch/rolling_video.h"

#include <chrono>
#include <system_error>
#include <utility>

#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/media/source.h"
#include "proxseg/train/run/events.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

// "20260131T120000.000Z": file systems and shells take it as it is.
std::string file_time() {
  std::string time = utc_time();
  std::erase_if(time, [](char c) { return c == ':' || c == '-'; });
  return time;
}

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
  remove_old(folder_, extension_, keep_);
  video_.emplace(folder_ / (file_time() + extension_), size, fps_);
  from_ = seconds;
}

// Files that others have put there stay.
void RollingVideo::remove_old(const fs::path& folder, const std::string& extension, double keep) {
  const auto now = fs::file_time_type::clock::now();
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const fs::path path = it->path();
    const std::string name = path.filename().string();
    const bool is_ours = path.extension() == extension && name.size() == 20 + extension.size() &&
                         name[8] == 'T' && name[19] == 'Z';
    if (!is_ours) continue;
    std::error_code ignored;
    const double age =
        std::chrono::duration<double>(now - fs::last_write_time(path, ignored)).count();
    if (!ignored && age > keep) fs::remove(path, ignored);
  }
}

}  // namespace proxseg
