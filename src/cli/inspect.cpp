#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>

#include "cli/command.h"
#include "cli/log.h"
#include "cli/process.h"
#include "proxseg/core/error.h"
#include "proxseg/core/text.h"
#include "proxseg/media/inspect.h"
#include "proxseg/media/sequences.h"
#include "proxseg/recipe/load.h"
#include "proxseg/workflow/sweep/trial.h"

namespace proxseg::cli {
namespace {

struct InspectArguments {
  std::string input;
  bool estimates = false;
  bool json = false;
};

// What run and train would say; "" if they take it.
std::string refusal_of(const SequenceReport& report) {
  const auto* refusal = report.refusal();
  if (refusal == nullptr) return "";
  if (refusal->frame.empty()) return refusal->reason;
  return fmt::format("'{}' would be refused at {}: {}", report.path, refusal->frame,
                     refusal->reason);
}

// Of one among others, which are looked at even if this one cannot be opened.
SequenceReport report_of(const NamedSequence& sequence) {
  try {
    return inspect_sequence(sequence.path);
  } catch (const InputError& error) {
    SequenceReport report;
    report.name = sequence.name;
    report.path = sequence.path;
    report.problems.push_back({"", error.what()});
    return report;
  }
}

// What train would take with the default recipe.
nlohmann::json estimate_for(const NamedSequence& sequence) {
  WorkCallbacks callbacks;
  callbacks.on_recipe = start_libraries;
  callbacks.should_stop = interrupt_requested;
  const ResolvedRecipe recipe = resolve_recipe("default");
  const TrialCost cost = measure_cost(recipe, sequence, /*has_ground_truth=*/false,
                                      recipe.recipe.threads, seconds_since_start(), callbacks);
  const auto steps = static_cast<double>(recipe.recipe.train.steps);
  return {{"seconds", cost.seconds + steps * cost.step_seconds}, {"bytes", cost.bytes}};
}

void inspect(const InspectArguments& arguments) {
  if (!arguments.estimates) end_at_first_interrupt();
  const auto sequences = find_sequences(arguments.input);
  std::string refused;
  auto reports = nlohmann::json::array();
  for (const NamedSequence& sequence : sequences) {
    const SequenceReport report =
        sequences.size() == 1 ? inspect_sequence(sequence.path) : report_of(sequence);
    nlohmann::json json = to_json(report);
    if (!arguments.json) say("{}", to_text(report));
    if (arguments.estimates && report.refusal() == nullptr) {
      const nlohmann::json& estimate = json["training"] = estimate_for(sequence);
      if (!arguments.json) {
        fmt::print("  {:<13} about {} and {:.0f} MB with the default recipe\n", "training",
                   format_duration(estimate["seconds"]), estimate["bytes"].get<double>() / 1e6);
      }
    }
    reports.push_back(std::move(json));
    if (refused.empty()) refused = refusal_of(report);
  }
  if (arguments.json) {
    fmt::print("{}", json_text(sequences.size() == 1 ? reports.front() : reports));
  }
  if (refused.empty()) return;
  throw InputError(
      refused,
      "Mend it. Frames that cannot be read, though none that is unlike the others, are left out with "
      "--set input.on_error=skip.");
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
  command->add_flag("--estimate", arguments->estimates,
                    "Also train for a few steps, and say what train would take in time and memory");
  command->add_flag("--json", arguments->json, "Print the report as JSON");
  add_log_options(*command);
}

}  // namespace proxseg::cli
