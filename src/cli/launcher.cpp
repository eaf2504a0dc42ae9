// proxseg as users start it. LibTorch takes half a second to load, so what needs no library is
// answered here: --help, --version, the completion, the manual page and the first lines of doctor, which the program has
// written as this was built. For all else the program takes this process over; it lies in
// libexec/proxseg.
#include <sched.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "cli/start.h"
#include "proxseg/core/error.h"

namespace proxseg::cli {
namespace {

struct Page {
  std::string_view request, text;
};

constexpr Page kPages[] = {
#include "pages.inc"
};

// The words as pages have them: "80 train --help" for "train -h" and for "help train".
std::string request_of(int argc, char** argv) {
  std::string request = std::to_string(text_width(STDOUT_FILENO));
  const bool asks_first = argc > 1 && std::string_view(argv[1]) == "help";
  for (int i = asks_first ? 2 : 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    request.append(" ").append(word == "-h" ? "--help" : word);
  }
  return asks_first ? request + " --help" : request;
}

// Whether all of it was written.
bool print(std::string_view text) {
  // Unlike SIG_IGN, a handler is not passed on to the program.
  std::signal(SIGPIPE, [](int) {});
  while (!text.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

int cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  return ::sched_getaffinity(0, sizeof(set), &set) == 0 ? std::max(1, CPU_COUNT(&set)) : 1;
}

// Where the limit is below what is needed, says so and returns false.
bool suffices(int resource, const char* what, double needed, const char* command) {
  rlimit limit{};
  if (::getrlimit(resource, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return true;
  const auto allowed = static_cast<double>(limit.rlim_cur);
  if (allowed >= needed) return true;
  std::fprintf(stderr,
               "proxseg: error: the %s of this process is limited to %.1f MB, but its libraries "
               "need %.1f MB\n  Raise the limit (%s).\n",
               what, allowed / 1e6, needed / 1e6, command);
  return false;
}

// With less, libraries are not loaded, abort or, as OpenBLAS, ask for memory for ever. What the work itself needs is
// asked later, see expect_address_space().
bool has_space_for_libraries() {
  constexpr double kMiB = 1 << 20, kLibraries = 1024 * kMiB, kCore = 80 * kMiB, kStack = 1 * kMiB;
  return suffices(RLIMIT_AS, "address space", kLibraries + cores() * kCore, "ulimit -v") &&
         suffices(RLIMIT_STACK, "stack", kStack, "ulimit -s");
}

// The folder of this file, whatever links lead to it.
std::string own_folder() {
  char path[PATH_MAX];
  const ssize_t length = ::readlink("/proc/self/exe", path, sizeof(path));
  const std::string_view file(path, length < 0 ? 0 : static_cast<size_t>(length));
  return std::string(file.substr(0, file.rfind('/')));
}

}  // namespace

int launch(int argc, char** argv) {
  const std::string request = request_of(argc, argv);
  const bool is_doctor = request.ends_with(" doctor");
  std::vector<char*> words(argv, argv + argc);
  for (const Page& page : kPages) {
    // A failure to write is the program's to report.
    if (page.request != request || !print(page.text)) continue;
    if (!is_doctor) return 0;
    words.push_back(const_cast<char*>(kDoctorIsBegun));
  }
  words.push_back(nullptr);
  if (!has_space_for_libraries()) return static_cast<int>(ExitCode::kMemory);
  choose_short_spins();
  const std::string folder = own_folder();
  // As it is installed, and in a build folder.
  for (const char* place : {"/../libexec/proxseg/proxseg", "/libexec/proxseg/proxseg"}) {
    ::execv((folder + place).c_str(), words.data());
    if (errno != ENOENT && errno != ENOTDIR) break;
  }
  std::fprintf(stderr,
               "proxseg: error: cannot start '%s/../libexec/proxseg/proxseg': %s\n"
               "  Install proxseg again.\n",
               folder.c_str(), std::strerror(errno));
  return 1;
}

}  // namespace proxseg::cli

int main(int argc, char** argv) { return proxseg::cli::launch(argc, argv); }
