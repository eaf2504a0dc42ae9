#include "proxseg/workflow/report/result_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>
#include <sstream>

#include "proxseg/core/text.h"
#include "proxseg/recipe/fields.h"
#include "workflow/report/html.h"

namespace proxseg {
namespace fs = std::filesystem;
using nlohmann::ordered_json;
namespace {

ordered_json cell_of(const FieldValue& value) {
  if (const auto* integer = std::get_if<int64_t>(&value)) return *integer;
  if (const auto* real = std::get_if<double>(&value)) return *real;
  return to_text(value);
}

template <typename Number>
ordered_json cell_of(const std::optional<Number>& value) {
  return value ? ordered_json(*value) : ordered_json(nullptr);
}

double f_of(const MeasuredRun& run) { return run.measures ? run.measures->f_measure : -1.0; }

// A column of the table of runs.
struct RunFact {
  std::string name;
  std::function<ordered_json(const MeasuredRun&)> of;
  bool is_field = false;
};

// Those that tell the runs apart, or say how good they are.
std::vector<RunFact> facts_of(const std::vector<MeasuredRun>& runs) {
  const auto any = [&](auto&& holds) { return std::ranges::any_of(runs, holds); };
  const auto differ = [&](auto&& value) {
    return any([&](const MeasuredRun& run) { return value(run) != value(runs.front()); });
  };
  std::vector<RunFact> facts;
  if (any([](const MeasuredRun& run) { return run.measures.has_value(); })) {
    facts.push_back({"F", [](const MeasuredRun& run) {
                       return run.measures ? ordered_json(run.measures->f_measure) : nullptr;
                     }});
  }
  const auto score = [](const MeasuredRun& run) {
    return cell_of(run.run.summary ? run.run.summary->score : std::nullopt);
  };
  if (any([&](const MeasuredRun& run) { return !score(run).is_null(); })) {
    facts.push_back({"score", score});
  }
  facts.push_back({"loss", [](const MeasuredRun& run) { return cell_of(run.run.loss()); }});
  facts.push_back({"steps", [](const MeasuredRun& run) { return run.run.metric("step").size(); }});
  facts.push_back({"seconds in steps",
                   [](const MeasuredRun& run) { return cell_of(run.run.seconds_in_steps()); }});
  const auto sequences = [](const MeasuredRun& run) { return run.run.input_names(); };
  if (differ(sequences)) facts.push_back({"sequence", sequences});
  for (const Field& field : recipe_fields()) {
    const auto value = [&field](const MeasuredRun& run) {
      return field.get(run.run.recipe.recipe);
    };
    if (field.key == "description" || !differ(value)) continue;
    facts.push_back({field.key, [value](const MeasuredRun& run) { return cell_of(value(run)); },
                     /*is_field=*/true});
  }
  return facts;
}

std::string shown(const ordered_json& cell) {
  if (cell.is_null()) return "–";
  if (cell.is_number_float()) return fmt::format("{:.5g}", cell.get<double>());
  return cell.is_string() ? cell.get<std::string>() : json_line(cell);
}

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
  if (numeric && !cell.is_null() && text != value) {
    attributes += fmt::format(" title=\"{}\"", value);
  }
  return fmt::format("<td{} data-value=\"{}\">{}</td>", attributes, escape_html(value),
                     escape_html(text));
}

std::string heading(const std::string& name, bool numeric) {
  return fmt::format("<th scope=\"col\"{}><button type=\"button\">{}</button></th>",
                     numeric ? " class=\"number\"" : "", escape_html(name));
}

// Whether values are spread over powers of ten: over more than two of them, or over one, with their
// median nearer to the geometric middle than to the arithmetic one, as where they were drawn
// log-uniformly.
bool suits_log_axis(const std::vector<ordered_json>& cells) {
  std::vector<double> values;
  for (const ordered_json& cell : cells) {
    if (cell.is_null()) continue;
    if (!cell.is_number() || cell.get<double>() <= 0.0) return false;
    values.push_back(cell.get<double>());
  }
  if (values.size() < 2) return false;
  std::ranges::sort(values);
  const double low = values.front(), high = values.back();
  if (high > 100.0 * low) return true;
  const double median = (values[(values.size() - 1) / 2] + values[values.size() / 2]) / 2.0;
  return high >= 9.99 * low &&
         std::abs(median - std::sqrt(low * high)) < std::abs(median - (low + high) / 2.0);
}

ordered_json plot_of(const ResultTable& table) {
  ordered_json plot = {{"title", table.title}, {"x", table.across}, {"y", table.up}};
  if (!table.colour.empty()) plot["colour"] = table.colour;
  if (!table.axes.empty()) plot["axes"] = table.axes;
  plot["columns"] = ordered_json::array();
  for (size_t i = 0; i < table.columns.size(); ++i) {
    std::vector<ordered_json> values;
    for (const ResultTable::Row& row : table.rows) values.push_back(row.cells[i]);
    plot["columns"].push_back(
        {{"name", table.columns[i]},
         {"values", values},
         {"log", table.log_columns.contains(table.columns[i]) || suits_log_axis(values)}});
  }
  plot["rows"] = ordered_json::array();
  for (const ResultTable::Row& row : table.rows) {
    plot["rows"].push_back({{"name", row.name}, {"link", row.link}});
  }
  return plot;
}

std::string plots_of(const ResultTable& table) {
  std::string text =
      "<h2>One column against another</h2>\n<figure class=\"chart card\" "
      "data-scatter=\"plot\"></figure>\n";
  if (table.axes.size() > 1) {
    text +=
        "<h2>All that was searched</h2>\n<figure class=\"chart card\" "
        "data-parallel=\"plot\"></figure>\n";
  }
  return text + json_element("plot", plot_of(table));
}

// Lines of text; those that begin with two blanks and the program's name are commands.
std::string text_with_commands(const std::string& text) {
  std::string html, plain;
  const auto end_plain = [&] {
    if (!plain.empty()) html += fmt::format("<pre>{}</pre>\n", escape_html(plain));
    plain.clear();
  };
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("  proxseg ")) {
      end_plain();
      html += command_element(line.substr(2));
    } else {
      plain += (plain.empty() ? "" : "\n") + line;
    }
  }
  end_plain();
  return html;
}

}  // namespace

