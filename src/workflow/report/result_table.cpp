#include "proxseg/workflow/report/result_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>

#include "proxseg/core/text.h"
#include "proxseg/recipe/fields.h"
#include "workflow/report/html.h"

namespace proxseg {
namespace fs = std::filesystem;
using nlohmann::ordered_json;
namespace {

std::string percent_encoded(const std::string& path) {
  std::string url;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || std::string_view("/-._~").find(c) != std::string_view::npos) {
      url += c;
    } else {
      url += fmt::format("%{:02X}", byte);
    }
  }
  return url;
}

ordered_json cell_of(const FieldValue& value) {
  if (const auto* integer = std::get_if<int64_t>(&value)) return *integer;
  if (const auto* real = std::get_if<double>(&value)) return *real;
  return to_text(value);
}

// Of which the runs have more than one value.
std::vector<const Field*> differing_fields(const std::vector<MeasuredRun>& runs) {
  std::vector<const Field*> fields;
  for (const Field& field : recipe_fields()) {
    std::set<FieldValue> values;
    for (const MeasuredRun& run : runs) values.insert(field.get(run.run.recipe.recipe));
    if (values.size() > 1 && field.key != "description") fields.push_back(&field);
  }
  return fields;
}

template <typename Number>
ordered_json cell_of(const std::optional<Number>& value) {
  return value ? ordered_json(*value) : ordered_json(nullptr);
}

std::string sequences_of(const RunRecord& run) {
  std::string names;
  for (const NamedSequence& input : run.inputs) {
    names += (names.empty() ? "" : ", ") + input.name;
  }
  return names;
}

double f_of(const MeasuredRun& run) { return run.measures ? run.measures->f_measure : -1.0; }

int64_t steps_of(const RunRecord& run) {
  const Column* column = run.metric("step");
  return column == nullptr ? 0 : static_cast<int64_t>(column->values.size());
}

std::string shown(const ordered_json& cell) {
  if (cell.is_null()) return "–";
  if (cell.is_number_float()) return fmt::format("{:.5g}", cell.get<double>());
  return cell.is_string() ? cell.get<std::string>() : json_line(cell);
}

// Of column `column`; null where a row has no value.
using CellOf = std::function<const ordered_json&(size_t row, size_t column)>;

std::string cell_element(const ordered_json& cell, bool numeric) {
  constexpr size_t kLong = 40;
  const std::string value = cell.is_null()     ? ""
                            : cell.is_string() ? cell.get<std::string>()
                                               : json_line(cell);
  const std::string text = shown(cell);
  std::string attributes = numeric                ? " class=\"number\""
                           : value.size() > kLong ? " class=\"long\""
                                                  : "";
  // All digits, under the pointer.
  if (numeric && !cell.is_null() && text != value)
    attributes += fmt::format(" title=\"{}\"", value);
  return fmt::format("<td{} data-value=\"{}\">{}</td>", attributes, escape_html(value),
                     escape_html(text));
}

std::string heading(const std::string& name, bool numeric) {
  return fmt::format("<th scope=\"col\"{}><button type=\"button\">{}</button></th>",
                     numeric ? " class=\"number\"" : "", escape_html(name));
}

// firsts: the first cell of each row, as HTML, under the heading `first`; or empty.
std::string table_element(const std::string& first, const std::vector<std::string>& firsts,
                          const std::vector<std::string>& columns, size_t rows,
                          const CellOf& cell_of) {
  std::vector<bool> numeric(columns.size(), true);
  for (size_t row = 0; row < rows; ++row) {
    for (size_t i = 0; i < columns.size(); ++i) {
      const ordered_json& cell = cell_of(row, i);
      if (!cell.is_number() && !cell.is_null()) numeric[i] = false;
    }
  }
  std::string head = first.empty() ? "" : heading(first, false), body;
  for (size_t i = 0; i < columns.size(); ++i) head += heading(columns[i], numeric[i]);
  for (size_t row = 0; row < rows; ++row) {
    body += "<tr>";
    if (!first.empty()) body += fmt::format("<td>{}</td>", firsts[row]);
    for (size_t i = 0; i < columns.size(); ++i) body += cell_element(cell_of(row, i), numeric[i]);
    body += "</tr>\n";
  }
  return fmt::format(
      "<div class=\"scroll card\"><table class=\"data sortable\"><thead><tr>{}</tr>"
      "</thead><tbody>\n{}</tbody></table></div>\n",
      head, body);
}

