// A worker of a sweep: a process that works off one trial.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace proxseg::cli {

// Takes a trial from the ledger in folder and settles it: done, failed, or waiting again after
// Ctrl-C. All that is said meanwhile goes to the trial's log. threads: for recipes that name no
// number of threads. owner: as in Ledger::claim(). Throws what keeps it from taking or settling a
// trial; Error of ExitCode::kInterrupted after Ctrl-C.
void work_off_a_trial(const std::filesystem::path& folder, int64_t threads,
                      const std::string& owner);

}  // namespace proxseg::cli
