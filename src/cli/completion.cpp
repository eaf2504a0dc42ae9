#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "cli/command.h"
#include "cli/command_tree.h"
#include "proxseg/recipe/fields.h"
#include "proxseg/recipe/load.h"

namespace proxseg::cli {
namespace {

// What may follow the words of a command: its own commands, and its options.
std::vector<std::string> words_after(const CLI::App& command) {
  std::vector<std::string> words;
  for (const CLI::App* nested : command.get_subcommands([](const CLI::App*) { return true; })) {
    words.push_back(nested->get_name());
  }
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) words.push_back("--" + name);
  }
  return words;
}

// The choices of an option whose help shows them: --format onnx|torchscript|...
std::string choices_of(const CLI::Option& option) {
  std::string text =
      option.get_option_text().empty() ? option.get_type_name() : option.get_option_text();
  const bool is_list =
      text.find('|') != std::string::npos && std::none_of(text.begin(), text.end(), [](char c) {
        return std::isupper(static_cast<unsigned char>(c)) || c == ' ';
      });
  if (!is_list) return "";
  std::replace(text.begin(), text.end(), '|', ' ');
  return text;
}

std::map<std::string, std::string> values_of_options(const CLI::App& app) {
  std::map<std::string, std::string> values;
  for (const auto& [path, command] : command_tree(app)) {
    for (const CLI::Option* option : command->get_options()) {
      const std::string choices = choices_of(*option);
      if (choices.empty()) continue;
      for (const std::string& name : option->get_lnames()) values["--" + name] = choices;
    }
  }
  for (const BuiltinRecipe& recipe : builtin_recipes()) {
    values["--config"] += std::string(recipe.name) + " ";
  }
  for (const Field& field : recipe_fields()) values["--set"] += field.key + "= ";
  return values;
}

constexpr const char* kScript =
    R"(# Completion of proxseg for bash; for zsh after: autoload -U bashcompinit && bashcompinit
_proxseg() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} words
  case "${{COMP_WORDS[COMP_CWORD - 1]}}" in
{values}    *)
      case "${{COMP_WORDS[*]:1:COMP_CWORD - 1}} " in
{commands}        *) words="{start}" ;;
      esac
      ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  [[ ${{COMPREPLY[0]}} == *= ]] && compopt -o nospace
}}
complete -o default -F _proxseg proxseg
)";

std::string bash_completion(const CLI::App& app) {
  std::string values, commands;
  for (const auto& [option, words] : values_of_options(app)) {
    values += fmt::format("    {}) words=\"{}\" ;;\n", option, words);
  }
  for (const auto& [path, command] : command_tree(app)) {
    commands += fmt::format("        \"{} \"*) words=\"{}\" ;;\n", path,
                            fmt::join(words_after(*command), " "));
  }
  return fmt::format(fmt::runtime(kScript), fmt::arg("values", values),
                     fmt::arg("commands", commands),
                     fmt::arg("start", fmt::join(words_after(app), " ")));
}

}  // namespace

void add_completion(CLI::App& app) {
  auto* command = app.add_subcommand("completion", "Print the completion script for bash and zsh");
  command->callback([&app] { fmt::print("{}", bash_completion(app)); });
  command->footer(
      "The Debian package installs it. Otherwise, in ~/.bashrc:\n"
      "  source <(proxseg completion)\n"
      "Examples:\n"
      "  proxseg completion > ~/.local/share/bash-completion/completions/proxseg");
}

}  // namespace proxseg::cli
