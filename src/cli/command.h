// The commands of the program, one file each, and how they are declared.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace proxseg::cli {

void add_train(CLI::App& app);
void add_infer(CLI::App& app);
void add_watch(CLI::App& app);
void add_screen(CLI::App& app);
void add_eval(CLI::App& app);
void add_export(CLI::App& app);
void add_run(CLI::App& app);
void add_baseline(CLI::App& app);
void add_compare(CLI::App& app);
void add_report(CLI::App& app);
void add_sweep(CLI::App& app);
void add_synth(CLI::App& app);
void add_inspect(CLI::App& app);
void add_bench(CLI::App& app);
void add_doctor(CLI::App& app);
void add_config(CLI::App& app);
void add_completion(CLI::App& app);
void add_manual(CLI::App& app);
void add_pages(CLI::App& app);

// Declares a command and the function that it calls. Bind its options to the arguments returned,
// which live as long as the command. notes: the end of its --help, with examples that work.
template <typename Arguments>
std::pair<CLI::App*, Arguments*> add_command(CLI::App& app, const std::string& name,
                                             const std::string& summary,
                                             void (*call)(const Arguments&),
                                             const std::string& notes) {
  CLI::App* command = app.add_subcommand(name, summary);
  const auto arguments = std::make_shared<Arguments>();
  command->callback([arguments, call] { call(*arguments); });
  command->footer(notes);
  return {command, arguments.get()};
}

// Declares an option. declaration: its names and, after a blank, what --help shows for its value:
// "--output,-o DIR".
template <typename Value>
CLI::Option* add_option(CLI::App& command, const std::string& declaration, Value& value,
                        const std::string& help) {
  const size_t blank = declaration.find(' ');
  const bool has_value_name = blank != std::string::npos;
  return command.add_option(declaration.substr(0, blank), value, help)
      ->option_text(has_value_name ? declaration.substr(blank + 1) : " ");
}

struct Needed {
  const char* word;  // "--output"
  bool is_given;
};

// Throws UsageError that names what a command lacks; where that is all, also what may stand in its
// place: "run needs INPUT and --output, or --resume".
void expect_given(const std::string& command, const std::vector<Needed>& needed,
                  const std::string& instead);

}  // namespace proxseg::cli
