#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "cli/command.h"
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
  fmt::print("{}", arguments.json ? json_text(to_json(report)) : to_text(report));
  const auto* refusal = report.refusal();
  if (refusal == nullptr) return;
  throw InputError(fmt::format("'{}' would be refused at {}: {}", arguments.input, refusal->frame,
                               refusal->reason),
                   "Mend it, or leave unreadable frames out with --set input.on_error=skip.");
}

}  // namespace

void add_inspect(CLI::App& app) {
  auto* command = app.add_subcommand(
      "inspect", "Read a whole sequence and say what is in it and what is wrong with it");
  const auto arguments = std::make_shared<InspectArguments>();
  command
      ->add_option(
          "--input,input", arguments->input,
          "Folder of images, one image, quoted glob, video file or sequence folder of CDnet, "
          "LASIESTA or SBMnet")
      ->required()
      ->option_text("PATH");
  command->add_flag("--json", arguments->json, "Print the report as JSON");
  command->callback([arguments] { inspect(*arguments); });
  command->footer(
      "Examples:\n"
      "  proxseg inspect data/synthetic\n"
      "  proxseg inspect 'frames/*.png'\n"
      "  proxseg inspect clip.mp4 --json");
}

}  // namespace proxseg::cli
