// How --help lays out commands and options, and the tree of all commands, from which the manual
// page and the completion are made.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace proxseg::cli {

// Lines of at most 80 columns, all sentences without a final stop, all defaults as "[default]".
class HelpFormat : public CLI::Formatter {
 public:
  std::string make_help(const CLI::App* app, std::string name,
                        CLI::AppFormatMode mode) const override;
  std::string make_description(const CLI::App* app) const override;
  std::string make_option(const CLI::Option* option, bool is_positional) const override;
  std::string make_option_opts(const CLI::Option* option) const override;
  std::string make_subcommand(const CLI::App* command) const override;
};

struct CommandNode {
  std::string path;  // "config show"
  const CLI::App* command;
};

std::vector<const CLI::App*> commands_of(const CLI::App& app);

// Commands that only the program itself calls.
bool is_hidden(const CLI::App& command);

// All but hidden ones; nested commands come before the one that holds them.
std::vector<CommandNode> command_tree(const CLI::App& app, const std::string& prefix = "");

}  // namespace proxseg::cli
