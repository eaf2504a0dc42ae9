#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>

#include "cli/command.h"
#include "cli/log.h"
#include "proxseg/core/error.h"
#include "proxseg/core/text.h"
#include "proxseg/media/inspect.h"
#include "proxseg/media/sequences.h"

namespace proxseg::cli {
namespace {

struct InspectArguments {
  std::string input;
  bool json = false;
};

// What run and train would say; "" if they take it.
std::string refusal_of(const SequenceReport& report) {
  const auto* refusal = report.refusal();
  if (refusal == nullptr) return "";
  return fmt::format("'{}' would be refused at {}: {}", report.path, refusal->frame,
                     refusal->reason);
}

void inspect(const InspectArguments& arguments) {
  const auto sequences = find_sequences(arguments.input);
  std::string refused;
  auto reports = nlohmann::json::array();
  for (const NamedSequence& sequence : sequences) {
    const SequenceReport report = inspect_sequence(sequence.path);
    if (arguments.json) {
      reports.push_back(to_json(report));
    } else {
      fmt::print("{}", to_text(report));
    }
    if (refused.empty()) refused = refusal_of(report);
  }
  if (arguments.json) {
    fmt::print("{}", json_text(sequences.size() == 1 ? reports.front() : reports));
  }
  if (refused.empty()) return;
  throw InputError(refused,
                   "Mend it, or leave unreadable frames out with --set input.on_error=skip.");
}

}  // namespace

void add_inspect(CLI::App& app) {
  const auto [command, arguments] =
      add_command(app, "inspect", "Say what is in a sequence and what is wrong with it", inspect,
                  "Examples:\n"
                  "  proxseg inspect data/synthetic\n"
                  "  proxseg inspect 'frames/*.png'\n"
                  "  proxseg inspect clip.mp4 --json");
  add_option(*command, "--input,-i,INPUT PATH", arguments->input,
             "Folder of images, quoted glob, video, stack, sequence folder of CDnet, LASIESTA or "
             "SBMnet, or a folder of those")
      ->required();
  command->add_flag("--json", arguments->json, "Print the report as JSON");
  add_log_options(*command);
}

}  // namespace proxseg::cli
