#include <spdlog/spdlog.h>

#include <string>

#include "cli/command.h"
#include "cli/log.h"
#include "cli/process.h"
#include "cli/tables.h"
#include "cli/work.h"
#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/eval/evaluate.h"
#include "proxseg/eval/tracks.h"
#include "proxseg/segment/session.h"

namespace proxseg::cli {
namespace {

struct EvalArguments {
  std::string masks;
  std::string ground_truth;
  std::string tracks;
  std::string truth;
  std::string curve;
  bool soft = false;
  bool cm = false;
  TableArguments tables;
};

Evaluation evaluate_all(const EvalArguments& arguments) {
  Progress progress("eval", "sequences");
  return evaluate(arguments.masks, arguments.ground_truth,
                  arguments.soft ? MaskKind::kSoft : MaskKind::kBinary,
                  [&](int64_t done, int64_t total) {
                    if (total > 1) progress.update(done, total);
                    if (!interrupt_requested()) return;
                    throw Error(ExitCode::kInterrupted, "stopped; nothing was written");
                  });
}

void eval_tracks(const EvalArguments& arguments) {
  check_table_files(arguments.tables, {arguments.tracks, arguments.truth});
  show_tables(arguments.tables, measure_tracks(read_motchallenge(arguments.tracks),
                                               read_motchallenge(arguments.truth)));
}

void eval(const EvalArguments& arguments) {
  if (!arguments.tracks.empty()) return eval_tracks(arguments);
  if (arguments.masks.empty()) {
    throw UsageError("eval needs --masks and --ground-truth, or --tracks and --truth",
                     "See proxseg eval --help.");
  }
  check_table_files(arguments.tables, {arguments.masks, arguments.ground_truth}, {arguments.curve});
  Evaluation evaluation = evaluate_all(arguments);
  for (SequenceEvaluation& sequence : evaluation.sequences) {
    if (auto doubt = doubt_about_frames(sequence.masks, sequence.sequence.string())) {
      sequence.warnings.push_back(std::move(*doubt));
    }
    for (const std::string& warning : sequence.warnings) {
      spdlog::warn("{}: {}", sequence.score.name, warning);
    }
  }
  show_tables(arguments.tables, evaluation);
  if (!arguments.curve.empty()) write_file_atomically(arguments.curve, curves_to_csv(evaluation));
  if (arguments.cm) {
    for (const SequenceEvaluation& sequence : evaluation.sequences) {
      write_file_atomically(sequence.masks / "cm.txt", to_cm(sequence.confusion));
    }
  }
}

}  // namespace

void add_eval(CLI::App& app) {
  const auto [command, arguments] = add_command(
      app, "eval", "Measure masks against ground truth by CDnet's rule", eval,
      "Re recall, Sp specificity, FPR and FNR rates of false positives and negatives, PWC percentage\n"
      "of wrong pixels, Pr precision, F F-measure, FPR-S FPR on hard shadow, AP average precision.\n"
      "Of tracks: HOTA, DetA, AssA, IDF1, MOTA, and counts of switches of identity (IDSW), of boxes missed\n"
      "(FN) and of false ones (FP).\n\n"
      "Mask values from 128 on are foreground, or from 1 on where all masks hold only 0 and 1.\n"
      "Examples:\n"
      "  proxseg eval --masks runs/synthetic --ground-truth data/synthetic\n"
      "  proxseg eval --masks results --ground-truth dataset --csv results.csv --cm\n"
      "  proxseg eval --masks out --ground-truth highway --soft --curve curve.csv\n"
      "  proxseg eval --tracks out/tracks.txt --truth toy/tracks.txt");
  auto* masks =
      add_option(*command, "--masks DIR", arguments->masks,
                 "Folder that infer or run wrote to: binNNNNNN.png or mask/NAME.png; for a "
                 "tree, with a subfolder for each sequence");
  auto* labels =
      add_option(*command, "--ground-truth DIR", arguments->ground_truth,
                 "Sequence folder with labels, as CDnet or LASIESTA have them, or a tree of those: "
                 "CATEGORY/VIDEO");
  auto* tracks =
      add_option(*command, "--tracks FILE", arguments->tracks,
                 "In place of masks: tracks.txt of infer, or any of MOTChallenge's text");
  auto* truth =
      add_option(*command, "--truth FILE", arguments->truth, "The true tracks, in the same format");
  masks->needs(labels);
  labels->needs(masks);
  tracks->needs(truth)->excludes(masks);
  truth->needs(tracks);
  auto* soft = command->add_flag("--soft", arguments->soft,
                                 "Measure soft/NAME.png instead, each sequence at the threshold "
                                 "that is best for it");
  add_option(*command, "--curve FILE", arguments->curve,
             "Write recall, precision and F of every threshold as CSV")
      ->needs(soft);
  command
      ->add_flag("--cm", arguments->cm,
                 "Write cm.txt beside the masks of each sequence: TP FP FN TN and shadow errors")
      ->excludes(soft)
      ->excludes(tracks);
  soft->excludes(tracks);
  add_table_arguments(*command, arguments->tables);
  add_log_options(*command);
}

}  // namespace proxseg::cli
