#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "proxseg/core/text.h"
#include "proxseg/eval/tracks.h"

namespace proxseg {
namespace {

// By the names that tools of MOTChallenge have for them.
nlohmann::ordered_json by_name(const TrackMeasures& measures) {
  return {{"HOTA", measures.hota},        {"DetA", measures.detection},
          {"AssA", measures.association}, {"IDF1", measures.idf1},
          {"MOTA", measures.mota},        {"IDSW", measures.switches},
          {"FN", measures.misses},        {"FP", measures.false_positives},
          {"boxes", measures.boxes},      {"objects", measures.objects}};
}

// A header and a row. number: the format of those that are not counts.
std::vector<Cells> cells_of(const TrackMeasures& measures, const char* number) {
  const nlohmann::ordered_json values = by_name(measures);
  std::vector<Cells> table(2);
  for (const auto& [name, value] : values.items()) {
    table[0].push_back(name);
    table[1].push_back(value.is_number_float()
                           ? fmt::format(fmt::runtime(number), value.get<double>())
                           : fmt::format("{}", value.get<int64_t>()));
  }
  return table;
}

}  // namespace

std::string to_text(const TrackMeasures& measures, size_t columns) {
  const TableFit fit = {columns, {"boxes", "objects"}, "--json shows them"};
  return text_table(cells_of(measures, "{:.4f}"), 0, fit);
}

std::string to_markdown(const TrackMeasures& measures) {
  return markdown_table(cells_of(measures, "{:.4f}"), 0);
}

std::string to_csv(const TrackMeasures& measures) { return csv_table(cells_of(measures, "{}")); }

std::string to_json(const TrackMeasures& measures) { return json_text(by_name(measures)); }

}  // namespace proxseg
