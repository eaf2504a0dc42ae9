// Slurm's commands.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace proxseg {

// Tasks of this user's job arrays that are waiting or running, as "JOB_TASK". Nothing if Slurm does
// not answer.
std::optional<std::set<std::string>> slurm_tasks();

// Submits tasks 1 to count as one array, `at_once` of them at a time, each a shell that runs
// script. log: file of their output, with Slurm's %A and %a. Returns the job's number. Throws
// InputError.
std::string submit_to_slurm(const std::string& script, int64_t count, int64_t at_once,
                            int64_t cores, const std::filesystem::path& log);

// SIGINT to what runs of those jobs, and takes back what waits.
void stop_on_slurm(const std::vector<std::string>& jobs);

}  // namespace proxseg
