// Segmenting sequences: what the commands infer, baseline and run share.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "proxseg/segment/session.h"

namespace proxseg::cli {

// What is made of masks.
struct ProductArguments {
  std::string save;
  std::vector<std::string> lines{}, zones{};
};

// Adds --save, whose default is what arguments have, --line and --zone. arguments must outlive the
// parse.
void add_product_arguments(CLI::App& command, ProductArguments& arguments);

// Sets options.save and options.counts. Throws UsageError for an unknown product, and for counts
// without lines and zones.
void read_products(const ProductArguments& arguments, ExportOptions& options);

// "line gate: 3 from left to right, 5 from right to left", and a line of text for each other.
std::string describe(const Counts& counts);

struct SegmentationArguments {
  std::vector<std::string> inputs;
  std::string output;
  std::string size;
  double reconnect = 0.0;
  ProductArguments products{.save = "mask"};
  Layout layout = Layout::kFlat;
  bool force = false;
  bool json = false;
};

// Adds --input, --size, --output, --layout, --force, --json and those of products. arguments must
// outlive the parse.
void add_segmentation_arguments(CLI::App& command, SegmentationArguments& arguments);

// Throws UsageError as read_products() does, for --json where the masks go to standard output, and
// for options without effect.
ExportOptions export_options(const SegmentationArguments& arguments);

// Segments every sequence that the inputs stand for; model: what the segmenter's network was loaded from, or
// empty: the folder of any other run is refused as output. A single input that is a sequence itself is
// written to output, all others to a folder each below output; "-" is standard output, for one
// sequence. Prints the results. A sequence that fails does not stop the others; InputError says at
// the end how many did. Throws Error of ExitCode::kInterrupted after Ctrl-C; frames done by then
// are kept.
void segment_inputs(Segmenter& segmenter, const std::filesystem::path& model,
                    const std::vector<std::string>& inputs, const std::filesystem::path& output,
                    const SourceOptions& source, const ExportOptions& options, bool as_json);

// Warns of what result.warnings says.
void warn_of_doubts(const SequenceResult& result);

// Prints to stdout, or to stderr if the masks went to stdout.
void print_results(const std::vector<SequenceResult>& results, bool json);

}  // namespace proxseg::cli
