// The page of a run, of runs to compare, a sweep or a tree of runs, made from the files on disk.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "proxseg/workflow/pipeline.h"
#include "proxseg/workflow/report/gallery.h"
#include "proxseg/workflow/report/run_record.h"

namespace proxseg {

struct ReportOptions {
  std::filesystem::path path;                      // a run, a sweep, or a tree of runs
  std::vector<std::filesystem::path> others = {};  // runs to compare with path, which is one
  // Else report.html in path; of several runs comparison.html in their sweep, or beside path.
  std::filesystem::path output = {};
  std::filesystem::path masks = {};         // else those in the run's folder, if it has any
  std::filesystem::path ground_truth = {};  // else that of the run's input, if it has any
  std::vector<Override> changes = {};       // to the recipe of the network, such as its device
  // Of a sweep: seconds after which its page is written again, and loads itself again, until no trial
  // waits or runs, or until the caller stops it; 0 for once.
  int64_t refresh = 0;
};

// What the page of a run shows of one of its inputs; without evaluation.
GalleryOptions gallery_options(const Recipe& recipe, const NamedSequence& input, size_t inputs = 1);

// What a page says of a run that is a trial of a sweep.
struct RunContext {
  std::string sweep = {};                              // its name; "" for other runs
  std::string link = {};                               // to its page; "" where there is none
  std::string trial = {};                              // the trial's id
  std::optional<double> f_measure = {}, seconds = {};  // as in the ledger
  bool is_brief = false;  // frames are left out, and the page says how to get them
};

// Evaluates the masks in `masks`, or if that is empty those that the command run, or the trial of a
// sweep, left for the run: if these cannot be evaluated, it warns and returns nothing. Throws what
// evaluate_sequence() throws for the masks in `masks`.
std::optional<SequenceEvaluation> evaluation_of(const RunRecord& run,
                                                const std::filesystem::path& truth,
                                                const std::filesystem::path& masks = {});

// One self-contained HTML page of a run: figures, frames, errors where there is ground truth,
// training curves, recipe, environment and the command that reproduces the run. It says what is
// damaged in the run and was left out. notes: sentences on what else is missing. Commands in it can be
// copied.
std::string run_page(const RunRecord& run, const std::vector<Gallery>& galleries,
                     const std::vector<std::string>& notes = {}, const RunContext& context = {});

struct ComparedRun {
  std::string name;
  RunRecord run;
  std::optional<double> f_measure = {};   // of the run's own masks
  std::string link = {};                  // to its page; "" where there is none
  std::vector<GalleryFrame> frames = {};  // of the sequence that all runs share; perhaps none
};

// Several runs on one page: their results, the loss of all on one chart, the fields in which their
// recipes differ, and their masks of the same frames. runs: two or more, with different names.
std::string comparison_page(const std::vector<ComparedRun>& runs,
                            const std::vector<std::string>& notes = {});

// Before the page is made: throws OutputError where another file than a page of this program would be
// replaced; InputError where that cannot be told.
void expect_own_page(const std::filesystem::path& page);

// Returns the page's path. The page says what is damaged or missing in a run. With the page of a
// sweep, each trial that is done gets a page of its run, without frames, unless a newer one is there.
// Throws InputError if there is no run; UsageError if masks or ground truth are given for anything but
// one run on one sequence, refresh for anything but a sweep; Error of ExitCode::kInterrupted when stopped, before
// anything is written; as expect_own_page().
std::filesystem::path write_report(const ReportOptions& options, const WorkCallbacks& callbacks);

}  // namespace proxseg
