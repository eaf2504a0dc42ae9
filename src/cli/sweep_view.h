// A sweep while it runs, on stderr: on a terminal a table that is updated in place, else, and with
// --no-progress, a line for each trial that begins or ends; nothing with --quiet.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "proxseg/workflow/sweep/ledger.h"

namespace proxseg::cli {

class SweepView {
 public:
  // jobs: trials at a time. most_trials: as the ledger says.
  SweepView(int64_t jobs, int64_t most_trials);

  void show(const std::vector<Trial>& trials);

  // How many trials run at a time, from now on.
  void set_jobs(int64_t jobs) { jobs_ = jobs; }

  // How far it is and which trial is the best, two lines at most.
  std::string summary(const std::vector<Trial>& trials) const;

 private:
  void print_changes(const std::vector<Trial>& trials);
  void renew_table(const std::vector<Trial>& trials);
  std::string headline(const std::vector<Trial>& trials) const;

  int64_t jobs_;
  int64_t most_trials_;
  bool terminal_;
  int lines_ = 0;  // of the table that is on the terminal
  std::map<std::string, TrialState> states_;
};

// The planned trials as --dry-run lists them: a line each; on a terminal that is too narrow for those,
// a table of their settings.
std::string plan_text(const std::vector<Trial>& trials);

}  // namespace proxseg::cli
