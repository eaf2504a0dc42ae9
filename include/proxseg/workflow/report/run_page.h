// The report of one run.
#pragma once

#include <string>
#include <vector>

#include "proxseg/workflow/report/gallery.h"
#include "proxseg/workflow/report/run_record.h"

namespace proxseg {

// One self-contained HTML page: numbers, frames, errors where there is ground truth, curves of the
// training, recipe, environment and the command to make the run again. notes: sentences on what is
// missing from it.
std::string run_page(const RunRecord& run, const std::vector<Gallery>& galleries,
                     const std::vector<std::string>& notes = {});

}  // namespace proxseg
