// The ledger of a sweep: DIR/ledger.sqlite, one row per trial, shared by any number of processes.
// Rows are never renumbered or removed, and results never overwritten.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "proxseg/workflow/sweep/plan.h"

namespace proxseg {

class Database;

// kPruned: given up, as it did worse than others at the same step.
enum class TrialState { kWaiting, kRunning, kDone, kFailed, kPruned };
std::string to_string(TrialState state);

struct TrialResult {
  // Of the same frames of the sequence for all trials: loss_at_rest() (train/evaluation.h).
  double loss = 0.0;
  // Label-free, where the run's summary.json holds one; higher is better.
  std::optional<double> score = std::nullopt;
  // Against the ground truth, where there is some.
  std::optional<double> f_measure = std::nullopt;
  std::optional<double> precision = std::nullopt;
  std::optional<double> recall = std::nullopt;
  double seconds = 0.0;      // of the last attempt, from reading to measuring
  std::string warning = {};  // why the result may be wrong; "" where nothing is suspicious
};

// Fields with their values, as --set takes them.
using Settings = std::vector<std::pair<std::string, std::string>>;

struct Trial {
  std::string id;
  std::string configuration;  // equal for trials that differ only in seed and sequence
  NamedSequence sequence;
  bool has_ground_truth = false;
  Settings settings;  // searched fields
  // The resolved recipe as to_json() writes it, and the origins of its values as a JSON object.
  // Only claim() fills them in, as a ledger may hold many trials.
  std::string recipe, origins;
  int64_t rung = 0;   // of successive halving
  int64_t steps = 0;  // train.steps at this rung
  TrialState state = TrialState::kWaiting;
  std::string progress;  // while it runs: "train 40/300"
  std::string owner;     // while it runs: the identity of the worker that runs it
  int64_t attempts = 0;  // how often it was claimed
  // Once it is done; while it goes on in a further rung, that of the rung before.
  std::optional<TrialResult> result;
  std::string error;      // why it last failed or was pruned
  int64_t exit_code = 0;  // of that failure
};

// Trials of the ledger by their state.
struct Standing {
  int64_t waiting = 0, running = 0, done = 0, failed = 0, pruned = 0;
  int64_t attempts = 0;          // at all trials
  std::set<std::string> owners;  // of the running ones
};

// Who shares a ledger. Across machines SQLite cannot use a write-ahead log, and relies on the file
// locks of the shared disk.
enum class Sharing { kProcesses, kMachines };

// Whether a ledger lies in the folder.
bool is_sweep(const std::filesystem::path& folder);

class Ledger {
 public:
  // Throws ConfigError if folder holds no ledger, unless create; OutputError. sharing: kProcesses
  // applies to a ledger that is created, kMachines to an existing one as well.
  explicit Ledger(const std::filesystem::path& folder, bool create = false,
                  Sharing sharing = Sharing::kProcesses);
  ~Ledger();

  // Adds the trials that it does not hold yet; failed ones that are in the plan wait again.
  // Throws OutputError if it holds a sweep with another halving.
  void add(const SweepPlan& plan);

  // Claims the first waiting trial for `process`, in one transaction; a running trial whose owner
  // is gone counts as waiting. Nothing if no trial waits. owner: "slurm JOB_TASK", or "" for a
  // process of this machine.
  std::optional<Trial> claim(pid_t process, const std::string& owner = {});

  // Of a trial as claim() gave it. False, and nothing happens, where its owner is another by now:
  // this one was taken for dead.
  bool report(const Trial& trial, const std::string& progress);
  bool finish(const Trial& trial, const TrialResult& result);
  bool fail(const Trial& trial, const std::string& error, int exit_code);
  bool release(const Trial& trial);  // waiting again
  // Gives it up, and with it the waiting trials of its configuration.
  bool prune(const Trial& trial, const std::string& reason);

  // Keeps the label-free score of a trial that was claimed after `step` steps. Returns the scores
  // that other trials on its sequence had there.
  std::vector<double> add_score(const std::string& id, int64_t step, double score);

  // Marks as failed the trial that this owner was running when it ended. False if there was none.
  bool fail_trial_of(const std::string& owner, const std::string& error, int exit_code);

  // Tells other machines that this one is at work on the sweep.
  void beat();
  // How often the machines other than this one have done so that run a trial. Their names are those
  // of places in owners.
  std::map<std::string, int64_t> beats_elsewhere() const;
  // How often all machines together have done so: grows while anybody works on the sweep.
  int64_t beats() const;
  // The trials that this machine was running wait again.
  void take_from(const std::string& machine);

  // The resolved recipe of a trial, as to_json() writes it.
  std::string recipe_of(const std::string& id) const;

  // In the order in which they were planned. A running trial whose owner is gone is waiting.
  std::vector<Trial> trials() const;

  // Their numbers alone, which costs little even with many trials.
  Standing standing() const;

  // Successive halving: once no trial is waiting or running, moves the best configurations of the
  // last rung to the next. False without halving, or when nothing is left to do.
  bool promote();

  std::optional<Halving> halving() const;
  std::optional<Pruning> pruning() const;
  // How many trials there may be in the end: all, and those that a search that learns may still
  // propose.
  int64_t most_trials() const;
  // The fields that any of its plans draws log-uniformly.
  std::set<std::string> log_fields() const;

  // Adds the trials that `next` names on seeing all that are there, in one transaction. False if it
  // names none.
  bool extend(const std::function<std::vector<PlannedTrial>(const std::vector<Trial>&)>& next);

  // Counts time in which the sweep was at work. Returns the sum of all, by all processes.
  double spend(double seconds);
  // What is left of the budget that the last plan gave, in seconds; nothing without one.
  std::optional<double> budget_left() const;

  // How many trials at a time the last process that worked on it ran; 1 where none has.
  int64_t jobs() const;
  void set_jobs(int64_t jobs);
  // The words of the command that worked on it last; none where no ledger says.
  std::vector<std::string> command() const;
  void set_command(const std::vector<std::string>& words);

 private:
  Sharing sharing() const;

  std::filesystem::path folder_;
  std::unique_ptr<Database> database_;
};

}  // namespace proxseg
