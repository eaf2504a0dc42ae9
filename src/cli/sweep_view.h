// A sweep while it runs, on stderr: on a terminal a table that is updated in place, else, and with
// --no-progress, a line for each trial that begins or ends; nothing with --quiet.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "proxseg/workflow/sweep/ledger.h"
#include "proxseg/workflow/sweep/progress.h"

namespace proxseg::cli {

class SweepView {
 public:
  // ledger: outlives it.
  explicit SweepView(const Ledger& ledger);

  void show(const std::vector<Trial>& trials);

  // How far it is, in one line: "7 of 24 trials done, 2 running, about 1:20 left"; with successive
  // halving "7 of 11 trainings done, rung 2 of 3, 2 running, about 1:20 left".
  std::string headline(const std::vector<Trial>& trials) const;

 private:
  void print_changes(const std::vector<Trial>& trials);
  void renew_table(const std::vector<Trial>& trials);

  std::string time_left(const SweepProgress& progress) const;

  const Ledger& ledger_;
  bool terminal_;
  int lines_ = 0;  // of the table that is on the terminal
  std::map<std::string, TrialState> states_;
};

// The planned trials as --dry-run lists them: a line each; on a terminal that is too narrow for
// those, a table of their settings.
std::string plan_text(const std::vector<Trial>& trials);

}  // namespace proxseg::cli
