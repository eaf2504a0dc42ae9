#include "proxseg/workflow/report/report.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "proxseg/core/clock.h"
#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/media/dataset.h"
#include "proxseg/segment/network_segmenter.h"
#include "proxseg/workflow/report/result_table.h"
#include "proxseg/workflow/sweep/launcher.h"
#include "proxseg/workflow/sweep/sweep_page.h"
#include "proxseg/workflow/sweep/trial.h"
#include "workflow/report/html.h"
#include "workflow/sweep/trial_index.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

constexpr int64_t kFrames = 24;      // shown of all sequences together
constexpr int64_t kLeastFrames = 4;  // of each
constexpr size_t kSequences = 8;     // shown of those that a network was trained on
constexpr int64_t kComparedFrames = 12;

void stop_if_asked(const WorkCallbacks& callbacks) {
  if (callbacks.should_stop()) throw Error(ExitCode::kInterrupted, "stopped; nothing was written");
}

// The trained network, or as far as a run has come; null if there is none yet, or none that can be
// read.
std::unique_ptr<NetworkSegmenter> network_of(const RunRecord& run, const ReportOptions& options,
                                             std::vector<std::string>& notes) {
  for (const fs::path& folder : {run.folder, run.folder / "checkpoints" / "last"}) {
    if (!is_there(folder / "model.safetensors")) continue;
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

// The masks that were made of a run's sequence: in its folder by run, beside it by a trial of a
// sweep and by compare; empty where there are none.
fs::path masks_of(const fs::path& run) {
  if (is_folder(run / "mask")) return run;
  const auto place = place_in_sweep(run);
  const fs::path masks = place ? trial_folder(place->sweep, place->trial) / "masks"
                               : (run / "").parent_path().parent_path() / "proxseg";
  return is_folder(masks) ? masks : fs::path();
}

// trial: null where the run is of no sweep. sweep_page: what to link to, if it is there.
RunContext context_of(const fs::path& run, const Trial* trial, const fs::path& page,
                      const fs::path& sweep_page) {
  const auto place = place_in_sweep(run);
  if (!place) return {};
  RunContext context{.sweep = place->sweep.filename().string(), .trial = place->trial};
  if (is_there(sweep_page)) context.link = relative_link(sweep_page, page);
  if (trial && trial->result) {
    context.f_measure = trial->result->f_measure;
    context.seconds = trial->result->seconds;
  }
  return context;
}

// Own masks of other frames than those of the ground truth are left out, unless the caller names it, or masks: then they
// are doubted.
std::optional<SequenceEvaluation> evaluation_of_same_frames(const RunRecord& run,
                                                            const fs::path& truth,
                                                            const ReportOptions& wanted) {
  const fs::path folder = wanted.masks.empty() ? masks_of(run.folder) : wanted.masks;
  const auto doubt = doubt_about_frames(folder, truth.string());
  if (doubt && wanted.masks.empty() && wanted.ground_truth.empty()) {
    spdlog::warn("the masks of {} are not measured: {}", run.name, *doubt);
    return std::nullopt;
  }
  auto evaluation = evaluation_of(run, truth, wanted.masks);
  if (evaluation && doubt) evaluation->warnings.push_back(*doubt);
  return evaluation;
}

void note_other_files(const std::string& input, const fs::path& truth,
                      std::vector<std::string>& notes) {
  if (fingerprint_of(input).sha256 == fingerprint_of(truth.string()).sha256) return;
  const std::string note = fmt::format(
      "The frames of '{}' are other files than those of '{}', whose labels measure their masks: that means nothing "
      "unless the frames of a number show the same in both",
      input, truth.string());
  spdlog::warn("{}", note);
  notes.push_back(note + ".");
}

void note_warnings(const SequenceEvaluation& evaluation, std::vector<std::string>& notes) {
  for (const std::string& warning : evaluation.warnings) {
    const std::string whole = fmt::format("{}: {}", evaluation.score.name, warning);
    spdlog::warn("{}", whole);
    notes.push_back(whole + ".");
  }
}

Gallery gallery_of(Segmenter& segmenter, const RunRecord& run, const NamedSequence& input,
                   const ReportOptions& wanted, const WorkCallbacks& callbacks,
                   std::vector<std::string>& notes) {
  GalleryOptions options = gallery_options(run.recipe.recipe, input, run.inputs.size());
  if (!wanted.ground_truth.empty()) options.ground_truth = wanted.ground_truth;
  if (!options.ground_truth.empty()) {
    options.evaluation = evaluation_of_same_frames(run, options.ground_truth, wanted);
    if (options.evaluation) {
      note_warnings(*options.evaluation, notes);
    } else if (!wanted.ground_truth.empty()) {
      note_other_files(input.path, wanted.ground_truth, notes);
    }
  } else if (!wanted.masks.empty()) {
    throw UsageError("--masks needs ground truth, and the run's input has none",
                     "Give it by --ground-truth.");
  }
  return make_gallery(segmenter, input, options, [&](int64_t done, int64_t total) {
    stop_if_asked(callbacks);
    callbacks.on_progress(input.name, "frames", done, total);
  });
}

// What lies in the place of the run's frames by now may be others.
void note_replaced_inputs(const RunRecord& run, std::vector<std::string>& notes) {
  try {
    (void)inputs_of_run(run.folder);
  } catch (const Error& error) {
    spdlog::warn("{}", error.what());
    notes.push_back(fmt::format("{}.", error.what()));
  }
}

std::string page_of(const RunRecord& run, const ReportOptions& options, const fs::path& page,
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
      galleries.push_back(gallery_of(*segmenter, run, input, options, callbacks, notes));
    } catch (const InputError& error) {
      if (given) throw;
      spdlog::warn("{} is not shown: {}", input.name, error.what());
      notes.push_back(fmt::format("{} is not shown: {}.", input.name, error.what()));
    }
  }
  if (galleries.size() == shown) note_replaced_inputs(run, notes);
  const auto place = place_in_sweep(run.folder);
  const fs::path sweep_page = place ? place->sweep / "report.html" : fs::path();
  TrialIndex trials;
  return run_page(run, galleries, notes,
                  context_of(run.folder, trials.find(run.folder), page, sweep_page));
}

