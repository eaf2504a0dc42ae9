// A sweep as a page of a report.
#pragma once

#include <filesystem>

#include "proxseg/workflow/report/result_table.h"

namespace proxseg {

bool is_sweep(const std::filesystem::path& folder);

// A row a trial, the best first, those without a value last: what it is ranked by, its other
// results, its state, why it failed, and its settings, as the ledger has them; below them
// configurations and what each field did. page: where it will be written.
// Throws OutputError if the ledger cannot be read.
ResultTable table_of_sweep(const std::filesystem::path& folder, const std::filesystem::path& page);

}  // namespace proxseg
