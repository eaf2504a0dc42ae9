// An evaluation as text, Markdown, CSV and JSON. Rows are the sequences, then the means over each
// category and over all; soft masks add the threshold and the average precision (AP).
#pragma once

#include <string>

#include "proxseg/eval/evaluate.h"

namespace proxseg {

// Aligned columns for a terminal.
std::string to_text(const Evaluation& evaluation);

std::string to_markdown(const Evaluation& evaluation);

// Numbers in full precision; level is sequence, category or overall.
std::string to_csv(const Evaluation& evaluation);

// An object with sequences (counts and measures), categories and overall.
std::string to_json(const Evaluation& evaluation);

// sequence,threshold,Re,FPR,Pr,F: 256 rows a sequence.
std::string curves_to_csv(const Evaluation& evaluation);

// One line for cm.txt: TP FP FN TN and, of the false positives, those on hard shadow.
std::string to_cm(const Confusion& confusion);

}  // namespace proxseg
