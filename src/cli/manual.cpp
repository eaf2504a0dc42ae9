#include <fmt/format.h>

#include <sstream>

#include "cli/command.h"
#include "cli/help.h"
#include "proxseg/core/version.h"

namespace proxseg::cli {
namespace {

// Text that troff takes as it stands.
std::string verbatim(const std::string& text) {
  std::string escaped;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && (line[0] == '.' || line[0] == '\'')) escaped += "\\&";
    for (const char c : line) escaped += c == '\\' ? "\\e" : c == '-' ? "\\-" : std::string(1, c);
    escaped += '\n';
  }
  return ".nf\n" + escaped + ".fi\n";
}

constexpr const char* kEnvironment = R"(.SH ENVIRONMENT
.TP
.B OMP_NUM_THREADS
Threads where the recipe's threads is 0; without it, all cores.
.TP
.B OMP_WAIT_POLICY, GOMP_SPINCOUNT
How threads wait for each other. Without them they wait actively for a tenth of a millisecond.
.TP
.B NO_COLOR
Where it is set, errors and warnings have no colours on a terminal.
.TP
.B TERM
Where it is dumb, nothing on the terminal is coloured or updated in place.
.TP
.B PROXSEG_PRECISION
Where it is fp32 or bf16, a recipe's precision auto stands for that.
.TP
.B PROXSEG_REPRODUCE_ANYWAY
Where it is 1, a run's reproduce.sh warns where frames, initial weights, threads or precision are not
those of the run, and trains all the same; without it, it stops.
.TP
.B TMPDIR
Folder of temporary files.
)";

}  // namespace

std::string manual_page(const CLI::App& app) {
  std::string page = fmt::format(
      ".TH PROXSEG 1 \"\" \"proxseg {}\"\n.SH NAME\nproxseg \\- moving-object segmentation learned "
      "from unlabelled video\n.SH SYNOPSIS\n.B proxseg\n.I COMMAND\n[OPTIONS]\n.SH "
      "DESCRIPTION\n{}\n"
      "{}.SH COMMANDS\n",
      version(), app.get_description(), verbatim(app.get_footer()));
  for (const auto& [path, command] : command_tree(app)) {
    const size_t last = path.rfind(' ');
    const std::string holder = last == std::string::npos ? "" : " " + path.substr(0, last);
    page += fmt::format(".SS proxseg {}\n{}", path, verbatim(command->help("proxseg" + holder)));
  }
  return page + kEnvironment;
}

void add_manual(CLI::App& app) {
  auto* command = app.add_subcommand("manual", "Print the manual page, the help of all commands");
  command->callback([&app] { fmt::print("{}", manual_page(app)); });
  command->footer(
      "Examples:\n"
      "  proxseg manual | man --local-file -\n"
      "  proxseg manual > proxseg.1");
}

}  // namespace proxseg::cli
