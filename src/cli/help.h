// How --help lays out commands and options, and the tree of all commands, from which the manual
// page and the completion are made.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace proxseg::cli {

// Lines of at most so many columns, all sentences without a final stop, all defaults as
// "[default: 3 pixels]", all options in groups in the order of work.
class HelpFormat : public CLI::Formatter {
 public:
  explicit HelpFormat(int columns);

  std::string make_help(const CLI::App* app, std::string name,
                        CLI::AppFormatMode mode) const override;
  std::string make_description(const CLI::App* app) const override;
  std::string make_usage(const CLI::App* app, std::string name) const override;
  std::string make_option(const CLI::Option* option, bool is_positional) const override;
  std::string make_option_opts(const CLI::Option* option) const override;
  std::string make_subcommand(const CLI::App* command) const override;
  std::string make_footer(const CLI::App* app) const override;

 private:
  std::string option_groups(const CLI::App& app) const;
  std::string entry(const std::string& name, const std::string& description, size_t column) const;
  std::string footer_line(const std::string& line, bool is_example) const;

  size_t columns_;
};

// Lays out the help of every command so wide.
void set_format(CLI::App& app, int columns);

// Puts every option of every command into its group of --help. Call once all are declared.
void group_options(CLI::App& app);

// The commands of app and what they do, one a line.
std::string list_of_commands(const CLI::App& app, int columns);

struct CommandNode {
  std::string path;  // "config show"
  const CLI::App* command;
};

std::vector<const CLI::App*> commands_of(const CLI::App& app);

// Commands that only the program itself calls.
bool is_hidden(const CLI::App& command);

// All but hidden ones; nested commands come before the one that holds them.
std::vector<CommandNode> command_tree(const CLI::App& app, const std::string& prefix = "");

// The script that `completion` prints, and the page of `manual`, which is as wide as the format.
std::string bash_completion(const CLI::App& app);
std::string manual_page(const CLI::App& app);

// What doctor says first, which no library is needed for.
std::string beginning_of_doctor();

}  // namespace proxseg::cli
