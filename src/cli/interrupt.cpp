#include "interrupt.h"

#include <unistd.h>

#include <csignal>

#include "proxseg/core/error.h"

namespace proxseg::cli {
namespace {

volatile std::sig_atomic_t requested = 0;

void handle_signal(int) {
  if (requested) ::_exit(static_cast<int>(ExitCode::kInterrupted));
  requested = 1;
}

}  // namespace

void watch_for_interrupt() {
  std::signal(SIGINT, handle_signal);
  std::signal(SIGTERM, handle_signal);
}

bool interrupt_requested() { return requested != 0; }

}  // namespace proxseg::cli
