#include <fmt/format.h>

#include <memory>

#include "cli/command.h"
#include "cli/libraries.h"
#include "cli/reporting.h"
#include "proxseg/workflow/report/run_record.h"

namespace proxseg::cli {
namespace {

void report(const ReportArguments& arguments) {
  if (is_run(arguments.path)) start_libraries(read_run(arguments.path).recipe.recipe);
  fmt::print("report:     {}\n", write_report(arguments).string());
}

}  // namespace

void add_report(CLI::App& app) {
  auto* command = app.add_subcommand(
      "report",
      "Show a run, or compare the trials of a sweep or the runs of a tree, in one self-contained "
      "HTML page");
  const auto arguments = std::make_shared<ReportArguments>();
  command
      ->add_option("RUN", arguments->path,
                   "Folder that train, run or sweep wrote, or a tree of runs")
      ->required()
      ->option_text(" ");
  command->add_option("--output,-o", arguments->output, "The page; else report.html in that folder")
      ->option_text("FILE");
  command
      ->add_option("--masks", arguments->masks,
                   "Measure the masks in this folder; else those in the run, else what the network "
                   "makes of up to 200 frames")
      ->option_text("DIR");
  command
      ->add_option("--ground-truth", arguments->ground_truth,
                   "CDnet sequence folder with groundtruth/; else the run's input, if it is one")
      ->option_text("SEQ");
  command->callback([arguments] { report(*arguments); });
  command->footer(
      "Examples:\n"
      "  proxseg report runs/synthetic\n"
      "  proxseg report runs --output runs.html\n"
      "  proxseg report runs/sweep\n"
      "  proxseg report runs/highway --masks masks --ground-truth dataset/highway");
}

}  // namespace proxseg::cli