std::string rows_element(const ResultTable& table) {
  std::vector<std::string> names;
  for (const ResultTable::Row& row : table.rows) {
    const std::string name = escape_html(row.name);
    names.push_back(row.link.empty()
                        ? name
                        : fmt::format("<a href=\"{}\">{}</a>", escape_html(row.link), name));
  }
  return table_element(
      "run", names, table.columns, table.rows.size(),
      [&](size_t row, size_t i) -> const ordered_json& { return table.rows[row].cells[i]; });
}

std::string part_element(const ResultTable::Part& part) {
  return fmt::format("<h2>{}</h2>\n", escape_html(part.title)) +
         table_element(
             "", {}, part.columns, part.rows.size(),
             [&](size_t row, size_t i) -> const ordered_json& { return part.rows[row][i]; });
}

ordered_json plot_of(const ResultTable& table) {
  ordered_json plot = {{"title", table.title}, {"x", table.across}, {"y", table.up}};
  for (size_t i = 0; i < table.columns.size(); ++i) {
    auto values = ordered_json::array();
    for (const ResultTable::Row& row : table.rows) values.push_back(row.cells[i]);
    plot["columns"].push_back({{"name", table.columns[i]}, {"values", values}});
  }
  plot["rows"] = ordered_json::array();
  for (const ResultTable::Row& row : table.rows) {
    plot["rows"].push_back({{"name", row.name}, {"link", row.link}});
  }
  return plot;
}

}  // namespace

std::string link_to_run(const fs::path& run, const fs::path& page) {
  const fs::path report = fs::absolute(run / "report.html").lexically_normal();
  std::error_code ignored;
  if (!fs::exists(report, ignored)) return "";
  const fs::path from = fs::absolute(page).lexically_normal().parent_path();
  return fmt::format("./{}", percent_encoded(report.lexically_relative(from).string()));
}

std::string table_page(const ResultTable& table) {
  std::string body = fmt::format("<h1>{}</h1>\n<p class=\"faint\">{}</p>\n",
                                 escape_html(table.title), escape_html(table.note));
  if (!table.best.empty()) {
    body += fmt::format("<div class=\"card\"><pre>{}</pre></div>\n", escape_html(table.best));
  }
  body += "<h2>Runs</h2>\n" + rows_element(table);
  body +=
      "<h2>One column against another</h2>\n<figure class=\"chart card\" "
      "data-scatter=\"plot\"></figure>\n";
  body += json_element("plot", plot_of(table));
  for (const ResultTable::Part& part : table.parts) body += part_element(part);
  return html_page(table.title + " · proxseg", body);
}

ResultTable table_of(const std::string& title, std::vector<MeasuredRun> runs,
                     const fs::path& page) {
  std::ranges::stable_sort(runs, std::ranges::greater{}, f_of);
  const std::vector<const Field*> fields = differing_fields(runs);
  const bool measured =
      std::ranges::any_of(runs, [](const auto& run) { return run.measures.has_value(); });
  const bool scored = std::ranges::any_of(
      runs, [](const auto& run) { return run.run.summary && run.run.summary->score; });
  std::set<std::string> sequences;
  for (const MeasuredRun& run : runs) sequences.insert(sequences_of(run.run));
  ResultTable table;
  table.title = title;
  table.note = fmt::format("{} {}", runs.size(), runs.size() == 1 ? "run" : "runs");
  if (measured) table.columns.emplace_back("F");
  if (scored) table.columns.emplace_back("score");
  table.columns.insert(table.columns.end(), {"loss", "steps", "seconds in steps"});
  if (sequences.size() > 1) table.columns.emplace_back("sequence");
  for (const Field* field : fields) table.columns.push_back(field->key);
  for (const auto& [run, measures] : runs) {
    ResultTable::Row row;
    row.name = run.name;
    row.link = link_to_run(run.folder, page);
    auto& cells = row.cells;
    if (measured) cells.push_back(measures ? ordered_json(measures->f_measure) : nullptr);
    if (scored) cells.push_back(cell_of(run.summary ? run.summary->score : std::nullopt));
    cells.insert(cells.end(),
                 {cell_of(run.loss()), steps_of(run), cell_of(run.seconds_in_steps())});
    if (sequences.size() > 1) cells.emplace_back(sequences_of(run));
    for (const Field* field : fields) cells.push_back(cell_of(field->get(run.recipe.recipe)));
    table.rows.push_back(std::move(row));
  }
  table.up = table.columns.front();
  const auto shown =
      std::ranges::find_if(fields, [](const Field* field) { return field->key != "seed"; });
  table.across = shown == fields.end() ? "seconds in steps" : (*shown)->key;
  return table;
}

}  // namespace proxseg
