// What a run says of itself while it trains: metrics.csv, events.jsonl, the file for TensorBoard,
// log.txt and previews/.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "proxseg/core/file.h"
#include "proxseg/train/run/events.h"
#include "proxseg/train/run/log_file.h"
#include "proxseg/train/run/tensorboard.h"
#include "proxseg/train/session.h"
#include "train/run/previews.h"

namespace proxseg {

// The names of all that a RunLog writes, so that a new run can remove them.
inline constexpr const char* kRunLogs[] = {"metrics.csv", "events.jsonl", "events.out.tfevents",
                                           "log.txt", "previews"};

// The losses of all steps in RUN/metrics.csv.
std::vector<double> losses_in(const std::filesystem::path& metrics);

// RUN/metrics.csv: one row a step, flushed as it is written.
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

class RunLog {
 public:
  // Continues the logs of run, without its steps from trainer.next_step() on. text: has recorded
  // what was logged since before the frames were read.
  RunLog(const std::filesystem::path& run, LogFile& text, const Trainer& trainer);

  // A picture is due.
  bool wants_picture() { return previews_.is_due(); }

  // Throw OutputError, also that of an earlier picture.
  void step(const StepReport& report);
  void picture(int64_t step, Snapshot snapshot);
  void checkpoint(int64_t steps);
  void end(const TrainSummary& summary);
  // Of a run that failed: says why. Throws nothing.
  void fail(const TrainSummary& summary) noexcept;

  // All that were logged since before the frames were read, in order.
  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  void note_warnings();
  void show_results(const TrainSummary& summary);  // in TensorBoard

  LogFile& text_;
  int64_t log_every_;
  int64_t total_;
  MetricsLog metrics_;
  EventLog events_;
  TensorBoardLog tensorboard_;
  PreviewWriter previews_;
  std::vector<std::string> warnings_;
};

}  // namespace proxseg
