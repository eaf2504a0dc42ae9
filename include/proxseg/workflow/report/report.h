// The page of a run, a sweep or a tree of runs, made of what is on disk.
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

// What the page of a run shows of one of its inputs; evaluation is left empty.
GalleryOptions gallery_options(const Recipe& recipe, const NamedSequence& input, size_t inputs = 1);

// Of the masks in `masks`, else of those that the command run left in the folder of the run, which
// may not be of every frame: nothing then, and a warning. Throws InputError for masks that were
// asked for as evaluate_sequence() does.
std::optional<SequenceEvaluation> evaluation_of(const RunRecord& run,
                                                const std::filesystem::path& truth,
                                                const std::filesystem::path& masks = {});

// One self-contained HTML page of a run: numbers, frames, errors where there is ground truth, curves of
// the training, recipe, environment and the command that makes the run again. It says what is damaged
// in the run and was left out. notes: sentences on what else is missing.
std::string run_page(const RunRecord& run, const std::vector<Gallery>& galleries,
                     const std::vector<std::string>& notes = {});

// Returns the page's path. What is damaged in a run, or missing, its page says. Throws InputError
// if there is no run; UsageError if masks or ground truth are given and there is not one sequence
// that they could be of; Error of ExitCode::kInterrupted when stopped, before anything is written.
std::filesystem::path write_report(const ReportOptions& options, const WorkCallbacks& callbacks);

}  // namespace proxseg
