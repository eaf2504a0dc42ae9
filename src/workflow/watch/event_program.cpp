#include "workflow/watch/event_program.h"

#include <spdlog/spdlog.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>

#include "workflow/spawn.h"

namespace proxseg {

EventProgram::EventProgram(std::string path)
    : path_(std::move(path)), running_(std::make_shared<std::atomic<int>>(0)) {}

void EventProgram::tell(const std::string& line) {
  constexpr int kMostAtOnce = 8;
  if (path_.empty()) return;
  if (*running_ >= kMostAtOnce) {
    spdlog::warn("{}: not told of an event, as {} of it are still running", path_, kMostAtOnce);
    return;
  }
  const auto [process, error] = spawn(path_, {path_, line});
  if (error != 0) {
    spdlog::warn("cannot start '{}': {}", path_, std::strerror(error));
    return;
  }
  ++*running_;
  // Ended, it stays in the system's table of processes until somebody has waited for it. It may run for longer
  // than whoever has started it.
  std::thread([process = process, running = running_] {
    while (::waitpid(process, nullptr, 0) < 0 && errno == EINTR) continue;
    --*running;
  }).detach();
}

}  // namespace proxseg
