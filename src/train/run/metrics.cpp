#include "train/run/metrics.h"

#include <fmt/format.h>

#include <sstream>

#include "proxseg/core/file.h"
#include "proxseg/core/text.h"

namespace proxseg {
namespace {

constexpr const char* kTerms[] = {"nuclear", "l1", "group_l1", "tv"};

std::string header() {
  return "step,loss,nuclear,l1,group_l1,tv,learned_rank,sparsity,learning_rate,seconds\n";
}

double term(const StepReport& report, const std::string& name) {
  for (const auto& [key, value] : report.terms) {
    if (key == name) return value;
  }
  return 0.0;
}

// Returns path.
const std::filesystem::path& keep_rows_before(const std::filesystem::path& path,
                                              int64_t first_step) {
  std::string kept = header();
  if (first_step > 0 && std::filesystem::exists(path)) {
    std::istringstream rows(read_file(path));
    std::string row;
    std::getline(rows, row);
    // A row without an end is one that a killed process was writing.
    while (std::getline(rows, row) && !rows.eof() &&
           parse_number<int64_t>(row.substr(0, row.find(','))).value_or(0) < first_step) {
      kept += row + "\n";
    }
  }
  write_file_atomically(path, kept);
  return path;
}

}  // namespace

MetricsLog::MetricsLog(const std::filesystem::path& path, int64_t first_step)
    : file_(keep_rows_before(path, first_step)) {}

void MetricsLog::add(const StepReport& report) {
  std::string row = fmt::format("{},{:.9g}", report.step, report.loss);
  for (const char* name : kTerms) row += fmt::format(",{:.9g}", term(report, name));
  row += fmt::format(",{:.6g},{:.6g},{:.6g},{:.4f}\n", report.learned_rank, report.sparsity,
                     report.learning_rate, report.seconds);
  file_.append(row);
}

}  // namespace proxseg
