#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "cli/command.h"
#include "cli/help.h"
#include "proxseg/recipe/fields.h"
#include "proxseg/recipe/load.h"
#include "proxseg/segment/methods.h"

namespace proxseg::cli {
namespace {

std::string names_of_recipes() {
  std::string names;
  for (const BuiltinRecipe& recipe : builtin_recipes()) names += std::string(recipe.name) + " ";
  return names;
}

std::string options_of(const CLI::App& command) {
  std::string names;
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_group().empty()) continue;  // hidden
    for (const std::string& name : option->get_lnames()) names += "--" + name + " ";
  }
  return names;
}

// What may follow a command beside options and files: its own commands, a method, a recipe.
std::string words_after(const CLI::App& command) {
  std::string words;
  for (const CLI::App* nested : commands_of(command)) {
    if (!is_hidden(*nested)) words += nested->get_name() + " ";
  }
  if (command.get_name() == "baseline") {
    for (const BaselineMethod& method : baseline_methods()) words += std::string(method.name) + " ";
  }
  if (const CLI::App* holder = command.get_parent(); holder && holder->get_name() == "config") {
    if (command.get_option_no_throw("RECIPE")) words += names_of_recipes();
    if (command.get_option_no_throw("A")) words += names_of_recipes();
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

// Words that may follow each option that takes a value; none for paths.
std::map<std::string, std::string> values_of_options(const CLI::App& app) {
  std::map<std::string, std::string> values;
  for (const auto& [path, command] : command_tree(app)) {
    for (const CLI::Option* option : command->get_options()) {
      if (option->get_items_expected() == 0) continue;
      for (const std::string& name : option->get_lnames()) {
        const std::string choices = choices_of(*option);
        if (!choices.empty() || !values.contains("--" + name)) values["--" + name] = choices;
      }
    }
  }
  values["--config"] = names_of_recipes();
  values["--device"] = "cpu cuda";
  for (const Field& field : recipe_fields()) values["--set"] += field.key + "= ";
  return values;
}

constexpr const char* kScript =
    R"(# Completion of proxseg for bash; for zsh after: autoload -U bashcompinit && bashcompinit
_proxseg() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} words options
  case "${{COMP_WORDS[COMP_CWORD - 1]}}" in
{values}    *)
      case "${{COMP_WORDS[*]:1:COMP_CWORD - 1}} " in
{commands}        *) words="{start}" options="--help --version" ;;
      esac
      [[ $word == -* ]] && words=$options
      ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  [[ ${{COMPREPLY[0]}} == *= ]] && compopt -o nospace
}}
complete -o default -F _proxseg proxseg
)";

}  // namespace

std::string bash_completion(const CLI::App& app) {
  std::string values, commands;
  for (const auto& [option, words] : values_of_options(app)) {
    values += fmt::format("    {}) words=\"{}\" ;;\n", option, words);
  }
  for (const auto& [path, command] : command_tree(app)) {
    commands += fmt::format("        \"{} \"*) words=\"{}\" options=\"{}\" ;;\n", path,
                            words_after(*command), options_of(*command));
  }
  return fmt::format(fmt::runtime(kScript), fmt::arg("values", values),
                     fmt::arg("commands", commands), fmt::arg("start", words_after(app)));
}

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