// ---- several runs

// A trial of a sweep: as its ledger says.
MeasuredRun measured_run(const fs::path& folder, TrialIndex& trials) {
  MeasuredRun result{read_run(folder), {}};
  const Trial* trial = trials.find(folder);
  if (trial && trial->result && trial->result->f_measure) {
    result.measures.emplace().f_measure = *trial->result->f_measure;
    return result;
  }
  if (result.run.inputs.size() != 1) return result;
  const fs::path truth = ground_truth_of(result.run.inputs.front());
  if (truth.empty()) return result;
  if (const auto evaluation = evaluation_of_same_frames(result.run, truth, {.path = folder})) {
    result.measures = evaluation->score.measures;
  }
  return result;
}

// Trials of a sweep are measured on frames that they share, other runs on those that they are
// trained on. Runs of both kinds are compared by the latter. Runs: of MeasuredRun or ComparedRun.
template <typename Runs>
void measure_alike(Runs& runs) {
  if (are_trials(runs)) return;
  for (auto& one : runs) {
    if (!one.run.summary) continue;
    one.run.summary->sequence_loss.reset();
    one.run.summary->sequence_score.reset();
  }
}

std::string page_of_tree(const fs::path& tree, const fs::path& page,
                         const WorkCallbacks& callbacks) {
  const std::vector<fs::path> folders = find_runs(tree);
  std::vector<MeasuredRun> runs;
  TrialIndex trials;
  int64_t done = 0;
  for (const fs::path& folder : folders) {
    stop_if_asked(callbacks);
    try {
      runs.push_back(measured_run(folder, trials));
      runs.back().run.name = folder.lexically_relative(tree).string();
    } catch (const Error& error) {
      spdlog::warn("'{}' is left out: {}", folder.string(), error.what());
    }
    callbacks.on_progress("report", "runs", ++done, static_cast<int64_t>(folders.size()));
  }
  if (runs.empty()) throw InputError(fmt::format("no run in '{}' can be shown", tree.string()));
  measure_alike(runs);
  const size_t shown = runs.size();
  const fs::path whole = fs::weakly_canonical(tree);
  ResultTable table = table_of(whole.filename().string(), std::move(runs), page);
  if (shown < folders.size()) {
    table.note += fmt::format(", and {} that could not be read", folders.size() - shown);
  }
  return table_page(table);
}

// The name of its folder, or of its trial; its path where another run has that name, too.
void name_runs(std::vector<ComparedRun>& runs) {
  std::map<std::string, int> count;
  for (ComparedRun& compared : runs) {
    const auto place = place_in_sweep(compared.run.folder);
    compared.name = place ? place->trial : compared.run.name;
    ++count[compared.name];
  }
  for (ComparedRun& compared : runs) {
    if (count[compared.name] > 1) compared.name = compared.run.folder.string();
  }
}

// Alike for one folder, however it was written.
fs::path normal_path(const std::string& path) { return (fs::path(path) / "").lexically_normal(); }

