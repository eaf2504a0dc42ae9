#include "cli/interrupt.h"

#include <unistd.h>

#include <atomic>
#include <csignal>

#include "proxseg/core/error.h"

namespace proxseg::cli {
namespace {

// A signal may come to any thread.
std::atomic<bool> requested = false;
static_assert(std::atomic<bool>::is_always_lock_free);

// A terminal that is closed may send SIGHUP twice.
void handle_signal(int signal) {
  const bool again = requested.exchange(true);
  if (again && signal != SIGHUP) ::_exit(static_cast<int>(ExitCode::kInterrupted));
}

}  // namespace

void watch_for_interrupt() {
  // Without SA_RESTART: a call that waits for input ends.
  struct sigaction action = {};
  action.sa_handler = handle_signal;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  struct sigaction hangup = {};
  ::sigaction(SIGHUP, nullptr, &hangup);
  const bool has_nohup = hangup.sa_handler == SIG_IGN;
  if (!has_nohup) ::sigaction(SIGHUP, &action, nullptr);
}

bool interrupt_requested() { return requested; }

}  // namespace proxseg::cli
