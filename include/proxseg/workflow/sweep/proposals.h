// What a search that learns tries next.
#pragma once

#include <vector>

#include "proxseg/workflow/sweep/ledger.h"
#include "proxseg/workflow/sweep/plan.h"

namespace proxseg {

// The trials of the next configuration on seeing those that are there: a new one, which the
// tree-structured Parzen estimator proposes. None where the search has had as many configurations
// as it may have, or finds no further one. plan: of a file with tpe.
// It is a function of its arguments alone, so a sweep that was killed goes on as it would have.
std::vector<PlannedTrial> propose(const SweepPlan& plan, const std::vector<Trial>& seen);

}  // namespace proxseg