// The first sequence that all runs were trained on.
std::optional<NamedSequence> shared_sequence(const std::vector<ComparedRun>& runs) {
  for (const NamedSequence& input : runs.front().run.inputs) {
    const auto has_it = [&](const ComparedRun& one) {
      return std::ranges::any_of(one.run.inputs, [&](const NamedSequence& other) {
        return normal_path(other.path) == normal_path(input.path);
      });
    };
    if (std::ranges::all_of(runs, has_it)) return input;
  }
  return std::nullopt;
}

// The only sequence of a run, where it is still to be measured there.
std::optional<NamedSequence> sequence_to_measure(const ComparedRun& compared) {
  const auto& inputs = compared.run.inputs;
  if (compared.f_measure || inputs.size() != 1) return std::nullopt;
  return ground_truth_of(inputs.front()).empty() ? std::nullopt : std::optional(inputs.front());
}

// What one run makes of the sequence. all_measured: no run has to be measured here.
Gallery gallery_to_compare(const ComparedRun& compared, const NamedSequence& input,
                           bool all_measured, const ReportOptions& options,
                           const WorkCallbacks& callbacks, std::vector<std::string>& notes) {
  std::vector<std::string> problems;
  const auto segmenter = network_of(compared.run, options, problems);
  for (const std::string& problem : problems) {
    notes.push_back(fmt::format("{}: {}", compared.name, problem));
  }
  if (!segmenter) return {};
  GalleryOptions wanted = gallery_options(compared.run.recipe.recipe, input);
  wanted.frames = kComparedFrames;
  if (all_measured) wanted.labelled_frames = kComparedFrames;
  return make_gallery(*segmenter, input, wanted, [&](int64_t done, int64_t total) {
    stop_if_asked(callbacks);
    callbacks.on_progress(compared.name, "frames", done, total);
  });
}

// Frames of the sequence that all share, and the F-measure of runs that left no masks, as on their
// own pages.
void add_galleries(std::vector<ComparedRun>& runs, const std::optional<NamedSequence>& shared,
                   const ReportOptions& options, const WorkCallbacks& callbacks,
                   std::vector<std::string>& notes) {
  const bool all_measured = std::ranges::none_of(
      runs, [](const ComparedRun& one) { return sequence_to_measure(one).has_value(); });
  for (ComparedRun& compared : runs) {
    const auto own = sequence_to_measure(compared);
    const auto sequence = shared ? shared : own;
    if (!sequence) continue;
    try {
      Gallery gallery =
          gallery_to_compare(compared, *sequence, all_measured, options, callbacks, notes);
      if (own && gallery.truth) {
        compared.f_measure = gallery.truth->evaluation.score.measures.f_measure;
      }
      if (shared) compared.frames = std::move(gallery.frames);
    } catch (const InputError& error) {
      spdlog::warn("{} is not shown: {}", sequence->name, error.what());
      notes.push_back(fmt::format("{} is not shown: {}.", sequence->name, error.what()));
      if (shared) break;
    }
  }
}

void expect_different(const std::vector<fs::path>& folders) {
  std::set<fs::path> known;
  for (const fs::path& folder : folders) {
    std::error_code ignored;
    if (known.insert(fs::weakly_canonical(folder, ignored)).second) continue;
    throw UsageError(fmt::format("'{}' is given twice", folder.string()),
                     "A run is compared with others.");
  }
}

std::string page_of_comparison(const ReportOptions& options, const fs::path& page,
                               const WorkCallbacks& callbacks) {
  std::vector<fs::path> folders = {options.path};
  folders.insert(folders.end(), options.others.begin(), options.others.end());
  expect_different(folders);
  std::vector<ComparedRun> runs;
  TrialIndex trials;
  for (const fs::path& folder : folders) {
    if (!is_run(folder) && is_sweep(folder)) {
      throw InputError(fmt::format("'{}' is a sweep, and runs are compared", folder.string()),
                       "Give runs of its trials, or the sweep alone for its page.");
    }
    MeasuredRun measured = measured_run(folder, trials);
    ComparedRun& compared = runs.emplace_back();
    compared.run = std::move(measured.run);
    if (measured.measures) compared.f_measure = measured.measures->f_measure;
    compared.link = link_to_run(folder, page);
  }
  name_runs(runs);
  measure_alike(runs);
  std::vector<std::string> notes;
  const auto input = shared_sequence(runs);
  if (!input) notes.emplace_back("No sequence is shown: the runs have none in common.");
  callbacks.on_recipe(runs.front().run.recipe.recipe);
  add_galleries(runs, input, options, callbacks, notes);
  return comparison_page(runs, notes);
}

// In the sweep that the first run is a trial of, else beside it.
fs::path place_of_comparison(const fs::path& run) {
  if (const auto place = place_in_sweep(run)) return place->sweep / "comparison.html";
  const fs::path beside =
      fs::absolute(run / "").lexically_normal().parent_path().parent_path() / "comparison.html";
  return run.is_absolute() ? beside : beside.lexically_proximate(fs::current_path());
}

