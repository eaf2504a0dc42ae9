// Every command of the program with what it is called by, for texts that are made of the same table
// as --help.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace proxseg::cli {

struct CommandNode {
  std::string path;  // "config show"
  const CLI::App* command;
};

inline std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

// Nested commands come before the one that holds them.
inline std::vector<CommandNode> command_tree(const CLI::App& app, const std::string& prefix = "") {
  std::vector<CommandNode> nodes;
  for (const CLI::App* command : commands_of(app)) {
    const std::string path = prefix + command->get_name();
    for (const CommandNode& node : command_tree(*command, path + " ")) nodes.push_back(node);
    nodes.push_back({path, command});
  }
  return nodes;
}

}  // namespace proxseg::cli
