// RUN/metrics.csv: one row a step, flushed as it is written.
#pragma once

#include <filesystem>

#include "proxseg/core/appended_file.h"
#include "proxseg/train/trainer.h"

namespace proxseg {

class MetricsLog {
 public:
  // Starts a new log, or goes on with the one that is there after dropping rows of first_step and
  // later.
  MetricsLog(const std::filesystem::path& path, int64_t first_step);

  // Throws OutputError.
  void add(const StepReport& report);

 private:
  AppendedFile file_;
};

}  // namespace proxseg
