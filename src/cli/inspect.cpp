#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>

#include "cli/command.h"
#include "cli/log.h"
#include "proxseg/core/error.h"
#include "proxseg/core/text.h"
#include "proxseg/media/inspect.h"

namespace proxseg::cli {
namespace {

struct InspectArguments {
  std::string input;
  bool json = false;
};

void inspect(const InspectArguments& arguments) {
  const SequenceReport report = inspect_sequence(arguments.input);
  if (arguments.json) {
    fmt::print("{}", json_text(to_json(report)));
  } else {
    say("{}", to_text(report));
  }
  const auto* refusal = report.refusal();
  if (refusal == nullptr) return;
  throw InputError(fmt::format("'{}' would be refused at {}: {}", arguments.input, refusal->frame,
                               refusal->reason),
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
             "Folder of images, one image, quoted glob, video file or sequence folder of CDnet, "
             "LASIESTA or SBMnet")
      ->required();
  command->add_flag("--json", arguments->json, "Print the report as JSON");
  add_log_options(*command);
}

}  // namespace proxseg::cli
