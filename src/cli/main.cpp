#include <fmt/format.h>
#include <torch/version.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <opencv2/core/version.hpp>
#include <regex>
#include <sstream>
#include <string_view>

#include "cli/command.h"
#include "cli/help.h"
#include "cli/log.h"
#include "cli/process.h"
#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/core/version.h"
#include "proxseg/recipe/fields.h"
#include "proxseg/workflow/failure.h"

namespace proxseg::cli {
namespace {

constexpr const char* kDescription =
    "Segments what moves in video, by what it learns from video without labels.";
constexpr const char* kFooter =
    "Help on a command: proxseg COMMAND --help\n"
    "\n"
    "Exit codes: 0 success, 1 internal fault, 2 command line, 3 recipe, 4 input, 5 output, 6 model, "
    "7 numerics, 8 memory, 9 another process, 130 interrupted\n"
    "\n"
    "Examples:\n"
    "  proxseg run clip.mp4 --output runs/clip\n"
    "  proxseg infer --model runs/clip --input other.mp4 --output masks";

int fail(const Failure& failure) {
  constexpr const char *kRed = "\033[31m\033[1m", *kPlain = "\033[m";
  constexpr std::string_view kProgram = "proxseg: ";
  // A stop is what was asked for.
  const std::string_view kind = failure.code == ExitCode::kInterrupted ? "" : "error";
  const std::string text = as_printed(
      stderr, fmt::format("{}{}{}{}", kProgram, kind, kind.empty() ? "" : ": ", failure.message));
  const bool colored = shows_colors() && !kind.empty();
  fmt::print(stderr, "{}{}{}{}{}\n", kProgram, colored ? kRed : "", kind, colored ? kPlain : "",
             text.substr(kProgram.size() + kind.size()));
  if (!failure.remedy.empty()) print_text(stderr, fmt::format("  {}\n", failure.remedy));
  return static_cast<int>(failure.code);
}

// An exception that leaves a thread ends the program with its message and exit code.
[[noreturn]] void end_by_failure() {
  constexpr int kUnknown = static_cast<int>(ExitCode::kInternal);
  ::_exit(std::current_exception() ? fail(current_failure()) : kUnknown);
}

// Commands whose time OpenMP's threads decide.
bool computes(const std::vector<std::string>& words) {
  constexpr std::string_view kCommands[] = {"run",      "train",   "infer",  "watch", "screen",
                                            "baseline", "compare", "report", "sweep", "bench"};
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

bool is_path(const std::string& word) {
  return word.find('/') != std::string::npos || is_there(word);
}

// Whether a word from there on is a command of holder, or asks holder itself for something.
bool names_command(const CLI::App& holder, const std::vector<std::string>& words, size_t from) {
  const auto commands = commands_of(holder);
  return std::any_of(
      words.begin() + static_cast<std::ptrdiff_t>(from), words.end(), [&](const std::string& word) {
        return holder.get_option_no_throw(word) != nullptr ||
               std::ranges::any_of(
                   commands, [&](const CLI::App* command) { return command->get_name() == word; });
      });
}

// Says where an option belongs that stands before the command that has it.
void check_misplaced(const CLI::App& holder, const std::string& path,
                     const std::vector<std::string>& words, size_t at) {
  const std::string option = words[at].substr(0, words[at].find('='));
  if (holder.get_option_no_throw(option) != nullptr) return;
  for (const CLI::App* command : commands_of(holder)) {
    const bool is_named = std::find(words.begin() + static_cast<std::ptrdiff_t>(at), words.end(),
                                    command->get_name()) != words.end();
    if (!is_named || command->get_option_no_throw(option) == nullptr) continue;
    throw UsageError(fmt::format("{} stands before the command that it is for", option),
                     fmt::format("Put it after {0}: {1} {0} ... {2}. See {1} {0} --help.",
                                 command->get_name(), path, option));
  }
}

// Says of the first word that is neither a command nor an option what it may have been meant for.
void check_commands(const CLI::App& app, const std::vector<std::string>& words) {
  const CLI::App* holder = &app;
  std::string path = "proxseg";
  for (size_t i = 1; !commands_of(*holder).empty(); ++i) {
    const bool needs_one = holder->get_require_subcommand_min() > 0;
    const std::string list = fmt::format("The commands of {}:\n{}  See {} --help.", path,
                                         list_of_commands(*holder, error_width()), path);
    if (i == words.size() && needs_one) throw UsageError("no command is given", list);
    if (i == words.size()) return;
    if (words[i].starts_with('-')) {
      check_misplaced(*holder, path, words, i);
      if (needs_one && !names_command(*holder, words, i)) {
        throw UsageError("no command is given", list);
      }
      return;
    }
    std::vector<std::string> names;
    const CLI::App* found = nullptr;
    for (const CLI::App* command : commands_of(*holder)) {
      if (command->get_name() == words[i]) found = command;
      if (!is_hidden(*command)) names.push_back(command->get_name());
    }
    if (found == nullptr) {
      const std::string meant = nearest(words[i], names);
      const bool may_be_file = !needs_one && (meant.empty() || is_path(words[i]));
      if (may_be_file) return;
      throw UsageError(fmt::format("no command '{}'{}", words[i], did_you_mean(meant)), list);
    }
    holder = found;
    path += " " + words[i];
  }
}

std::string describe_extra(const std::string& word, const CLI::App& command) {
  if (!word.starts_with('-')) {
    const CLI::Option* input = command.get_option_no_throw("--input");
    const bool may_be_input = input != nullptr && input->empty() && is_path(word);
    return fmt::format("'{}' is not expected here{}", word,
                       may_be_input ? did_you_mean("--input " + word) : "");
  }
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  const std::string name = word.substr(0, word.find('='));
  return fmt::format("no option '{}'{}", name, did_you_mean(nearest(name, names)));
}

// "--jobs: 0 not in range 1 to 1024", or "[1 - 1024]" as later versions of CLI11 have it, in the
// words that recipes have for it.
std::string describe_range(const std::string& text) {
  static const std::regex kRange(R"((.*): (\S+) not in range \[?(\S+) (?:to|-) ([^\s\]]+)\]?)");
  std::smatch parts;
  if (!std::regex_match(text, parts, kRange)) return text;
  return fmt::format("{}: expected a number in [{}, {}], found {}", parts[1].str(), parts[3].str(),
                     parts[4].str(), parts[2].str());
}

// CLI11's "--output is required", "--jobs: Value x not in range 1 to 1024" in the program's words.
std::string describe_error(const CLI::App& app, const CLI::App& command,
                           const CLI::ParseError& error) {
  const std::vector<std::string> extras = app.remaining(/*recurse=*/true);
  // An option may be missing because it is written in another way.
  const bool may_be_extra = dynamic_cast<const CLI::ExtrasError*>(&error) ||
                            dynamic_cast<const CLI::RequiredError*>(&error);
  if (may_be_extra && !extras.empty()) {
    return describe_extra(extras.front(), command);
  }
  std::string text = error.what();
  const std::string name = text.substr(0, text.find(':'));
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error)) return name + " needs a value";
  const CLI::Option* option = command.get_option_no_throw(name);
  if (dynamic_cast<const CLI::ValidationError*>(&error) && option && !option->results().empty()) {
    const std::string& choices = option->get_option_text();
    if (choices.find('|') != std::string::npos) {
      return fmt::format("{}: '{}' is none of {}", name, option->results().back(), choices);
    }
  }
  if (dynamic_cast<const CLI::ConversionError*>(&error)) {  // "Could not convert: --frames = x"
    text.erase(0, std::min(text.find("--"), text.size()));
  }
  while (text.ends_with('\n') || text.ends_with('.')) text.pop_back();
  const std::pair<const char*, const char*> words[] = {
      {" excludes ", " cannot be given together with "},
      {" requires ", " needs "},
      {" is required", " is missing"},
      {": Value ", ": "},
      {" = ", ": not a number: "}};
  for (const auto& [found, meant] : words) {
    if (const size_t at = text.find(found); at != std::string::npos) {
      text.replace(at, std::strlen(found), meant);
    }
  }
  return describe_range(text);
}

[[noreturn]] void refuse(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App* command = &app;
  std::string path = "proxseg";
  while (!command->get_subcommands().empty()) {
    command = command->get_subcommands().front();
    path += " " + command->get_name();
  }
  throw UsageError(describe_error(app, *command, error), fmt::format("See {} --help.", path));
}

// "proxseg help train" asks for what "proxseg train --help" shows.
std::vector<std::string> words_of(int argc, char** argv) {
  std::vector<std::string> words(argv, argv + argc);
  if (words.size() < 2 || words[1] != "help") return words;
  words.erase(words.begin() + 1);
  words.emplace_back("--help");
  return words;
}

int run_command(int argc, char** argv) {
  const std::vector<std::string> words = words_of(argc, argv);
  if (computes(words)) restart_with_short_spins(argv);
  CLI::App app(kDescription, "proxseg");
  app.footer(kFooter);
  // The manual page is the same wherever it is made.
  const bool is_manual = words.size() > 1 && words[1] == "manual";
  app.formatter(std::make_shared<HelpFormat>(is_manual ? 80 : help_width()));
  app.set_version_flag("--version", describe_version());
  app.require_subcommand(1);
  for (const auto add :
       {add_run, add_train, add_infer, add_watch, add_screen, add_export, add_eval, add_baseline,
        add_compare, add_report, add_sweep, add_synth, add_inspect, add_bench, add_doctor,
        add_config, add_completion, add_manual, add_pages}) {
    add(app);
  }
  group_options(app);
  std::vector<std::string> names;
  for (const CLI::App* command : commands_of(app)) names.push_back(command->get_name());
  set_program(words.at(0), names);
  check_commands(app, words);
  try {
    app.parse(std::vector<std::string>(words.rbegin(), words.rend() - 1));  // the last one first
  } catch (const CLI::Success& request) {  // for help or the version
    std::ostringstream text;
    app.exit(request, text, text);
    fmt::print("{}", text.str());
  } catch (const CLI::ParseError& error) {
    refuse(app, error);
  }
  return static_cast<int>(finish_output());
}

}  // namespace

int main(int argc, char** argv) {
  guard_streams();
  std::set_terminate(end_by_failure);
  start_log();
  watch_for_interrupt();
  restore_child_signal();
  try {
    return run_command(argc, argv);
  } catch (...) {
    return fail(current_failure());
  }
}

}  // namespace proxseg::cli
