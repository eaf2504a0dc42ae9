#include "proxseg/workflow/report/result_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>

#include "proxseg/core/file.h"
#include "proxseg/core/statistics.h"
#include "proxseg/core/text.h"
#include "proxseg/recipe/fields.h"
#include "workflow/or_null.h"
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
  const auto score = [](const MeasuredRun& run) { return or_null(run.run.score()); };
  if (any([&](const MeasuredRun& run) { return !score(run).is_null(); })) {
    facts.push_back({"score", score});
  }
  facts.push_back(
      {loss_name(runs), [](const MeasuredRun& run) { return or_null(run.run.loss()); }});
  facts.push_back({"steps", [](const MeasuredRun& run) { return run.run.metric("step").size(); }});
  facts.push_back({"seconds in steps",
                   [](const MeasuredRun& run) { return or_null(run.run.seconds_in_steps()); }});
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

std::vector<ordered_json> values_of(const ResultTable& table, const std::string& column) {
  const auto at = std::ranges::find(table.columns, column) - table.columns.begin();
  std::vector<ordered_json> values;
  if (at == std::ssize(table.columns)) return values;
  for (const ResultTable::Row& row : table.rows) {
    values.push_back(row.cells[static_cast<size_t>(at)]);
  }
  return values;
}

// F or the score, whichever more rows have; the loss where they have neither.
std::string measure_of(const ResultTable& table) {
  const auto count = [&](const char* column) {
    return std::ranges::count_if(values_of(table, column),
                                 [](const ordered_json& value) { return !value.is_null(); });
  };
  if (count("F") == 0 && count("score") == 0) {
    return *std::ranges::find_if(table.columns, [](auto& name) { return name.ends_with("loss"); });
  }
  return count("score") > count("F") ? "score" : "F";
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
                     breakable_html(text));
}

std::string heading(const std::string& name, bool numeric) {
  return fmt::format("<th scope=\"col\"{}><button type=\"button\">{}</button></th>",
                     numeric ? " class=\"number\"" : "", breakable_html(name));
}

// Known values that are not all numbers do not.
bool suits_log_axis(const std::vector<ordered_json>& cells) {
  std::vector<double> values;
  for (const ordered_json& cell : cells) {
    if (cell.is_null()) continue;
    if (!cell.is_number()) return false;
    values.push_back(cell.get<double>());
  }
  return suits_log_scale(values);
}

// The different values that a column has in the rows that can be judged.
std::set<ordered_json> plotted_values(const ResultTable& table, const std::string& column) {
  const std::vector<ordered_json> values = values_of(table, column),
                                  up = values_of(table, table.up);
  std::set<ordered_json> plotted;
  for (size_t i = 0; i < values.size(); ++i) {
    if (!values[i].is_null() && !up[i].is_null()) plotted.insert(values[i]);
  }
  return plotted;
}

std::vector<std::string> plotted_columns(const ResultTable& table,
                                         std::vector<std::string> columns) {
  std::erase_if(columns, [&](auto& column) { return plotted_values(table, column).empty(); });
  return columns;
}

std::string first_across(const ResultTable& table) {
  const auto differs = std::ranges::find_if(
      table.across, [&](auto& column) { return plotted_values(table, column).size() > 1; });
  if (differs != table.across.end()) return *differs;
  return table.across.empty() ? table.up : table.across.back();
}

ordered_json plot_of(const ResultTable& table) {
  ordered_json plot = {{"title", table.title},
                       {"row", table.row},
                       {"x", first_across(table)},
                       {"y", table.up},
                       {"lowIsGood", table.up.ends_with("loss")}};
  if (!table.colour.empty()) plot["colour"] = table.colour;
  plot["axes"] = plotted_columns(table, table.axes);
  plot["columns"] = ordered_json::array();
  for (const std::string& column : plotted_columns(table, table.columns)) {
    const std::vector<ordered_json> values = values_of(table, column);
    plot["columns"].push_back(
        {{"name", column},
         {"values", values},
         {"log", table.log_columns.contains(column) || suits_log_axis(values)}});
  }
  plot["rows"] = ordered_json::array();
  for (const ResultTable::Row& row : table.rows) {
    plot["rows"].push_back({{"name", row.name}, {"link", row.link}});
  }
  return plot;
}

std::string plots_of(const ResultTable& table) {
  const ordered_json plot = plot_of(table);
  if (plot["columns"].empty()) return "";
  std::string text =
      "<h2>One column against another</h2>\n<figure class=\"chart card\" "
      "data-scatter=\"plot\"></figure>\n";
  if (plot["axes"].size() > 1) {
    text +=
        "<h2>All that was searched</h2>\n<figure class=\"chart card\" "
        "data-parallel=\"plot\"></figure>\n";
  }
  return text + json_element("plot", plot);
}

