#include "cli/reporting.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>

#include "cli/interrupt.h"
#include "cli/progress.h"
#include "cli/sweep_page.h"
#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/segment/network_segmenter.h"
#include "proxseg/workflow/report/result_table.h"
#include "proxseg/workflow/report/run_page.h"

namespace proxseg::cli {
namespace fs = std::filesystem;
namespace {

constexpr int64_t kFrames = 24;   // shown of all sequences together
constexpr size_t kSequences = 8;  // shown of those that a network was trained on

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

void stop_if_asked() {
  if (interrupt_requested()) throw Error(ExitCode::kInterrupted, "stopped; nothing was written");
}

// The trained network, or as far as a run has come; null if there is none yet.
std::unique_ptr<NetworkSegmenter> network_of(const fs::path& run) {
  std::error_code ignored;
  for (const fs::path& folder : {run, run / "checkpoints" / "last"}) {
    if (!fs::exists(folder / "model.safetensors", ignored)) continue;
    return std::make_unique<NetworkSegmenter>(load_model(folder));
  }
  return nullptr;
}

// Of the masks that are asked for, else of those that the command run left in the folder of its
// run, which may not be of every frame.
std::optional<SequenceEvaluation> evaluation_of(const RunRecord& run, const fs::path& truth,
                                                const std::string& masks) {
  if (!masks.empty()) return evaluate_sequence(masks, truth);
  if (run.inputs.size() != 1 || !is_folder(run.folder / "mask")) return std::nullopt;
  try {
    return evaluate_sequence(run.folder, truth);
  } catch (const InputError& error) {
    spdlog::warn("the masks of {} are not measured: {}", run.name, error.what());
    return std::nullopt;
  }
}

// Empty if there is none.
fs::path ground_truth_of(const NamedSequence& input) {
  return is_folder(fs::path(input.path) / "groundtruth") ? fs::path(input.path) : fs::path();
}

Gallery gallery_of(Segmenter& segmenter, const RunRecord& run, const NamedSequence& input,
                   const ReportArguments& arguments) {
  GalleryOptions options;
  options.frames = std::max<int64_t>(4, kFrames / static_cast<int64_t>(run.inputs.size()));
  options.roi = run.recipe.recipe.input.roi;
  options.ground_truth = arguments.ground_truth;
  if (options.ground_truth.empty()) options.ground_truth = ground_truth_of(input);
  if (!options.ground_truth.empty()) {
    options.evaluation = evaluation_of(run, options.ground_truth, arguments.masks);
  } else if (!arguments.masks.empty()) {
    throw UsageError("--masks needs ground truth, and the run's input has none",
                     "Give it by --ground-truth.");
  }
  Progress progress(input.name, "frames");
  return make_gallery(segmenter, input, options, [&](int64_t done, int64_t total) {
    stop_if_asked();
    progress.update(done, total);
  });
}

std::string page_of(const RunRecord& run, const ReportArguments& arguments) {
  const bool given = !arguments.masks.empty() || !arguments.ground_truth.empty();
  if (given && run.inputs.size() != 1) {
    throw UsageError("--masks and --ground-truth are of one sequence, and the run has several");
  }
  const auto segmenter = network_of(run.folder);
  if (!segmenter) return run_page(run, {}, {"There is no network to show frames with yet."});
  std::vector<Gallery> galleries;
  std::vector<std::string> notes;
  const size_t shown = std::min(kSequences, run.inputs.size());
  if (shown < run.inputs.size()) {
    notes.push_back(
        fmt::format("The first {} of {} sequences are shown.", shown, run.inputs.size()));
  }
  for (size_t i = 0; i < shown; ++i) {
    const NamedSequence& input = run.inputs[i];
    try {
      galleries.push_back(gallery_of(*segmenter, run, input, arguments));
    } catch (const InputError& error) {
      if (given) throw;
      spdlog::warn("{} is not shown: {}", input.name, error.what());
      notes.push_back(fmt::format("{} is not shown: {}.", input.name, error.what()));
    }
  }
  return run_page(run, galleries, notes);
}

MeasuredRun measured_run(const fs::path& folder) {
  MeasuredRun result{read_run(folder), {}};
  if (result.run.inputs.size() != 1) return result;
  const fs::path truth = ground_truth_of(result.run.inputs.front());
  if (truth.empty()) return result;
  if (const auto evaluation = evaluation_of(result.run, truth, "")) {
    result.measures = evaluation->score.measures;
  }
  return result;
}

std::string page_of_tree(const fs::path& tree, const fs::path& page) {
  const std::vector<fs::path> folders = find_runs(tree);
  std::vector<MeasuredRun> runs;
  Progress progress("report", "runs");
  int64_t done = 0;
  for (const fs::path& folder : folders) {
    stop_if_asked();
    try {
      runs.push_back(measured_run(folder));
      runs.back().run.name = folder.lexically_relative(tree).string();
    } catch (const Error& error) {
      spdlog::warn("'{}' is left out: {}", folder.string(), error.what());
    }
    progress.update(++done, static_cast<int64_t>(folders.size()));
  }
  if (runs.empty()) throw InputError(fmt::format("no run in '{}' can be shown", tree.string()));
  const size_t shown = runs.size();
  const fs::path whole = fs::weakly_canonical(tree);
  ResultTable table = table_of(whole.filename().string(), std::move(runs), page);
  if (shown < folders.size()) {
    table.note += fmt::format(", and {} that could not be read", folders.size() - shown);
  }
  return table_page(table);
}

}  // namespace

fs::path write_report(const ReportArguments& arguments) {
  const fs::path path = arguments.path;
  fs::path page = arguments.output.empty() ? path / "report.html" : fs::path(arguments.output);
  if (is_run(path) || !is_folder(path)) {
    write_file_atomically(page, page_of(read_run(path), arguments));
    return page;
  }
  if (!arguments.masks.empty() || !arguments.ground_truth.empty()) {
    throw UsageError("--masks and --ground-truth are for the report of one run");
  }
  write_file_atomically(
      page, is_sweep(path) ? table_page(table_of_sweep(path, page)) : page_of_tree(path, page));
  return page;
}

}  // namespace proxseg::cli
