#include "workflow/watch/rolling_table.h"

#include <fmt/format.h>

#include "proxseg/core/error.h"

namespace proxseg {

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

}  // namespace proxseg
