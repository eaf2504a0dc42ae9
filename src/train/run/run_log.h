// What a run says of itself while it trains: metrics.csv, events.jsonl, the file for TensorBoard,
// log.txt and previews/.
#pragma once

#include <optional>

#include "proxseg/train/run/events.h"
#include "proxseg/train/run/log_file.h"
#include "proxseg/train/run/tensorboard.h"
#include "proxseg/train/session.h"
#include "train/run/metrics.h"
#include "train/run/previews.h"

namespace proxseg {

// The names of all that a RunLog writes, so that a new run can remove them.
inline constexpr const char* kRunLogs[] = {"metrics.csv", "events.jsonl", "events.out.tfevents",
                                           "log.txt", "previews"};

class RunLog {
 public:
  // Goes on with the logs of run as if its steps from trainer.next_step() on had never been.
  // text: takes down what is logged, from before the frames were read.
  RunLog(const std::filesystem::path& run, LogFile& text, const Trainer& trainer);

  // A picture is due.
  bool wants_picture() { return previews_.is_due(); }

  // Throw OutputError, also that of an earlier picture.
  void step(const StepReport& report);
  void picture(int64_t step, Snapshot snapshot);
  void checkpoint(int64_t steps, double loss);
  void end(const TrainSummary& summary);
  // The run is over by an error. Throws nothing.
  void fail(int64_t step, const std::string& reason) noexcept;

 private:
  void note_warnings();

  LogFile& text_;
  int64_t log_every_;
  int64_t total_;
  MetricsLog metrics_;
  EventLog events_;
  TensorBoardLog tensorboard_;
  PreviewWriter previews_;
};

}  // namespace proxseg
