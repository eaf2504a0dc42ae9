#include "workflow/watch/rolling_files.h"

#include <chrono>
#include <system_error>
#include <utility>

#include "proxseg/core/clock.h"
#include "proxseg/core/file.h"

namespace proxseg {
namespace fs = std::filesystem;

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

}  // namespace proxseg