std::string sortable_table(const std::vector<std::string>& columns,
                           const std::vector<ResultTable::Row>& rows, bool named,
                           const std::string& names) {
  std::string head = named ? heading(names, false) : "", body;
  std::vector<bool> numeric;
  for (size_t i = 0; i < columns.size(); ++i) {
    numeric.push_back(std::ranges::all_of(rows, [i](const ResultTable::Row& row) {
      return row.cells[i].is_number() || row.cells[i].is_null();
    }));
    head += heading(columns[i], numeric[i]);
  }
  for (const auto& [name, link, cells] : rows) {
    const std::string text = escape_html(name);
    body += "<tr>";
    if (named && link.empty()) body += fmt::format("<td>{}</td>", text);
    if (named && !link.empty()) {
      body += fmt::format("<td><a href=\"{}\">{}</a></td>", escape_html(link), text);
    }
    for (size_t i = 0; i < cells.size(); ++i) body += cell_element(cells[i], numeric[i]);
    body += "</tr>\n";
  }
  return fmt::format(
      "<div class=\"scroll card\"><table class=\"data sortable\"><thead><tr>{}</tr>"
      "</thead><tbody>\n{}</tbody></table></div>\n",
      head, body);
}

std::string link_to_run(const fs::path& run, const fs::path& page) {
  std::error_code ignored;
  return fs::exists(run / "report.html", ignored) ? relative_link(run / "report.html", page) : "";
}

std::string table_page(const ResultTable& table, int64_t refresh) {
  std::string body = fmt::format("<h1>{}</h1>\n<p class=\"faint\">{}</p>\n",
                                 escape_html(table.title), escape_html(table.note));
  if (!table.best.empty()) {
    body += fmt::format("<div class=\"card\">{}</div>\n", text_with_commands(table.best));
  }
  body += "<h2>Runs</h2>\n" + sortable_table(table.columns, table.rows, /*named=*/true);
  if (!table.rows.empty()) body += plots_of(table);
  for (const ResultTable::Part& part : table.parts) {
    const bool named = std::ranges::any_of(part.rows, [](auto& row) { return !row.name.empty(); });
    body += fmt::format("<h2>{}</h2>\n", escape_html(part.title)) +
            sortable_table(part.columns, part.rows, named);
  }
  return html_page(table.title + " · proxseg", body, refresh);
}

ResultTable table_of(const std::string& title, std::vector<MeasuredRun> runs,
                     const fs::path& page) {
  std::ranges::stable_sort(runs, std::ranges::greater{}, f_of);
  const std::vector<RunFact> facts = facts_of(runs);
  ResultTable table;
  table.title = title;
  table.note = fmt::format("{} {}", runs.size(), runs.size() == 1 ? "run" : "runs");
  for (const RunFact& fact : facts) table.columns.push_back(fact.name);
  for (const MeasuredRun& run : runs) {
    ResultTable::Row row{run.run.name, link_to_run(run.run.folder, page), {}};
    for (const RunFact& fact : facts) row.cells.push_back(fact.of(run));
    table.rows.push_back(std::move(row));
  }
  table.up = table.columns.front();
  if (std::ranges::find(table.columns, "sequence") != table.columns.end())
    table.colour = "sequence";
  const auto shown = std::ranges::find_if(
      facts, [](const RunFact& fact) { return fact.is_field && fact.name != "seed"; });
  table.across = shown == facts.end() ? "seconds in steps" : shown->name;
  return table;
}

}  // namespace proxseg
