// Reports as the commands report and run write them.
#pragma once

#include <filesystem>
#include <string>

namespace proxseg::cli {

struct ReportArguments {
  std::string path;               // a run, a sweep, or a tree of runs
  std::string output = {};        // else report.html in path
  std::string masks = {};         // else those in the run's folder, if it has any
  std::string ground_truth = {};  // else that of the run's input, if it has any
};

// Returns the page's path. Of one run, its libraries must have been started. Throws InputError if
// there is no run; UsageError if masks or ground truth are given and there is not one sequence that
// they could be of.
std::filesystem::path write_report(const ReportArguments& arguments);

}  // namespace proxseg::cli
