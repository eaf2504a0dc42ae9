// Workers of a sweep, wherever they run, and the loop that keeps them at work.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "proxseg/workflow/sweep/launcher.h"

namespace proxseg {

class Workers {
 public:
  virtual ~Workers() = default;

  // Settles the trials of workers that have ended. True if any has. looks: the loop looks at the
  // ledger now anyway, the time for questions that cost something.
  virtual bool reap(bool looks) = 0;

  // As many more as are wanted, as far as jobs allow.
  virtual void start(int64_t wanted, const Standing& standing) = 0;

  // Asks each to save and end.
  virtual void interrupt() = 0;

  // By which the ledger knows those that have not ended.
  virtual std::vector<std::string> identities() const = 0;
};

// launch() with these workers. pause: between two calls of reap(); every so many of them the ledger
// is looked at.
void keep_at_work(Ledger& ledger, Workers& workers, const LaunchOptions& options,
                  const LaunchCallbacks& callbacks, std::chrono::milliseconds pause,
                  int pauses_per_look);

}  // namespace proxseg