// What is the same in every row is said once, above; the first column stays.
std::string condensed_table(std::vector<std::string> columns, std::vector<ResultTable::Row> rows,
                            const std::string& row_name) {
  std::string shared;
  for (size_t i = rows.empty() ? 0 : columns.size(); i-- > 1;) {
    const ordered_json value = rows.front().cells[i];
    const bool is_same =
        std::ranges::all_of(rows, [&](auto& row) { return row.cells[i] == value; });
    if (!is_same || (rows.size() == 1 && !value.is_null())) continue;
    if (!value.is_null()) {
      const std::string comma = shared.empty() ? "" : ", ";
      shared = fmt::format("{} {}{}{}", columns[i], shown(value), comma, shared);
    }
    const auto at = static_cast<std::ptrdiff_t>(i);
    columns.erase(columns.begin() + at);
    for (ResultTable::Row& row : rows) row.cells.erase(row.cells.begin() + at);
  }
  const bool named = std::ranges::any_of(rows, [](auto& row) { return !row.name.empty(); });
  const std::string note =
      shared.empty() ? ""
                     : fmt::format("<p class=\"note faint\">The same in every row: {}</p>\n",
                                   breakable_html(shared));
  return note + fmt::format("<div class=\"scroll card\">{}</div>\n",
                            table_element(columns, rows, named, row_name));
}

std::string part_of(const ResultTable::Part& part) {
  return fmt::format("<h2>{}</h2>\n", escape_html(part.title)) +
         condensed_table(part.columns, part.rows, part.row);
}

std::string best_of(const ResultTable::Best& best) {
  std::string text = fmt::format(
      "<section class=\"card\">\n<p>{}<br><code>{}</code></p>\n"
      "<div class=\"scroll\">{}</div>\n",
      escape_html(best.text), escape_html(best.settings),
      table_element(best.trials.columns, best.trials.rows,
                    /*named=*/true, "trial"));
  for (const std::string& warning : best.warnings) {
    text += fmt::format("<p>Warning: {}</p>\n", escape_html(warning));
  }
  for (const auto& [purpose, command] : best.commands) {
    text += fmt::format("<p>{}:</p>\n{}", escape_html(purpose), command_element(command));
  }
  return text + "</section>\n";
}

std::string shares_of(const ResultTable& table) {
  const std::string title = "<h2>How much each field mattered</h2>\n";
  if (table.shares.empty()) {
    return table.missing_shares.empty() ? ""
                                        : fmt::format("{}<p class=\"note faint\">{}</p>\n", title,
                                                      escape_html(table.missing_shares));
  }
  std::string rows;
  for (const auto& [name, share] : table.shares) {
    rows += fmt::format(
        "<tr><td>{}</td><td><div class=\"share\" style=\"width: {:.1f}%\"></div></td>"
        "<td class=\"number\">{:.1f} %</td></tr>\n",
        breakable_html(name), 100.0 * share, 100.0 * share);
  }
  return title +
         fmt::format(
             "<p class=\"note faint\">Share of the variance of {}, "
             "without that between sequences: of a field by itself, or of two beyond that</p>\n<div "
             "class=\"scroll card\"><table class=\"data shares\"><tbody>\n{}</tbody></table></div>\n",
             escape_html(table.up), rows);
}

}  // namespace

std::string table_element(const std::vector<std::string>& columns,
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
  for (const auto& [name, link, cells, group] : rows) {
    const std::string text = breakable_html(name);
    body += group.empty() ? "<tr>" : fmt::format("<tr data-group=\"{}\">", escape_html(group));
    if (named && link.empty()) body += fmt::format("<td class=\"name\">{}</td>", text);
    if (named && !link.empty()) {
      body += fmt::format("<td class=\"name\"><a href=\"{}\">{}</a></td>", escape_html(link), text);
    }
    for (size_t i = 0; i < cells.size(); ++i) body += cell_element(cells[i], numeric[i]);
    body += "</tr>\n";
  }
  return fmt::format(
      "<table class=\"data sortable\"><thead><tr>{}</tr></thead><tbody>\n{}</tbody></table>\n",
      head, body);
}

std::string sortable_table(const std::vector<std::string>& columns,
                           const std::vector<ResultTable::Row>& rows, bool named) {
  return fmt::format("<div class=\"scroll card\">{}</div>\n",
                     table_element(columns, rows, named, "run"));
}

std::string link_to_run(const fs::path& run, const fs::path& page) {
  return is_there(run / "report.html") ? relative_link(run / "report.html", page) : "";
}

std::string table_page(const ResultTable& table, int64_t refresh) {
  std::string body = fmt::format("<h1>{}</h1>\n<p class=\"faint\">{}</p>\n",
                                 escape_html(table.title), escape_html(table.note));
  if (table.best) body += best_of(*table.best);
  for (const ResultTable::Part& part : table.above) body += part_of(part);
  body += part_of({table.row == "run" ? "Runs" : "Trials", table.columns, table.rows, table.row});
  body += plots_of(table);
  for (const ResultTable::Part& part : table.parts) body += part_of(part);
  body += shares_of(table);
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
  table.up = measure_of(table);
  if (std::ranges::find(table.columns, "sequence") != table.columns.end())
    table.colour = "sequence";
  for (const RunFact& fact : facts) {
    if (fact.is_field && fact.name != "seed") table.across.push_back(fact.name);
  }
  table.across.emplace_back("seconds in steps");
  return table;
}

}  // namespace proxseg
