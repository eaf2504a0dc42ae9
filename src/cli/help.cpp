#include "cli/help.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "proxseg/core/lines.h"

namespace proxseg::cli {
namespace {

// Where the descriptions of options and of commands begin.
constexpr size_t kColumn = 26, kCommandColumn = 14;
constexpr size_t kNarrow = 60;  // columns below which they stand under the names

// The groups of --help, in the order of work.
constexpr const char* kInput = "Input";
constexpr const char* kRecipe = "Model and recipe";
constexpr const char* kOutput = "Output";
constexpr const char* kMasks = "Masks";
constexpr const char* kMachine = "Machine";
constexpr const char* kOther = "Other";
constexpr const char* kOwn = "Options";  // of one command alone
constexpr const char* kGroups[] = {kInput, kOwn, kRecipe, kOutput, kMasks, kMachine, kOther};

// An option of one name is in one group, whichever command it belongs to.
const std::map<std::string, const char*>& group_of_option() {
  static const std::map<std::string, const char*> groups = {
      {"input", kInput},        {"size", kInput},      {"roi", kInput},
      {"ground-truth", kInput}, {"config", kRecipe},   {"set", kRecipe},
      {"seed", kRecipe},        {"init", kRecipe},     {"model", kRecipe},
      {"methods", kRecipe},     {"baseline", kRecipe}, {"resume", kRecipe},
      {"same-as", kRecipe},     {"until", kRecipe},    {"output", kOutput},
      {"format", kOutput},      {"layout", kOutput},   {"force", kOutput},
      {"json", kOutput},        {"csv", kOutput},      {"markdown", kOutput},
      {"curve", kOutput},       {"origin", kOutput},   {"save", kMasks},
      {"masks", kMasks},        {"soft", kMasks},      {"cm", kMasks},
      {"engine", kMasks},       {"device", kMachine},  {"precision", kMachine},
      {"threads", kMachine},    {"jobs", kMachine},    {"launcher", kMachine},
      {"batch", kMachine},      {"quiet", kOther},     {"verbose", kOther},
      {"no-progress", kOther},  {"help", kOther},      {"version", kOther}};
  return groups;
}

std::string wrapped(const std::string& text, size_t indent, size_t columns) {
  return break_line(text, {columns, indent, indent});
}

std::string without_stop(std::string text) {
  if (text.ends_with('.')) text.pop_back();
  return text;
}

// CLI11 adds the value that a flag stands for: "--keep-going{false}".
std::string without_braces(std::string name) {
  for (size_t at = name.find('{'); at != std::string::npos; at = name.find('{')) {
    name.erase(at, name.find('}', at) + 1 - at);
  }
  return name;
}

// Stands for the blank between an option and its value, where no line is to end.
constexpr char kJoint = '\x01';

std::string joined_options(std::string line) {
  for (size_t at = line.find(" --"); at != std::string::npos; at = line.find(" --", at + 1)) {
    const size_t blank = line.find(' ', at + 1);
    if (blank == std::string::npos) break;
    const bool has_value =
        blank + 1 < line.size() && std::string("-|(\\").find(line[blank + 1]) == std::string::npos;
    if (has_value) line[blank] = kJoint;
  }
  return line;
}

}  // namespace

HelpFormat::HelpFormat(int columns) : columns_(static_cast<size_t>(std::max(columns, 20))) {
  label("SUBCOMMAND", "COMMAND");
}

std::string HelpFormat::entry(const std::string& name, const std::string& description,
                              size_t column) const {
  const std::string head = "  " + name, text = without_stop(description);
  if (columns_ < kNarrow) {
    constexpr size_t kIndent = 6;
    return fmt::format("  {}\n{:{}}{}\n", break_line(name, {columns_, 2, 4}), "", kIndent,
                       wrapped(text, kIndent, columns_));
  }
  const bool fits = head.size() + 1 < column;
  return fmt::format("{:<{}}{}\n", fits ? head : fmt::format("{}\n{:{}}", head, "", column), column,
                     wrapped(text, column, columns_));
}

std::string HelpFormat::make_help(const CLI::App* app, std::string name,
                                  CLI::AppFormatMode mode) const {
  const std::string footer = make_footer(app);
  return make_description(app) + "\n" + make_usage(app, std::move(name)) + make_positionals(app) +
         make_subcommands(app, mode) + option_groups(*app) + (footer.empty() ? "" : "\n") + footer;
}

std::string HelpFormat::make_description(const CLI::App* app) const {
  return wrapped(app->get_description(), 0, columns_) + "\n";
}

std::string HelpFormat::make_usage(const CLI::App* app, std::string name) const {
  std::string usage =
      break_line(CLI::Formatter::make_usage(app, std::move(name)), {columns_, 0, 2});
  usage.erase(usage.find_last_not_of('\n') + 1);
  return usage + "\n";
}

std::string HelpFormat::option_groups(const CLI::App& app) const {
  std::string text;
  for (const char* group : kGroups) {
    const auto options = app.get_options([&](const CLI::Option* option) {
      return option->get_group() == group && option->nonpositional();
    });
    if (!options.empty()) text += make_group(group, /*is_positional=*/false, options);
  }
  return text;
}

std::string HelpFormat::make_option(const CLI::Option* option, bool is_positional) const {
  const std::string name = without_braces(make_option_name(option, is_positional));
  if (is_positional && !option->get_lnames().empty()) {
    return entry(name, "The same as --" + option->get_lnames().front(), kColumn);
  }
  std::string text = without_stop(make_option_desc(option));
  if (const std::string value = option->get_default_str(); !value.empty()) {
    text += fmt::format(" [default: {}]", value);
  }
  if (option->get_required()) text += " [required]";
  return entry(name + make_option_opts(option), text, kColumn);
}

std::string HelpFormat::make_option_opts(const CLI::Option* option) const {
  if (option->get_items_expected() == 0) return "";
  const std::string& text = option->get_option_text();
  std::string kind = text.empty() ? option->get_type_name() : text;
  if (kind == " ") kind.clear();
  return kind.empty() ? "" : " " + kind;
}

std::string HelpFormat::make_subcommand(const CLI::App* command) const {
  return entry(command->get_name(), command->get_description(), kCommandColumn);
}

// A footer is paragraphs of prose, parted by empty lines, rows "name   description" and, after "Examples:", commands that can be pasted
// however they are broken.
std::string HelpFormat::make_footer(const CLI::App* app) const {
  std::istringstream lines(app->get_footer());
  std::string text, prose;
  const auto flush = [&] {
    if (!prose.empty()) text += wrapped(prose, 0, columns_) + "\n";
    prose.clear();
  };
  bool in_examples = false;
  for (std::string line; std::getline(lines, line);) {
    const bool is_row = text_after_label(line) > 0;
    if (!in_examples && !is_row && !line.empty() && !line.ends_with(':')) {
      prose += " " + line;
      continue;
    }
    flush();
    if (line.empty()) continue;
    if (line.ends_with(':') && !text.empty()) text += "\n";
    text += footer_line(line, in_examples);
    in_examples = in_examples || line == "Examples:";
  }
  flush();
  return text;
}

std::string HelpFormat::footer_line(const std::string& line, bool is_example) const {
  if (is_example) {
    const size_t indent = std::min(line.find_first_not_of(' '), line.size());
    std::string text = break_line(joined_options(line), {columns_, indent, indent + 4, " \\"});
    std::ranges::replace(text, kJoint, ' ');
    return std::string(indent, ' ') + text + "\n";
  }
  const size_t description = text_after_label(line);
  if (description == 0) return line + "\n";
  return line.substr(0, description) +
         break_line(line.substr(description),
                    {columns_, description, columns_ < kNarrow ? 6 : description}) +
         "\n";
}

void set_format(CLI::App& app, int columns) {
  app.formatter(std::make_shared<HelpFormat>(columns));
  for (CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    set_format(*command, columns);
  }
}

void group_options(CLI::App& app) {
  for (CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) continue;  // hidden
    for (const std::string& name : option->get_lnames()) {
      const auto found = group_of_option().find(name);
      option->group(found == group_of_option().end() ? kOwn : found->second);
    }
  }
  for (CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (!is_hidden(*command)) command->group("Commands");
    group_options(*command);
  }
}

std::string list_of_commands(const CLI::App& app, int columns) {
  const HelpFormat format(columns);
  std::string text;
  for (const CLI::App* command : commands_of(app)) {
    if (!is_hidden(*command)) text += format.make_subcommand(command);
  }
  return text;
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
