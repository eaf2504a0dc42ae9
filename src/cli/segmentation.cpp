#include "cli/segmentation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/log.h"
#include "cli/process.h"
#include "cli/work.h"
#include "proxseg/core/error.h"
#include "proxseg/core/text.h"
#include "proxseg/media/stream.h"
#include "proxseg/train/session.h"
#include "proxseg/workflow/report/run_record.h"

namespace proxseg::cli {
namespace fs = std::filesystem;
namespace {

// The warnings logged since there were so many.
std::vector<std::string> warnings_since(size_t before) {
  const std::vector<std::string> all = logged_warnings();
  return {all.begin() + static_cast<std::ptrdiff_t>(before), all.end()};
}

SequenceResult segment_one(Segmenter& segmenter, const NamedSequence& sequence,
                           const fs::path& folder, const SourceOptions& source,
                           const ExportOptions& options) {
  Progress progress(sequence.name, "frames");
  InferCallbacks callbacks;
  callbacks.on_learning = [&] { progress.learn_background(sequence.name); };
  callbacks.on_frames = [&](int64_t done, int64_t total) { progress.update(done, total); };
  callbacks.should_stop = interrupt_requested;
  return infer_sequence(segmenter, sequence, folder, source, options, callbacks);
}

std::vector<std::string> names_of(const std::set<Product>& products) {
  std::vector<std::string> names;
  for (const Product product : products) names.emplace_back(name_of(product));
  return names;
}

// "masks:      out: 120 frames segmented at 50.0 frames/s", and what else was written, or was alone.
std::string describe(const SequenceResult& result) {
  std::set<Product> others = result.products;
  const bool has_masks = others.erase(Product::kMask) > 0;
  const std::string names = fmt::format("{}", fmt::join(names_of(others), ", "));
  std::string text =
      fmt::format("{:<11} {}: ", has_masks ? "masks:" : "written:", result.folder.string());
  if (!has_masks) text += names + "; ";
  if (result.segmented > 0 || result.present == 0) {
    text += fmt::format("{} frames segmented at {:.1f} frames/s", result.segmented,
                        result.frames_per_second());
    if (result.present > 0) text += fmt::format(", {} were done before", result.present);
  } else {
    text += fmt::format("all {} frames were done before", result.present);
  }
  if (!result.skipped.empty()) text += fmt::format(", {} unreadable", result.skipped.size());
  if (has_masks && !names.empty()) text += "; also " + names;
  return text + "\n";
}

void expect_fitting(const std::vector<NamedSequence>& sequences, bool to_stdout,
                    const SourceOptions& source) {
  for (const NamedSequence& sequence : sequences) {
    if (source.reconnect == 0.0 || is_stream(sequence.path)) continue;
    throw UsageError(fmt::format("--reconnect has no effect on '{}', which is no camera or address",
                                 sequence.path),
                     "Leave it out.");
  }
  if (to_stdout && sequences.size() != 1) {
    throw UsageError(
        fmt::format("standard output takes the masks of one sequence, not of {}", sequences.size()),
        "Give a folder as --output.");
  }
}

// The masks in the folder of a run are those that its network makes of the frames it was trained on.
void expect_no_other_run(const fs::path& folder, const fs::path& model,
                         const NamedSequence& sequence) {
  std::error_code ignored;
  const auto is_of = [&](const fs::path& run) { return fs::equivalent(run, folder, ignored); };
  if (!is_run(folder)) return;
  const bool by_its_network = is_of(model) || is_of(model.parent_path());
  if (by_its_network && are_inputs_of_run(folder, {sequence})) return;
  throw OutputError(
      fmt::format("'{}' holds a run, whose folder takes the masks of its own {} alone",
                  folder.string(), by_its_network ? "sequence, if it is only one," : "network"),
      fmt::format("Choose another --output, such as {}.", shell_path((folder / "masks").string())));
}

}  // namespace

void add_product_arguments(CLI::App& command, ProductArguments& arguments) {
  add_option(
      command, "--save LIST", arguments.save,
      "Comma-separated: mask, soft, background, foreground, background-image (one for the "
      "sequence), mask-video (lossless, FFV1), overlay (a video); of objects: boxes (CSV), contours "
      "(JSON), coco, yolo, labelme; of objects with an id that they keep over time: tracks (CSV and "
      "MOTChallenge's text), labels (16-bit images of ids), cvat, counts. With one of these the "
      "other lists and the overlay have the ids, too")
      ->capture_default_str();
  add_option(command, "--line [NAME=]X,Y,X,Y ...", arguments.lines,
             "Count the objects that cross this line, by direction; saves counts; repeatable")
      ->allow_extra_args(false);
  add_option(command, "--zone NAME=X,Y,X,Y,X,Y... ...", arguments.zones,
             "Count the objects in this polygon, and how long they stay; saves counts; repeatable")
      ->allow_extra_args(false);
}

void read_products(const ProductArguments& arguments, ExportOptions& options) {
  if (!arguments.save.empty()) options.save = parse_products(arguments.save);
  for (const std::string& line : arguments.lines) options.counts.lines.push_back(parse_line(line));
  for (const std::string& zone : arguments.zones) options.counts.zones.push_back(parse_zone(zone));
  options.counts = Counter(options.counts).options();  // with a name each
  if (!options.counts.empty()) options.save.insert(Product::kCounts);
  if (options.counts.empty() && options.save.contains(Product::kCounts)) {
    throw UsageError("--save counts needs a line or a zone to count at", "Give --line or --zone.");
  }
}

std::string describe(const Counts& counts) {
  std::string text;
  for (const LineCount& line : counts.lines) {
    text += fmt::format("{:<11} {} from left to right, {} from right to left\n",
                        line.line.name + ":", line.left_to_right, line.right_to_left);
  }
  for (const ZoneCount& zone : counts.zones) {
    text += fmt::format("{:<11} {} visits of {} objects, {} at once at most", zone.zone.name + ":",
                        zone.visits, zone.objects, zone.most);
    if (zone.mean_stay) text += fmt::format(", {:.1f} s on average", *zone.mean_stay);
    text += '\n';
  }
  return text;
}

void add_segmentation_arguments(CLI::App& command, SegmentationArguments& arguments) {
  add_option(
      command, "--input,-i PATH ...", arguments.inputs,
      "Folder of frames, quoted glob, video, stack, CDnet sequence or a folder of those; an address "
      "such as rtsp://..., the number of a camera, or - for standard input; repeatable")
      ->required();
  add_option(command, "--size WIDTHxHEIGHT", arguments.size,
             "Size of the frames where standard input holds raw BGR frames; else it must hold a "
             "video, such as YUV4MPEG2");
  add_option(
      command, "--reconnect SECONDS", arguments.reconnect,
      "Leave it on a camera or an address: after so many seconds without a frame, or where the "
      "connection ends, open it again until Ctrl-C, and leave frames out evenly if they come "
      "faster than they can be segmented")
      ->check(CLI::Range(0.1, 86400.0));
  add_option(command, "--output,-o DIR", arguments.output,
             "Output folder, created if it is missing; - writes raw masks to standard output")
      ->required();
  add_product_arguments(command, arguments.products);
  add_option(command, "--layout flat|cdnet", arguments.layout,
             "flat: DIR/mask/NAME.png; cdnet: DIR/binNNNNNN.png")
      ->default_str("flat")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, Layout>{{"flat", Layout::kFlat}, {"cdnet", Layout::kCdnet}}));
  command.add_flag("--force", arguments.force,
                   "Start over: first remove what earlier calls wrote to the output folder");
  command.add_flag("--json", arguments.json, "Print the results as JSON");
}

