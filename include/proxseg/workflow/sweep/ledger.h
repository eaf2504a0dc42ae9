// The ledger of a sweep: DIR/ledger.sqlite, one row per trial, shared by any number of processes.
// Rows are never renumbered or removed, and results never overwritten.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "proxseg/workflow/sweep/plan.h"

namespace proxseg {

class Database;

enum class TrialState { kWaiting, kRunning, kDone, kFailed };
std::string to_string(TrialState state);

struct TrialResult {
  double loss = 0.0;  // mean over the last tenth of the steps
  // Label-free, where the run's summary.json holds one; higher is better.
  std::optional<double> score = std::nullopt;
  // Against the ground truth, where there is some.
  std::optional<double> f_measure = std::nullopt;
  std::optional<double> precision = std::nullopt;
  std::optional<double> recall = std::nullopt;
  double seconds = 0.0;      // of the attempt that ended in it, from reading to measuring
  std::string warning = {};  // why it may not be right; "" where nothing is suspicious
};

// Fields with their values, as --set takes them.
using Settings = std::vector<std::pair<std::string, std::string>>;

struct Trial {
  std::string id;
  std::string configuration;  // equal for trials that differ in seed and sequence only
  NamedSequence sequence;
  bool has_ground_truth = false;
  Settings settings;  // searched fields
  // Of a trial that was claimed; else empty, as there may be many: the resolved recipe as to_json()
  // writes it, and the origins of its values as a JSON object.
  std::string recipe, origins;
  int64_t rung = 0;   // of successive halving
  int64_t steps = 0;  // train.steps at this rung
  TrialState state = TrialState::kWaiting;
  std::string progress;               // of a running one: "train 40/300"
  std::string owner;                  // of a running one: by which others tell whether it is alive
  int64_t attempts = 0;               // how often it was claimed
  std::optional<TrialResult> result;  // of one that is done
  std::string error;                  // why it failed last
  int64_t exit_code = 0;              // of that failure
};

// The ledger in numbers.
struct Standing {
  int64_t waiting = 0, running = 0, done = 0, failed = 0;
  int64_t attempts = 0;          // at all trials
  std::set<std::string> owners;  // of the running ones
};

// Who shares a ledger. Across machines SQLite cannot have a write-ahead log, and relies on the
// locks of the disk that they share.
enum class Sharing { kProcesses, kMachines };

// Whether a ledger lies in the folder.
bool is_sweep(const std::filesystem::path& folder);

class Ledger {
 public:
  // Throws ConfigError if folder holds none, unless create; OutputError. sharing: of one that is
  // created; that of machines holds for one that is there, too.
  explicit Ledger(const std::filesystem::path& folder, bool create = false,
                  Sharing sharing = Sharing::kProcesses);
  ~Ledger();

  // Adds the trials that are not in it yet; those of the plan that failed wait again.
  // Throws OutputError if the halving of what it holds is another.
  void add(const SweepPlan& plan);

  // Claims the first waiting trial for `process`, in one transaction; a running trial whose owner is
  // gone counts as waiting. Nothing if there is none. owner: "slurm JOB_TASK", or "" for a process
  // of this machine.
  std::optional<Trial> claim(pid_t process, const std::string& owner = {});

  // Of a trial that was claimed.
  void report(const std::string& id, const std::string& progress);
  void finish(const std::string& id, const TrialResult& result);
  void fail(const std::string& id, const std::string& error, int exit_code);
  void release(const std::string& id);  // waiting again

  // Marks the trial that this owner held when it ended as failed. False if it held none.
  bool fail_trial_of(const std::string& owner, const std::string& error, int exit_code);

  // In the order in which they were planned. A running trial whose owner is gone is waiting.
  std::vector<Trial> trials() const;

  // The same, counted: costs next to nothing, however many there are.
  Standing standing() const;

  // Successive halving: if no trial is waiting or running, the best configurations of the last rung
  // go on to the next. False if there is no halving or nothing more to do.
  bool promote();

  std::optional<Halving> halving() const;

 private:
  std::filesystem::path folder_;
  std::unique_ptr<Database> database_;
};

}  // namespace proxseg
