// Workers of a sweep, which are processes of this machine or tasks of Slurm, the loop that keeps
// them busy, and whether the owner of a trial is still alive.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "proxseg/workflow/sweep/launcher.h"

namespace proxseg {

// Where this process's numbers of processes mean something: "BOOT/NAMESPACE", another one after a
// restart of the machine, on each machine and in each container.
const std::string& this_place();

// "PLACE PID START": no other process has the same. "" if there is no such process here, or only
// its remains.
std::string process_identity(pid_t process);

// The first word of an identity.
std::string place_of(const std::string& identity);

// The process of that identity is still there, and here.
bool is_alive(const std::string& identity);

bool is_slurm(const std::string& identity);

// "slurm 12_3" for task 3 of Slurm's job array 12.
std::string slurm_identity(const std::string& task);

// Tasks of this user's job arrays that are waiting or running, as "JOB_TASK". Nothing if Slurm does
// not answer.
std::optional<std::set<std::string>> slurm_tasks();

// Which owners of trials still live.
class Owners {
 public:
  explicit Owners(Sharing sharing) : sharing_(sharing) {}

  // owner: an identity of either kind. Slurm is asked once, and believed to run what it was given
  // where it does not answer. An owner at another place is believed to live; keep_at_work() finds
  // out. Without a machine that shares the ledger, one from before a restart is dead.
  bool are_alive(const std::string& owner);

 private:
  Sharing sharing_;
  bool asked_ = false;
  std::optional<std::set<std::string>> tasks_;
};

class Workers {
 public:
  virtual ~Workers() = default;

  // Settles the trials of workers that have ended; true if any has. looks: the loop looks at the
  // ledger now anyway, so that slower questions may be asked, too.
  virtual bool reap(bool looks) = 0;

  // Starts as many more as are wanted and as the jobs allow.
  virtual void start(int64_t wanted, const Standing& standing) = 0;

  // Asks each worker to save and end.
  virtual void interrupt() = 0;

  // The owners, as the ledger names them, of workers that have not ended.
  virtual std::vector<std::string> identities() const = 0;
};

// launch() with these workers. pause: between two calls of reap(); every so many of them the ledger
// is looked at.
void keep_at_work(Ledger& ledger, Workers& workers, const LaunchOptions& options,
                  const LaunchCallbacks& callbacks, std::chrono::milliseconds pause,
                  int pauses_per_look);

}  // namespace proxseg
