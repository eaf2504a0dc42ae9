// Segmenting sequences as the commands infer, baseline and run offer and show it.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "proxseg/segment/session.h"

namespace proxseg::cli {

struct SegmentationArguments {
  std::vector<std::string> inputs;
  std::string output;
  std::string size;
  std::string save = "mask";
  Layout layout = Layout::kFlat;
  bool force = false;
  bool json = false;
};

// Adds --input, --size, --output, --save, --layout, --force and --json. arguments must outlive the
// parse.
void add_segmentation_arguments(CLI::App& command, SegmentationArguments& arguments);

// Throws UsageError for an unknown product, for --json where standard output takes the masks, and for
// options without effect.
ExportOptions export_options(const SegmentationArguments& arguments);

// Segments every sequence that the inputs stand for, into output if there is one and it is an input
// itself, else into a folder each below output; "-" is standard output, for one sequence. One sequence that fails does not
// stop the others; the first error is thrown at the end. Throws Error of ExitCode::kInterrupted
// after Ctrl-C; frames done by then are kept.
std::vector<SequenceResult> segment_inputs(Segmenter& segmenter,
                                           const std::vector<std::string>& inputs,
                                           const std::filesystem::path& output,
                                           const SourceOptions& source,
                                           const ExportOptions& options);

// On stdout, unless the masks went there: then on stderr.
void print_results(const std::vector<SequenceResult>& results, bool json);

}  // namespace proxseg::cli
