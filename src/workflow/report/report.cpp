#include "proxseg/workflow/report/report.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>

#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/media/dataset.h"
#include "proxseg/segment/network_segmenter.h"
#include "proxseg/workflow/report/result_table.h"
#include "proxseg/workflow/sweep/results.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

constexpr int64_t kFrames = 24;      // shown of all sequences together
constexpr int64_t kLeastFrames = 4;  // of each
constexpr size_t kSequences = 8;     // shown of those that a network was trained on

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

void stop_if_asked(const WorkCallbacks& callbacks) {
  if (callbacks.should_stop()) throw Error(ExitCode::kInterrupted, "stopped; nothing was written");
}

// The trained network, or as far as a run has come; null if there is none yet, or none that can be
// read.
std::unique_ptr<NetworkSegmenter> network_of(const RunRecord& run, const ReportOptions& options,
                                             std::vector<std::string>& notes) {
  std::error_code ignored;
  for (const fs::path& folder : {run.folder, run.folder / "checkpoints" / "last"}) {
    if (!fs::exists(folder / "model.safetensors", ignored)) continue;
    try {
      return std::make_unique<NetworkSegmenter>(load_model(folder, options.changes));
    } catch (const ModelError& error) {
      notes.push_back(fmt::format("There are no frames: {}.", error.what()));
      return nullptr;
    }
  }
  notes.emplace_back("There is no network to show frames with yet.");
  return nullptr;
}

// Empty if there is none.
fs::path ground_truth_of(const NamedSequence& input) {
  return has_labels(input.path) ? fs::path(input.path) : fs::path();
}

Gallery gallery_of(Segmenter& segmenter, const RunRecord& run, const NamedSequence& input,
                   const ReportOptions& wanted, const WorkCallbacks& callbacks) {
  GalleryOptions options = gallery_options(run.recipe.recipe, input, run.inputs.size());
  if (!wanted.ground_truth.empty()) options.ground_truth = wanted.ground_truth;
  if (!options.ground_truth.empty()) {
    options.evaluation = evaluation_of(run, options.ground_truth, wanted.masks);
  } else if (!wanted.masks.empty()) {
    throw UsageError("--masks needs ground truth, and the run's input has none",
                     "Give it by --ground-truth.");
  }
  return make_gallery(segmenter, input, options, [&](int64_t done, int64_t total) {
    stop_if_asked(callbacks);
    callbacks.on_progress(input.name, "frames", done, total);
  });
}

std::string page_of(const RunRecord& run, const ReportOptions& options,
                    const WorkCallbacks& callbacks) {
  const bool given = !options.masks.empty() || !options.ground_truth.empty();
  if (given && run.inputs.size() != 1) {
    throw UsageError("--masks and --ground-truth are of one sequence, and the run has several");
  }
  callbacks.on_recipe(run.recipe.recipe);
  std::vector<std::string> notes;
  const auto segmenter = network_of(run, options, notes);
  std::vector<Gallery> galleries;
  const size_t shown = segmenter ? std::min(kSequences, run.inputs.size()) : 0;
  if (segmenter && shown < run.inputs.size()) {
    notes.push_back(
        fmt::format("The first {} of {} sequences are shown.", shown, run.inputs.size()));
  }
  for (size_t i = 0; i < shown; ++i) {
    const NamedSequence& input = run.inputs[i];
    try {
      galleries.push_back(gallery_of(*segmenter, run, input, options, callbacks));
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
  if (const auto evaluation = evaluation_of(result.run, truth, {})) {
    result.measures = evaluation->score.measures;
  }
  return result;
}

std::string page_of_tree(const fs::path& tree, const fs::path& page,
                         const WorkCallbacks& callbacks) {
  const std::vector<fs::path> folders = find_runs(tree);
  std::vector<MeasuredRun> runs;
  int64_t done = 0;
  for (const fs::path& folder : folders) {
    stop_if_asked(callbacks);
    try {
      runs.push_back(measured_run(folder));
      runs.back().run.name = folder.lexically_relative(tree).string();
    } catch (const Error& error) {
      spdlog::warn("'{}' is left out: {}", folder.string(), error.what());
    }
    callbacks.on_progress("report", "runs", ++done, static_cast<int64_t>(folders.size()));
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

GalleryOptions gallery_options(const Recipe& recipe, const NamedSequence& input, size_t inputs) {
  GalleryOptions options;
  options.frames = std::max<int64_t>(kLeastFrames, kFrames / static_cast<int64_t>(inputs));
  options.roi = recipe.input.roi;
  options.ground_truth = ground_truth_of(input);
  return options;
}

std::optional<SequenceEvaluation> evaluation_of(const RunRecord& run, const fs::path& truth,
                                                const fs::path& masks) {
  if (!masks.empty()) return evaluate_sequence(masks, truth);
  if (run.inputs.size() != 1 || !is_folder(run.folder / "mask")) return std::nullopt;
  try {
    return evaluate_sequence(run.folder, truth);
  } catch (const InputError& error) {
    spdlog::warn("the masks of {} are not measured: {}", run.name, error.what());
    return std::nullopt;
  }
}

fs::path write_report(const ReportOptions& options, const WorkCallbacks& callbacks) {
  const fs::path& path = options.path;
  fs::path page = options.output.empty() ? path / "report.html" : options.output;
  if (is_run(path) || !is_folder(path)) {
    write_file_atomically(page, page_of(read_run(path), options, callbacks));
    return page;
  }
  if (!options.masks.empty() || !options.ground_truth.empty()) {
    throw UsageError("--masks and --ground-truth are for the report of one run");
  }
  write_file_atomically(page, is_sweep(path) ? table_page(table_of_sweep(path, page))
                                             : page_of_tree(path, page, callbacks));
  return page;
}

}  // namespace proxseg
