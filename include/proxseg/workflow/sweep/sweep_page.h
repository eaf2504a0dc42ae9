// The page of a sweep.
#pragma once

#include <filesystem>

#include "proxseg/workflow/report/result_table.h"

namespace proxseg {

// The sweep in folder as a page: one row a trial, best first and those without a value last, with
// what it is ranked by, its other results, its state, why it failed, and its settings; below, the
// configurations and the effect of each field. page: where it will be written. Throws OutputError
// if the ledger cannot be read.
ResultTable table_of_sweep(const std::filesystem::path& folder, const std::filesystem::path& page);

}  // namespace proxseg
