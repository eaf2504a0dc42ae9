// Methods side by side on the same sequences.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "proxseg/eval/measures.h"

namespace proxseg {

struct MethodResult {
  std::string sequence;
  std::string method;
  Measures measures;
  double frames_per_second = 0.0;          // segmenting, decoding and writing masks included
  std::optional<double> training_seconds;  // none for methods that are not trained on the sequence
};

using Comparison = std::vector<MethodResult>;  // by sequence, then by method

// Rows are the results, followed, if there are several sequences, by the mean of each method over them. As text the columns
// are aligned for a terminal.
// columns: of the terminal that the table shall fit; 0: any number.
std::string to_text(const Comparison& comparison, size_t columns = 0);
std::string to_markdown(const Comparison& comparison);

// Numbers in full precision; level is sequence or mean.
std::string to_csv(const Comparison& comparison);

// An object with results and means, every measure in each; the sequence of a mean is "mean".
std::string to_json(const Comparison& comparison);

std::string to_json(const MethodResult& result);

// Reads what to_json() wrote. Throws InputError for anything else.
MethodResult method_result_from_json(const std::string& text);

}  // namespace proxseg
