#include "workflow/watch/rolling_files.h"

#include <fmt/format.h>

#include <chrono>
#include <system_error>
#include <utility>

#include "proxseg/core/clock.h"
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

RollingFiles::RollingFiles(fs::path folder, std::string extension, double length, double keep)
    : folder_(std::move(folder)), extension_(std::move(extension)), length_(length), keep_(keep) {
  make_writable_folder(folder_);
}

// File systems and shells take its name as it is.
fs::path RollingFiles::begin(double seconds) {
  remove_old_files(folder_, extension_, keep_);
  from_ = seconds;
  std::string time = utc_time();
  std::erase_if(time, [](char c) { return c == ':' || c == '-'; });
  return folder_ / (time + extension_);
}

void remove_old_files(const fs::path& folder, const std::string& extension, double keep) {
  const auto now = fs::file_time_type::clock::now();
  for (const std::string& name : names_if_any(folder)) {
    const fs::path path = folder / name;
    const bool is_ours = path.extension() == extension && name.size() == 20 + extension.size() &&
                         name[8] == 'T' && name[19] == 'Z';
    if (!is_ours) continue;
    std::error_code ignored;
    const double age =
        std::chrono::duration<double>(now - fs::last_write_time(path, ignored)).count();
    if (!ignored && age > keep) fs::remove(path, ignored);
  }
}

void RollingTable::write(const std::string& lines, double seconds) {
  if (!file_.is_open() || files_.is_full(seconds)) {
    path_ = files_.begin(seconds);
    file_ = std::ofstream(path_, std::ios::binary);
    file_ << header_ << '\n';
  }
  file_ << lines << std::flush;
  if (file_) return;
  throw OutputError(fmt::format("cannot write '{}'; is the disk full?", path_.string()));
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
