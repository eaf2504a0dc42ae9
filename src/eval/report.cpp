#include "proxseg/eval/evaluate.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "proxseg/core/text.h"

namespace proxseg {
namespace {

struct Row {
  const char* level;
  const Score* score;
  std::optional<int> threshold;
};

std::vector<Row> rows_of(const Evaluation& evaluation) {
  std::vector<Row> rows;
  for (const auto& s : evaluation.sequences) rows.push_back({"sequence", &s.score, s.threshold});
  for (const Score& category : evaluation.categories) {
    if (!category.name.empty()) rows.push_back({"category", &category, {}});
  }
  if (evaluation.sequences.size() > 1) rows.push_back({"overall", &evaluation.overall, {}});
  return rows;
}

Cells header_of(MaskKind kind) {
  Cells cells = {"frames"};
  for (const auto& measure : kMeasures) cells.emplace_back(measure.name);
  if (kind == MaskKind::kSoft) cells.insert(cells.end(), {"threshold", "AP"});
  return cells;
}

// number: the format of one measure.
Cells cells_of(const Row& row, MaskKind kind, const char* number) {
  const auto format = [&](double value) { return fmt::format(fmt::runtime(number), value); };
  Cells cells = {std::to_string(row.score->frames)};
  for (const auto& [name, value] : kMeasures) cells.push_back(format(row.score->measures.*value));
  if (kind == MaskKind::kSoft) {
    cells.push_back(row.threshold ? std::to_string(*row.threshold) : "");
    cells.push_back(format(row.score->average_precision));
  }
  return cells;
}

// A header and rows for people, the name in front.
std::vector<Cells> table_of(const Evaluation& evaluation) {
  std::vector<Cells> table = {header_of(evaluation.kind)};
  table.front().insert(table.front().begin(), "sequence");
  for (const Row& row : rows_of(evaluation)) {
    const bool is_category = row.level == std::string("category");
    Cells& cells = table.emplace_back(cells_of(row, evaluation.kind, "{:.4f}"));
    cells.insert(cells.begin(), (is_category ? "mean of " : "") + row.score->name);
  }
  return table;
}

nlohmann::ordered_json json_of(const Score& score, MaskKind kind) {
  nlohmann::ordered_json json = {{"name", score.name}, {"frames", score.frames}};
  for (const auto& [name, value] : kMeasures) json[name] = score.measures.*value;
  if (kind == MaskKind::kSoft) json["AP"] = score.average_precision;
  return json;
}

nlohmann::ordered_json json_of(const SequenceEvaluation& sequence, MaskKind kind) {
  nlohmann::ordered_json json = json_of(sequence.score, kind);
  const Confusion& c = sequence.confusion;
  json.update({{"category", sequence.category},
               {"masks", sequence.masks.string()},
               {"threshold", sequence.threshold},
               {"TP", c.tp},
               {"FP", c.fp},
               {"FN", c.fn},
               {"TN", c.tn},
               {"shadow", c.shadow},
               {"shadow_FP", c.shadow_fp},
               {"warnings", sequence.warnings}});
  return json;
}

}  // namespace

std::string to_text(const Evaluation& evaluation, size_t columns) {
  return text_table(table_of(evaluation), 1,
                    {columns,
                     {"FPR-S", "frames", "FNR", "FPR", "Sp", "PWC", "threshold", "AP"},
                     "--json, --csv and --markdown have all"});
}

std::string to_markdown(const Evaluation& evaluation) {
  return markdown_table(table_of(evaluation), 1);
}

std::string to_csv(const Evaluation& evaluation) {
  std::vector<Cells> table = {header_of(evaluation.kind)};
  table.front().insert(table.front().begin(), {"level", "name"});
  for (const Row& row : rows_of(evaluation)) {
    Cells& cells = table.emplace_back(cells_of(row, evaluation.kind, "{}"));
    cells.insert(cells.begin(), {row.level, row.score->name});
  }
  return csv_table(table);
}

std::string to_json(const Evaluation& evaluation) {
  nlohmann::ordered_json json;
  const MaskKind kind = evaluation.kind;
  json["masks"] = kind == MaskKind::kSoft ? "soft" : "binary";
  json["sequences"] = nlohmann::ordered_json::array();
  for (const auto& sequence : evaluation.sequences) {
    json["sequences"].push_back(json_of(sequence, kind));
  }
  json["categories"] = nlohmann::ordered_json::array();
  for (const Score& category : evaluation.categories) {
    json["categories"].push_back(json_of(category, kind));
  }
  json["overall"] = json_of(evaluation.overall, kind);
  return json_text(json);
}

std::string curves_to_csv(const Evaluation& evaluation) {
  std::string text = "sequence,threshold,Re,FPR,Pr,F\n";
  for (const SequenceEvaluation& sequence : evaluation.sequences) {
    const std::string name = csv_field(sequence.score.name);
    for (size_t t = 0; t < sequence.curve.size(); ++t) {
      const Measures m = measures_of(sequence.curve[t]);
      text +=
          fmt::format("{},{},{},{},{},{}\n", name, t, m.recall, m.fpr, m.precision, m.f_measure);
    }
  }
  return text;
}

std::string to_cm(const Confusion& confusion) {
  return fmt::format("{} {} {} {} {}\n", confusion.tp, confusion.fp, confusion.fn, confusion.tn,
                     confusion.shadow_fp);
}

}  // namespace proxseg