// ---- sweeps

// Whether the page of a run is there and newer than what it shows.
bool is_up_to_date(const fs::path& run) {
  std::error_code no_page, no_summary;
  const auto page = fs::last_write_time(run / "report.html", no_page);
  const auto summary = fs::last_write_time(run / "summary.json", no_summary);
  return !no_page && (no_summary || page >= summary);
}

// The pages of the runs of trials that are done, where they are missing. They hold no frames, which
// makes them cheap.
void write_trial_pages(const fs::path& sweep, const fs::path& sweep_page,
                       const WorkCallbacks& callbacks) {
  const std::vector<Trial> trials = Ledger(sweep).trials();
  for (const Trial& trial : trials) {
    const fs::path run = trial_folder(sweep, trial.id) / "run";
    if (trial.state != TrialState::kDone || is_up_to_date(run)) continue;
    stop_if_asked(callbacks);
    try {
      RunContext context = context_of(run, &trial, run / "report.html", sweep_page);
      context.link = relative_link(sweep_page, run / "report.html");
      context.is_brief = true;
      write_file_atomically(run / "report.html", run_page(read_run(run), {}, {}, context));
    } catch (const Error& error) {
      spdlog::warn("the run of trial {} has no page: {}", trial.id, error.what());
    }
  }
}

// The last page that is written does not load itself again.
void write_sweep_page(const fs::path& sweep, const fs::path& page, int64_t refresh,
                      const WorkCallbacks& callbacks) {
  const Ledger ledger(sweep);
  SweepWatch watch;
  const auto is_live = [&] {
    return watch.look(ledger, ledger.trials()) == SweepActivity::kAtWork;
  };
  const auto seconds = static_cast<double>(refresh);
  bool goes_on = refresh > 0 && is_live();
  if (goes_on) {
    callbacks.on_stage(
        fmt::format("{} is written every {} s until nothing runs any more, or until Ctrl-C",
                    page.string(), refresh));
  }
  while (goes_on) {
    write_trial_pages(sweep, page, callbacks);
    write_file_atomically(page, table_page(table_of_sweep(sweep, page), refresh));
    goes_on = pause_for(seconds, callbacks.should_stop) && is_live();
  }
  if (refresh == 0 || !callbacks.should_stop()) write_trial_pages(sweep, page, callbacks);
  write_file_atomically(page, table_page(table_of_sweep(sweep, page)));
}

}  // namespace

GalleryOptions gallery_options(const Recipe& recipe, const NamedSequence& input, size_t inputs) {
  GalleryOptions options;
  options.frames = std::max<int64_t>(kLeastFrames, kFrames / static_cast<int64_t>(inputs));
  options.roi = recipe.input.roi;
  options.levels = recipe.input.levels;
  options.ground_truth = ground_truth_of(input);
  return options;
}

std::optional<SequenceEvaluation> evaluation_of(const RunRecord& run, const fs::path& truth,
                                                const fs::path& masks) {
  if (!masks.empty()) return evaluate_sequence(masks, truth);
  if (run.inputs.size() != 1) return std::nullopt;
  const fs::path own = masks_of(run.folder);
  if (own.empty()) return std::nullopt;
  try {
    return evaluate_sequence(own, truth);
  } catch (const InputError& error) {
    spdlog::warn("the masks of {} are not measured: {}", run.name, error.what());
    return std::nullopt;
  }
}

fs::path write_report(const ReportOptions& options, const WorkCallbacks& callbacks) {
  const fs::path& path = options.path;
  const bool is_of_one = options.others.empty() && (is_run(path) || !is_folder(path));
  const bool is_of_sweep = options.others.empty() && !is_of_one && is_sweep(path);
  if (!is_of_one && !(options.masks.empty() && options.ground_truth.empty())) {
    throw UsageError("--masks and --ground-truth are for the report of one run");
  }
  if (!is_of_sweep && options.refresh > 0) {
    throw UsageError("--refresh is for the report of a sweep");
  }
  fs::path page = options.output;
  if (page.empty()) {
    page = options.others.empty() ? path / "report.html" : place_of_comparison(path);
  }
  expect_own_page(page);
  if (is_of_sweep) {
    write_sweep_page(path, page, options.refresh, callbacks);
    return page;
  }
  write_file_atomically(page, !options.others.empty() ? page_of_comparison(options, page, callbacks)
                              : is_of_one ? page_of(read_run(path), options, page, callbacks)
                                          : page_of_tree(path, page, callbacks));
  return page;
}

}  // namespace proxseg
