#include "cli/process.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <torch/version.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <opencv2/core/utility.hpp>
#include <opencv2/core/version.hpp>
#include <string>

#include "cli/start.h"
#include "core/write.h"
#include "proxseg/core/error.h"
#include "proxseg/core/process.h"
#include "proxseg/core/version.h"

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

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0' && std::string(value) != "0";
}

// Where stderr is a terminal that takes control sequences.
bool renews_lines() {
  const char* kind = std::getenv("TERM");
  return ::isatty(STDERR_FILENO) == 1 && !(kind && std::string(kind) == "dumb");
}

// A signal may come to any thread.
std::atomic<bool> requested = false, ends_at_first = false;
static_assert(std::atomic<bool>::is_always_lock_free);

// Only people press twice: a terminal that is closed may send SIGHUP twice, and SIGXCPU comes each second.
void handle_signal(int signal) {
  const bool again = requested.exchange(true) && (signal == SIGINT || signal == SIGTERM);
  if (ends_at_first || again) ::_exit(static_cast<int>(ExitCode::kInterrupted));
}

}  // namespace

void guard_streams() {
  open_closed_streams();
  // Unlike SIG_IGN, a handler is not passed on to programs that this one starts.
  std::signal(SIGPIPE, [](int) {});
  std::signal(SIGXFSZ, [](int) {});  // a file that may not grow is an error of its write
  replace(stdout, write_to_stdout, ::isatty(STDOUT_FILENO) == 1 ? _IOLBF : _IOFBF);
  replace(stderr, write_to_stderr, _IONBF);
}

ExitCode finish_output() {
  std::fflush(stdout);
  const int error = output_error;
  if (error == 0) return ExitCode::kOk;
  if (error == EPIPE) return ExitCode::kOutput;
  const std::string reason = error == EBADF ? "it is closed" : std::strerror(error);
  throw OutputError("cannot write to standard output: " + reason);
}

int terminal_width() { return renews_lines() ? window_of(STDERR_FILENO).ws_col : 0; }

int terminal_height() { return renews_lines() ? window_of(STDERR_FILENO).ws_row : 0; }

int help_width() { return text_width(STDOUT_FILENO); }

int error_width() { return text_width(STDERR_FILENO); }

size_t line_width(std::FILE* stream) {
  const int descriptor = stream == stderr ? STDERR_FILENO : STDOUT_FILENO;
  return ::isatty(descriptor) == 1 ? window_of(descriptor).ws_col : 0;
}

size_t line_count(std::FILE* stream) {
  const int descriptor = stream == stderr ? STDERR_FILENO : STDOUT_FILENO;
  return ::isatty(descriptor) == 1 ? window_of(descriptor).ws_row : 0;
}

bool shows_colors() {
  const char* refusal = std::getenv("NO_COLOR");
  return renews_lines() && (refusal == nullptr || *refusal == '\0');
}

bool reproduces_anyway() { return is_set("PROXSEG_REPRODUCE_ANYWAY"); }

void watch_for_interrupt() {
  // Without SA_RESTART: a call that waits for input ends.
  struct sigaction action = {};
  action.sa_handler = handle_signal;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  for (const int signal : {SIGHUP, SIGXCPU, SIGUSR1}) {
    struct sigaction before = {};
    ::sigaction(signal, nullptr, &before);
    if (before.sa_handler != SIG_IGN) ::sigaction(signal, &action, nullptr);  // nohup ignores
  }
}

bool interrupt_requested() { return requested; }

void end_at_first_interrupt() { ends_at_first = true; }

void restore_child_signal() { std::signal(SIGCHLD, SIG_DFL); }

void restart_with_short_spins(char** words) {
  if (choose_short_spins()) ::execv("/proc/self/exe", words);
}

void warn_of_many_threads(int64_t threads) {
  const int64_t cores = available_cores();
  if (threads <= cores) return;
  spdlog::warn(
      "{} threads share {} cores, which is slower than {}: lower --threads or "
      "OMP_NUM_THREADS",
      threads, cores, cores);
}

void start_libraries(const Recipe& recipe) {
  const int64_t threads = threads_meant_by(recipe.threads), cores = available_cores();
  expect_address_space(threads);
  warn_of_many_threads(threads);
  keep_freed_memory();
  configure_threads(recipe.threads);
  spdlog::debug("proxseg {}, LibTorch {}, OpenCV {}", version(), TORCH_VERSION, CV_VERSION);
  spdlog::debug("{} threads of {} cores, device {}", threads, cores, recipe.device);
  cv::setNumThreads(static_cast<int>(std::min(threads, cores)));  // TBB complains of more
}

double seconds_since_start() {
  // A program that starts itself anew keeps its start.
  const ProcessStatus status = status_of(::getpid()).value_or(ProcessStatus());
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec) -
         static_cast<double>(status.start) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

}  // namespace proxseg::cli
