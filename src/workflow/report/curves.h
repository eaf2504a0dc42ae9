// Curves of a report, as parts of its page: what page/chart.js draws.
#pragma once

#include <string>

#include "proxseg/workflow/report/gallery.h"
#include "proxseg/workflow/report/run_record.h"

namespace proxseg {

// Loss, rank, mask, singular values and learning rate; "" for a run without steps.
std::string training_curves(const RunRecord& run);

// F, precision and recall by the threshold of soft masks; threshold: that of the recipe. id: of the
// element that holds the data.
std::string threshold_curve(const GalleryTruth& truth, double threshold, const std::string& id);

}  // namespace proxseg
