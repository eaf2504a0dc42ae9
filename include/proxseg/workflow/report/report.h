// The page of a run, a sweep or a tree of runs, made from the files on disk.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "proxseg/workflow/pipeline.h"
#include "proxseg/workflow/report/gallery.h"
#include "proxseg/workflow/report/run_record.h"

namespace proxseg {

struct ReportOptions {
  std::filesystem::path path;               // a run, a sweep, or a tree of runs
  std::filesystem::path output = {};        // else report.html in path
  std::filesystem::path masks = {};         // else those in the run's folder, if it has any
  std::filesystem::path ground_truth = {};  // else that of the run's input, if it has any
  std::vector<Override> changes = {};       // to the recipe of the network, such as its device
};

// What the page of a run shows of one of its inputs; without evaluation.
GalleryOptions gallery_options(const Recipe& recipe, const NamedSequence& input, size_t inputs = 1);

// Evaluates the masks in `masks`, or if that is empty those that the command run left in the run's
// folder: if these cannot be evaluated, it warns and returns nothing. Throws what
// evaluate_sequence() throws for the masks in `masks`.
std::optional<SequenceEvaluation> evaluation_of(const RunRecord& run,
                                                const std::filesystem::path& truth,
                                                const std::filesystem::path& masks = {});

// One self-contained HTML page of a run: figures, frames, errors where there is ground truth,
// training curves, recipe, environment and the command that reproduces the run. It says what is
// damaged in the run and was left out. notes: sentences on what else is missing.
std::string run_page(const RunRecord& run, const std::vector<Gallery>& galleries,
                     const std::vector<std::string>& notes = {});

// Returns the page's path. The page says what is damaged or missing in a run. Throws InputError if
// there is no run; UsageError if masks or ground truth are given for anything but one run on one
// sequence; Error of ExitCode::kInterrupted when stopped, before anything is written.
std::filesystem::path write_report(const ReportOptions& options, const WorkCallbacks& callbacks);

}  // namespace proxseg
