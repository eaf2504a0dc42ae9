#include <fmt/format.h>

#include "cli/command.h"
#include "cli/help.h"
#include "cli/start.h"

namespace proxseg::cli {
namespace {

void print_page(const std::string& request, const std::string& text) {
  fmt::print("{{R\"page({})page\", R\"page({})page\"}},\n", request, text);
}

void print_pages(CLI::App& app) {
  set_format(app, kPlainColumns);
  const std::string completion = bash_completion(app), manual = manual_page(app);
  for (const int columns : {kPlainColumns, kMostColumns}) {
    const std::string width = std::to_string(columns);
    print_page(width + " --version", app.version() + "\n");
    print_page(width + " completion", completion);
    print_page(width + " manual", manual);
    print_page(width + " doctor", beginning_of_doctor());
    set_format(app, columns);
    print_page(width + " --help",
               HelpFormat(columns).make_help(&app, app.get_name(), CLI::AppFormatMode::Normal));
    for (const auto& [path, command] : command_tree(app)) {
      const size_t last = path.rfind(' ');
      const std::string holder = last == std::string::npos ? "" : " " + path.substr(0, last);
      print_page(fmt::format("{} {} --help", width, path), command->help("proxseg" + holder));
    }
  }
}

}  // namespace

void add_pages(CLI::App& app) {
  auto* command = app.add_subcommand("pages", "Print what the launcher answers, as C++");
  command->group("");
  command->callback([&app] { print_pages(app); });
}

}  // namespace proxseg::cli
