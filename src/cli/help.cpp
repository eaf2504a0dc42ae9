#include "cli/help.h"

#include <fmt/format.h>

#include <sstream>

namespace proxseg::cli {
namespace {

constexpr size_t kColumns = 80, kColumn = 26;  // where descriptions begin

// text by whole words, each line but the first after so many blanks.
std::string wrapped(const std::string& text, size_t indent) {
  std::istringstream words(text);
  std::string lines;
  size_t column = indent;
  for (std::string word; words >> word; column += word.size()) {
    if (column > indent && column + 1 + word.size() > kColumns) {
      lines += fmt::format("\n{:{}}", "", indent);
      column = indent;
    } else if (column > indent) {
      lines += ' ';
      ++column;
    }
    lines += word;
  }
  return lines;
}

std::string without_stop(std::string text) {
  if (text.ends_with('.')) text.pop_back();
  return text;
}

std::string entry(const std::string& name, const std::string& description) {
  const std::string head = "  " + name;
  const bool fits = head.size() + 1 < kColumn;
  return fmt::format("{:<{}}{}\n", fits ? head : fmt::format("{}\n{:{}}", head, "", kColumn),
                     kColumn, wrapped(without_stop(description), kColumn));
}

// CLI11 adds the value that a flag stands for: "--keep-going{false}".
std::string without_braces(std::string name) {
  for (size_t at = name.find('{'); at != std::string::npos; at = name.find('{')) {
    name.erase(at, name.find('}', at) + 1 - at);
  }
  return name;
}

}  // namespace

std::string HelpFormat::make_help(const CLI::App* app, std::string name,
                                  CLI::AppFormatMode mode) const {
  std::string help = CLI::Formatter::make_help(app, std::move(name), mode);
  for (size_t at = help.find("\n\n\n"); at != std::string::npos; at = help.find("\n\n\n")) {
    help.erase(at, 1);
  }
  return help;
}

std::string HelpFormat::make_description(const CLI::App* app) const {
  return wrapped(app->get_description(), 0) + "\n";
}

std::string HelpFormat::make_option(const CLI::Option* option, bool is_positional) const {
  const std::string name = without_braces(make_option_name(option, is_positional));
  return entry(name + make_option_opts(option), make_option_desc(option));
}

std::string HelpFormat::make_option_opts(const CLI::Option* option) const {
  if (option->get_items_expected() == 0) return "";
  const std::string& text = option->get_option_text();
  std::string kind = text.empty() ? option->get_type_name() : text;
  if (kind == " ") kind.clear();
  const bool names_default = kind.find('[') != std::string::npos;
  const std::string value = option->get_default_str();
  return fmt::format("{}{}{}", kind.empty() ? "" : " " + kind,
                     value.empty() || names_default ? "" : fmt::format(" [{}]", value),
                     option->get_required() ? " (required)" : "");
}

std::string HelpFormat::make_subcommand(const CLI::App* command) const {
  return entry(command->get_name(), command->get_description());
}

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

bool is_hidden(const CLI::App& command) { return command.get_group().empty(); }

std::vector<CommandNode> command_tree(const CLI::App& app, const std::string& prefix) {
  std::vector<CommandNode> nodes;
  for (const CLI::App* command : commands_of(app)) {
    if (is_hidden(*command)) continue;
    const std::string path = prefix + command->get_name();
    for (const CommandNode& node : command_tree(*command, path + " ")) nodes.push_back(node);
    nodes.push_back({path, command});
  }
  return nodes;
}

}  // namespace proxseg::cli
