#include "cli/streams.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "core/write.h"
#include "proxseg/core/error.h"

namespace proxseg::cli {
namespace {

std::atomic<int> output_error = 0;

// The descriptors refuse whoever reads stdin or writes to stdout; stderr takes all.
void open_closed_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(stream, F_GETFD) >= 0) continue;
    // The lowest free descriptor is this one.
    (void)::open("/dev/null", stream == STDOUT_FILENO ? O_RDONLY : O_WRONLY);
  }
}

ssize_t write_to_stdout(void*, const char* bytes, size_t size) {
  if (output_error == 0) output_error = write_all(STDOUT_FILENO, {bytes, size});
  return static_cast<ssize_t>(size);
}

ssize_t write_to_stderr(void*, const char* bytes, size_t size) {
  (void)write_all(STDERR_FILENO, {bytes, size});
  return static_cast<ssize_t>(size);
}

// Takes the place of one of glibc's streams, which are variables.
void replace(std::FILE*& stream, cookie_write_function_t* write, int buffering) {
  std::FILE* unfailing = ::fopencookie(nullptr, "w", {nullptr, write, nullptr, nullptr});
  if (unfailing == nullptr) return;
  std::setvbuf(unfailing, nullptr, buffering, BUFSIZ);
  stream = unfailing;
}

}  // namespace

void guard_streams() {
  open_closed_streams();
  // Unlike SIG_IGN, a handler is not passed on to programs that this one starts.
  std::signal(SIGPIPE, [](int) {});
  replace(stdout, write_to_stdout, ::isatty(STDOUT_FILENO) == 1 ? _IOLBF : _IOFBF);
  replace(stderr, write_to_stderr, _IONBF);
}

void finish_output() {
  std::fflush(stdout);
  const int error = output_error;
  if (error == 0) return;
  const std::string reason = error == EBADF ? "it is closed" : std::strerror(error);
  throw OutputError("cannot write to standard output: " + reason);
}

int terminal_width() {
  const char* kind = std::getenv("TERM");
  if (::isatty(STDERR_FILENO) != 1 || (kind && std::string(kind) == "dumb")) return 0;
  winsize size{};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

}  // namespace proxseg::cli
