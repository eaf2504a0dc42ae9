// How commands show long work.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "proxseg/workflow/pipeline.h"

namespace proxseg::cli {

// One row of a terminal of that many columns, of which it leaves three free, also for the ^C that a
// terminal may show: label, bar, "3/60 steps", rate, time left, details. What has no room is left out,
// the least important first. Without columns: no terminal, all of it.
struct ProgressLine {
  std::string label, unit;
  int64_t done = 0, total = 0;       // total: 0 if it is unknown
  double rate = 0.0;                 // in units a second; 0 if it is unknown
  std::vector<std::string> details;  // the most important first

  std::string text(size_t columns) const;
};

// Progress on stderr: one line that is updated in place on a terminal, else a line every ten
// seconds; nothing with --quiet or --no-progress.
class Progress {
 public:
  // unit: what is counted, e.g. "steps".
  Progress(std::string label, std::string unit);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // total: 0 if it is unknown. details: shown after rate and time left, e.g. the loss, the most
  // important first. The rate is that since the first call.
  void update(int64_t done, int64_t total, const std::vector<std::string>& details = {});

  // Shows that the background of a sequence is being learned. The rate starts anew.
  void learn_background(const std::string& sequence);

  // Takes the line off the terminal.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;

  void show(const std::string& line);

  std::string label_;
  std::string unit_;
  bool terminal_;
  int64_t first_ = -1;  // count at start_; -1: not yet started
  Clock::time_point start_;
  Clock::time_point shown_;
};

// Progress, Ctrl-C, threads by the recipe. The last progress line is closed when the last copy of
// these is destroyed: that must happen before anything else is printed.
WorkCallbacks work_callbacks();

// Those of a training alone.
TrainCallbacks training_callbacks();

// Joins the other processes if a launcher started several. Each uses the GPU of its number on its
// host if the recipe says "cuda". Call after start_libraries().
ProcessGroup join_processes(const Recipe& recipe);

// True in a single process and in the first of several, the only one that prints.
bool is_first_process();

// Prints the summary on stdout, as text or as JSON; nothing where the training was interrupted.
void print_training(const TrainSummary& summary, bool json);

}  // namespace proxseg::cli
