// Inference over sequences as the commands infer and run show it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "proxseg/infer/session.h"

namespace proxseg::cli {

// Segments every sequence that the inputs stand for, into output, or into a folder each below it if
// there are several. One sequence that fails does not stop the others; the first error is thrown at
// the end. Throws Error of ExitCode::kInterrupted after Ctrl-C; frames done by then are kept.
std::vector<SequenceResult> segment_inputs(Segmenter& segmenter,
                                           const std::vector<std::string>& inputs,
                                           const std::filesystem::path& output,
                                           const SourceOptions& source,
                                           const ExportOptions& options);

void print_results(const std::vector<SequenceResult>& results, bool json);

}  // namespace proxseg::cli
