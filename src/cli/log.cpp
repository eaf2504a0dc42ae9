#include "cli/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <string_view>

#include "cli/process.h"
#include "proxseg/core/lines.h"
#include "proxseg/core/text.h"

namespace proxseg::cli {
namespace {

std::atomic<bool> quiet = false, without_progress = false, line_open = false;
std::string program = "proxseg";
std::vector<std::string> command_names;

// "proxseg infer" becomes "build/proxseg infer" where the program was called so; prose stays.
std::string as_called(std::string text) {
  constexpr std::string_view kName = "proxseg ";
  if (program + ' ' == kName) return text;
  for (size_t at = 0; (at = text.find(kName, at)) != std::string::npos; at += kName.size()) {
    const bool is_word =
        at == 0 || std::string_view(" \n:(").find(text[at - 1]) != std::string::npos;
    const size_t next = at + kName.size();
    const std::string word = text.substr(next, text.find_first_of(" \n.,:)", next) - next);
    if (!is_word || std::ranges::find(command_names, word) == command_names.end()) continue;
    text.replace(at, kName.size() - 1, program);
    at += program.size() + 1 - kName.size();
  }
  return text;
}

// Clears the line that is updated in place, for a message to stand there.
class LineClearer final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg&, const std::tm&,
              spdlog::memory_buf_t& text) override {
    constexpr std::string_view kClear = "\r\033[K";
    if (line_open.exchange(false)) text.append(kClear.data(), kClear.data() + kClear.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<LineClearer>();
  }
};

// The message, in lines as print_text() has them.
class WrappedMessage final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&,
              spdlog::memory_buf_t& text) override {
    const std::string_view level(spdlog::level::to_string_view(message.level).data());
    const std::string before = fmt::format("proxseg: {}: ", level);
    const std::string whole = before + std::string(message.payload.data(), message.payload.size());
    const std::string lines = as_printed(stderr, whole).substr(before.size());
    text.append(lines.data(), lines.data() + lines.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<WrappedMessage>();
  }
};

class WarningKeeper final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  std::vector<std::string> warnings() {
    const std::lock_guard lock(mutex_);
    return warnings_;
  }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    if (message.level != spdlog::level::warn || warnings_.size() == kMost) return;
    warnings_.emplace_back(message.payload.data(), message.payload.size());
  }
  void flush_() override {}

 private:
  static constexpr size_t kMost = 1000;  // of a program that runs for weeks
  std::vector<std::string> warnings_;
};

const std::shared_ptr<WarningKeeper>& warning_keeper() {
  static const auto keeper = std::make_shared<WarningKeeper>();
  return keeper;
}

}  // namespace

void set_program(const std::string& word, const std::vector<std::string>& commands) {
  if (word.find('/') != std::string::npos) program = shell_path(word);
  command_names = commands;
}

std::string as_printed(std::FILE* stream, const std::string& text) {
  return wrap_lines(printable(as_called(text)), line_width(stream), program);
}

void start_log() {
  auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
  sink->set_color_mode(shows_colors() ? spdlog::color_mode::always : spdlog::color_mode::never);
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  formatter->add_flag<LineClearer>('*').add_flag<WrappedMessage>('~').set_pattern(
      "%*proxseg: %^%l%$: %~");
  sink->set_formatter(std::move(formatter));
  const spdlog::sinks_init_list sinks = {std::move(sink), warning_keeper()};
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("proxseg", sinks));
}

std::vector<std::string> logged_warnings() { return warning_keeper()->warnings(); }

void add_log_options(CLI::App& command) {
  // A run's log.txt keeps what --quiet hides.
  auto* silent = command.add_flag_callback(
      "--quiet,-q",
      [] {
        quiet = true;
        spdlog::default_logger()->sinks().front()->set_level(spdlog::level::warn);
      },
      "Print results, warnings and errors only");
  command
      .add_flag_callback(
          "--verbose,-v", [] { spdlog::set_level(spdlog::level::debug); },
          "Also say what is computed with which settings")
      ->excludes(silent);
  command.add_flag_callback(
      "--no-progress", [] { without_progress = true; }, "Show no progress");
}

bool is_quiet() { return quiet; }

bool shows_progress() { return !quiet && !without_progress; }

void set_line_open(bool open) { line_open = open; }

bool is_line_open() { return line_open; }

}  // namespace proxseg::cli
