// Processes: starting them, and telling whether the one that holds a trial still lives.
#pragma once

#include <spawn.h>
#include <sys/types.h>

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace proxseg {

struct Spawned {
  pid_t process = -1;
  int error = 0;  // an errno, or 0
};

// Starts program, a path or a name in PATH. words: its arguments, the first its own name.
Spawned spawn(const std::string& program, std::vector<std::string> words,
              const posix_spawn_file_actions_t& actions,
              const posix_spawnattr_t* attributes = nullptr);

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
