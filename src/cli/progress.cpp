#include "cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <sstream>

#include "cli/streams.h"

namespace proxseg::cli {
namespace {

constexpr auto kTerminalPeriod = std::chrono::milliseconds(100);
constexpr auto kPlainPeriod = std::chrono::seconds(10);
constexpr int kBarWidth = 24;

std::string bar(double share) {
  const int filled = static_cast<int>(share * kBarWidth);
  return fmt::format("[{:=>{}}{:{}}]", "", filled, "", kBarWidth - filled);
}

}  // namespace

double seconds_since_start() {
  // "PID (NAME) STATE ...": the start, in clock ticks since the machine's own, is the 22nd word. A
  // program that starts itself anew keeps it.
  std::ifstream stream("/proc/self/stat");
  std::string word;
  std::getline(stream, word);
  std::istringstream words(word.substr(word.rfind(')') + 1));
  for (int i = 3; i <= 22; ++i) words >> word;
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec) -
         parse_number<double>(word).value_or(0.0) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

Progress::Progress(std::string label, std::string unit)
    : label_(std::move(label)),
      unit_(std::move(unit)),
      terminal_(terminal_width() > 0),
      start_(Clock::now()),
      shown_(start_ - kPlainPeriod) {}

Progress::~Progress() {
  if (open_line_) fmt::print(stderr, "\n");
}

void Progress::update(int64_t done, int64_t total, const std::string& details) {
  if (first_ < 0) first_ = done - 1;
  const auto now = Clock::now();
  const bool last = total > 0 && done >= total;
  if (!last && now - shown_ < (terminal_ ? kTerminalPeriod : Clock::duration(kPlainPeriod))) return;
  shown_ = now;
  const std::string line = render(done, total, details);
  if (terminal_) {
    fmt::print(stderr, "\r\033[K{}", line);
    open_line_ = true;
  } else {
    fmt::print(stderr, "{}\n", line);
  }
  std::fflush(stderr);
}

// On a terminal in one row of it: without the bar where the row is too short, and cut.
std::string Progress::render(int64_t done, int64_t total, const std::string& details) const {
  const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  const double rate = static_cast<double>(done - first_) / std::max(seconds, 1e-9);
  const bool is_known = seconds > 0.001;  // not at the very first
  std::string text = total > 0 ? fmt::format("{}/{}", done, total) : fmt::format("{}", done);
  text += " " + unit_;
  if (is_known) text += fmt::format("  {:.1f}/s", rate);
  if (is_known && done < total) {
    text += fmt::format("  {} left", format_duration(static_cast<double>(total - done) / rate));
  }
  if (!details.empty()) text += "  " + details;
  const std::string plain = fmt::format("{} {}", label_, text);
  const auto width = static_cast<size_t>(terminal_ ? terminal_width() : 0);
  if (total > 0 && (width == 0 || plain.size() + kBarWidth + 3 < width)) {
    const double share = std::clamp(static_cast<double>(done) / static_cast<double>(total), 0., 1.);
    return fmt::format("{} {} {}", label_, bar(share), text);
  }
  return width == 0 ? plain : fmt::format("{:.{}}", plain, width - 1);
}

}  // namespace proxseg::cli