ExportOptions export_options(const SegmentationArguments& arguments) {
  ExportOptions options;
  read_products(arguments.products, options);
  options.layout = arguments.layout;
  options.force = arguments.force;
  const bool names_masks = arguments.layout == Layout::kCdnet;
  if (names_masks && !options.save.contains(Product::kMask)) {
    throw UsageError("--layout cdnet names masks, and --save has none", "Add mask to --save.");
  }
  if (arguments.output == "-" && arguments.json) {
    throw UsageError("--json and --output - both want standard output", "Leave one of them out.");
  }
  if (arguments.output == "-" && (names_masks || arguments.force)) {
    throw UsageError(
        fmt::format("{} has no effect with --output -", names_masks ? "--layout cdnet" : "--force"),
        "Leave it out.");
  }
  return options;
}

void segment_inputs(Segmenter& segmenter, const fs::path& model,
                    const std::vector<std::string>& inputs, const fs::path& output,
                    const SourceOptions& source, const ExportOptions& options, bool as_json) {
  const auto sequences = find_sequences(inputs);
  const bool to_stdout = output == "-";
  expect_fitting(sequences, to_stdout, source);
  // The only sequence of a tree has its folder below output, as several have.
  const bool is_alone = sequences.size() == 1 && sequences.front().path == inputs.front();
  const auto folder_of = [&](const NamedSequence& sequence) {
    return is_alone || to_stdout ? output : output / sequence.name;
  };
  for (const NamedSequence& sequence : sequences) {
    if (sequences.size() == 1) break;  // which is checked as it begins
    try {
      expect_free_folder(folder_of(sequence), segmenter, sequence, source, options);
    } catch (const InputError&) {
      // Reported when its turn comes.
    }
  }
  for (const NamedSequence& sequence : sequences) {
    if (!to_stdout) expect_no_other_run(folder_of(sequence), model, sequence);
  }
  std::vector<SequenceResult> results;
  int64_t failed = 0;
  const std::vector<std::string> of_all = logged_warnings();
  for (const NamedSequence& sequence : sequences) {
    const size_t before = logged_warnings().size();
    try {
      results.push_back(segment_one(segmenter, sequence, folder_of(sequence), source, options));
      warn_of_doubts(results.back());
      auto& warnings = results.back().warnings;
      warnings = of_all;
      for (std::string& warning : warnings_since(before)) warnings.push_back(std::move(warning));
    } catch (const InputError& error) {
      if (sequences.size() == 1) throw;
      spdlog::error("{}: {}", sequence.name, error.what());
      ++failed;
    }
    if (interrupt_requested()) {
      throw Error(ExitCode::kInterrupted, "stopped; the masks written so far are complete",
                  is_stream(sequence.path) ? "" : "The same command goes on where it stopped.");
    }
  }
  print_results(results, as_json);
  if (failed == 0) return;
  throw InputError(
      fmt::format("{} of {} sequences could not be segmented", failed, sequences.size()),
      "The others are done; see the errors above.");
}

void warn_of_doubts(const SequenceResult& result) {
  for (const std::string& doubt : result.warnings) spdlog::warn("{}: {}", result.name, doubt);
}

void print_results(const std::vector<SequenceResult>& results, bool as_json) {
  auto list = nlohmann::ordered_json::array();
  for (const SequenceResult& r : results) {
    const double rate = r.frames_per_second();
    if (as_json) {
      list.push_back({{"name", r.name},
                      {"folder", r.folder.string()},
                      {"saved", names_of(r.products)},
                      {"frames", r.frames},
                      {"segmented", r.segmented},
                      {"present", r.present},
                      {"skipped", r.skipped},
                      {"seconds", r.seconds},
                      {"frames_per_second", rate},
                      {"warnings", r.warnings}});
      if (r.counts) list.back()["counts"] = json_of(*r.counts);
      continue;
    }
    print_text(r.folder == "-" ? stderr : stdout, describe(r));
    if (r.counts) say("{}", describe(*r.counts));
  }
  if (as_json) fmt::print("{}", json_text(list));
}

}  // namespace proxseg::cli
