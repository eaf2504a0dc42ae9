#include <fmt/format.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <torch/version.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <opencv2/core/version.hpp>
#include <sstream>
#include <string_view>

#include "cli/command.h"
#include "cli/help.h"
#include "cli/process.h"
#include "proxseg/core/error.h"
#include "proxseg/core/version.h"
#include "proxseg/recipe/fields.h"
#include "proxseg/workflow/failure.h"

namespace proxseg::cli {
namespace {

constexpr const char* kDescription =
    "Learns to segment moving objects from unlabelled video of a fixed camera, and segments it.";
constexpr const char* kFooter =
    "Start with:\n"
    "  proxseg run VIDEO --output DIR\n"
    "Help on a command: proxseg COMMAND --help\n"
    "Exit codes: 0 success, 1 internal fault, 2 command line, 3 recipe, 4 input, 5 output,\n"
    "6 model, 7 numerics, 8 memory, 9 another process, 130 interrupted";

int fail(const Failure& failure) {
  fmt::print(stderr, "proxseg: error: {}\n", failure.message);
  if (!failure.remedy.empty()) fmt::print(stderr, "  {}\n", failure.remedy);
  return static_cast<int>(failure.code);
}

// An exception that leaves a thread ends the program with its message and exit code.
[[noreturn]] void end_by_failure() {
  constexpr int kUnknown = static_cast<int>(ExitCode::kInternal);
  ::_exit(std::current_exception() ? fail(current_failure()) : kUnknown);
}

void start_log() {
  auto log = spdlog::stderr_color_mt("proxseg");
  log->set_pattern("proxseg: %^%l%$: %v");
  spdlog::set_default_logger(log);
}

// Commands whose time OpenMP's threads decide.
bool computes(const std::vector<std::string>& words) {
  constexpr std::string_view kCommands[] = {"run",     "train",  "infer", "baseline",
                                            "compare", "report", "sweep", "bench"};
  const bool asks_for_help =
      std::ranges::any_of(words, [](const auto& word) { return word == "--help" || word == "-h"; });
  return words.size() > 1 && !asks_for_help &&
         std::ranges::find(kCommands, words[1]) != std::end(kCommands);
}

std::string describe_version() {
  const std::string revision = commit();
  return fmt::format("proxseg {}{}\nLibTorch {}, OpenCV {}", version(),
                     revision.empty() ? "" : fmt::format(" (commit {})", revision), TORCH_VERSION,
                     CV_VERSION);
}

[[noreturn]] void refuse(const std::string& message, const std::string& command) {
  throw UsageError(message, fmt::format("See {} --help.", command));
}

// Says of the first word that is neither a command nor an option what it may have been meant for.
void check_commands(const CLI::App& app, const std::vector<std::string>& words) {
  const CLI::App* holder = &app;
  std::string path = "proxseg";
  for (size_t i = 1; holder->get_require_subcommand_min() > 0; ++i) {
    if (i == words.size()) refuse("no command is given", path);
    if (words[i].starts_with('-')) return;
    std::vector<std::string> names;
    const CLI::App* found = nullptr;
    for (const CLI::App* command : commands_of(*holder)) {
      names.push_back(command->get_name());
      if (names.back() == words[i]) found = command;
    }
    if (found == nullptr) {
      const std::string meant = did_you_mean(nearest(words[i], names));
      refuse(fmt::format("no command '{}'{}", words[i], meant), path);
    }
    holder = found;
    path += " " + words[i];
  }
}

// CLI11 lists words that it does not expect backwards.
std::string describe_extra(const std::string& word, const CLI::App& command) {
  if (!word.starts_with('-')) return fmt::format("'{}' is not expected here", word);
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  const std::string name = word.substr(0, word.find('='));
  return fmt::format("no option '{}'{}", name, did_you_mean(nearest(name, names)));
}

[[noreturn]] void refuse(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App* command = &app;
  std::string path = "proxseg";
  while (!command->get_subcommands().empty()) {
    command = command->get_subcommands().front();
    path += " " + command->get_name();
  }
  const std::vector<std::string> extras = app.remaining(/*recurse=*/true);
  const bool has_extras = dynamic_cast<const CLI::ExtrasError*>(&error) && !extras.empty();
  refuse(has_extras ? describe_extra(extras.front(), *command) : error.what(), path);
}

int run_command(int argc, char** argv) {
  const std::vector<std::string> words(argv, argv + argc);
  if (computes(words)) restart_with_short_spins(argv);
  CLI::App app(kDescription, "proxseg");
  app.footer(kFooter);
  app.formatter(std::make_shared<HelpFormat>());
  app.set_version_flag("--version", describe_version());
  app.require_subcommand(1);
  for (const auto add : {add_run, add_train, add_infer, add_export, add_eval, add_baseline,
                         add_compare, add_report, add_sweep, add_synth, add_inspect, add_bench,
                         add_doctor, add_config, add_completion, add_manual}) {
    add(app);
  }
  check_commands(app, words);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& request) {  // for help or the version
    std::ostringstream text;
    app.exit(request, text, text);
    fmt::print("{}", text.str());
  } catch (const CLI::ParseError& error) {
    refuse(app, error);
  }
  finish_output();
  return static_cast<int>(ExitCode::kOk);
}

}  // namespace

int main(int argc, char** argv) {
  guard_streams();
  std::set_terminate(end_by_failure);
  start_log();
  watch_for_interrupt();
  try {
    return run_command(argc, argv);
  } catch (...) {
    return fail(current_failure());
  }
}

}  // namespace proxseg::cli
