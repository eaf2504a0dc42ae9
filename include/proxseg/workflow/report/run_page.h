// The report of one run.
#pragma once

#include <string>
#include <vector>

#include "proxseg/workflow/report/gallery.h"
#include "proxseg/workflow/report/run_record.h"

namespace proxseg {

// One self-contained HTML page: numbers, frames, errors where there is ground truth, curves of the
// training, recipe, environment and the command that makes the run again. It says what is damaged in
// the run and was left out. notes: sentences on what else is missing.
std::string run_page(const RunRecord& run, const std::vector<Gallery>& galleries,
                     const std::vector<std::string>& notes = {});

}  // namespace proxseg
