// Progress on stderr: one line that is updated in place on a terminal, else a line every ten
// seconds.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "proxseg/core/text.h"

namespace proxseg::cli {

class Progress {
 public:
  // unit: what is counted, e.g. "steps".
  Progress(std::string label, std::string unit);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // total: 0 if it is unknown. details: shown after rate and time left, e.g. the loss.
  void update(int64_t done, int64_t total, const std::string& details = {});

 private:
  using Clock = std::chrono::steady_clock;
  std::string render(int64_t done, int64_t total, const std::string& details) const;

  std::string label_;
  std::string unit_;
  bool terminal_;
  bool open_line_ = false;
  int64_t first_ = -1;
  Clock::time_point start_;
  Clock::time_point shown_;
};

// Since the program was started: what its user has waited so far.
double seconds_since_start();

}  // namespace proxseg::cli
