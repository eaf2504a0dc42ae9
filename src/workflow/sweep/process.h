// Which process holds a trial, so that others can tell whether it still lives.
#pragma once

#include <sys/types.h>

#include <optional>
#include <set>
#include <string>

namespace proxseg {

// "BOOT PID START": no other process, before or after a restart of the machine, has the same. ""
// if there is no such process, or only its remains.
std::string process_identity(pid_t process);

// The process of that identity is still there.
bool is_alive(const std::string& identity);

// "slurm 12_3" for task 3 of Slurm's job array 12.
std::string slurm_identity(const std::string& task);

// Which owners of trials still live.
class Owners {
 public:
  // owner: an identity of either kind. Slurm is asked once, and believed to run what it was given
  // where it does not answer.
  bool are_alive(const std::string& owner);

 private:
  bool asked_ = false;
  std::optional<std::set<std::string>> tasks_;
};

}  // namespace proxseg
