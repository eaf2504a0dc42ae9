#include "workflow/watch/rolling_table.h"

#include <fmt/format.h>

#include <utility>

#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "workflow/watch/rolling_files.h"

namespace proxseg {

RollingTable::RollingTable(std::filesystem::path folder, std::string header, double length,
                           double keep)
    : folder_(std::move(folder)), header_(std::move(header)), length_(length), keep_(keep) {
  make_writable_folder(folder_);
}

void RollingTable::write(const std::string& lines, double seconds) {
  if (!file_.is_open() || seconds - from_ >= length_) begin(seconds);
  file_ << lines << std::flush;
  if (file_) return;
  throw OutputError(fmt::format("cannot write '{}'; is the disk full?", path_.string()));
}

void RollingTable::begin(double seconds) {
  remove_old_files(folder_, ".csv", keep_);
  path_ = folder_ / rolling_name(".csv");
  file_ = std::ofstream(path_, std::ios::binary);
  file_ << header_ << '\n';
  from_ = seconds;
}

}  // namespace proxseg
