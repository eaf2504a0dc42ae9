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

void handle_signal(int) {
  if (requested.exchange(true)) ::_exit(static_cast<int>(ExitCode::kInterrupted));
}

}  // namespace

void watch_for_interrupt() {
  std::signal(SIGINT, handle_signal);
  std::signal(SIGTERM, handle_signal);
}

bool interrupt_requested() { return requested; }

}  // namespace proxseg::cli
