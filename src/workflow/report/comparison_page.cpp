#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "proxseg/recipe/fields.h"
#include "proxseg/workflow/report/report.h"
#include "workflow/or_null.h"
#include "workflow/report/html.h"

namespace proxseg {
using nlohmann::ordered_json;
namespace {

using Runs = std::vector<ComparedRun>;

std::string compared_results(const Runs& runs) {
  std::vector<ResultTable::Row> rows;
  for (const ComparedRun& compared : runs) {
    const RunRecord& run = compared.run;
    const size_t steps = run.metric("step").size();
    const auto seconds = run.seconds_in_steps();
    const auto milliseconds =
        seconds ? std::optional(1000.0 * *seconds / static_cast<double>(steps)) : std::nullopt;
    rows.push_back({compared.name,
                    compared.link,
                    {or_null(compared.f_measure), or_null(run.score()), or_null(run.loss()), steps,
                     or_null(seconds), or_null(milliseconds), run.input_names()}});
  }
  return sortable_table(
      {"F", "score", loss_name(runs), "steps", "seconds in steps", "ms a step", "sequence"}, rows,
      /*named=*/true);
}

// A row for each field that is not the same in all runs.
std::string recipe_differences(const Runs& runs) {
  std::vector<std::string> columns = {"field"};
  for (const ComparedRun& compared : runs) columns.push_back(compared.name);
  std::vector<ResultTable::Row> rows;
  for (const Field& field : recipe_fields()) {
    if (field.key == "description") continue;
    const auto value_in = [&](const ComparedRun& one) { return field.get(one.run.recipe.recipe); };
    const auto is_same = [&](const ComparedRun& one) { return value_in(one) == value_in(runs[0]); };
    if (std::ranges::all_of(runs, is_same)) continue;
    auto& cells = rows.emplace_back().cells;
    cells.emplace_back(field.key);
    for (const ComparedRun& one : runs) cells.emplace_back(to_text(value_in(one)));
  }
  if (rows.empty()) return "<p>The recipes are the same.</p>\n";
  return sortable_table(columns, rows, /*named=*/false);
}

struct View {
  const char* name;
  std::string GalleryFrame::*jpeg;
};
constexpr View kViews[] = {{"mask", &GalleryFrame::mask},
                           {"errors", &GalleryFrame::errors},
                           {"background", &GalleryFrame::background},
                           {"foreground", &GalleryFrame::foreground}};

const GalleryFrame* frame_named(const ComparedRun& run, const std::string& name) {
  const auto found = std::ranges::find(run.frames, name, &GalleryFrame::name);
  return found == run.frames.end() ? nullptr : &*found;
}

// The frames of the first run that has some, with the pictures of all: mask0 of the first run, mask1
// of the second.
ordered_json compared_frames(const Runs& runs, const ComparedRun& shown) {
  auto frames = ordered_json::array();
  for (const GalleryFrame& first : shown.frames) {
    ordered_json& json =
        frames.emplace_back(ordered_json{{"name", first.name}, {"frame", jpeg_uri(first.frame)}});
    for (size_t r = 0; r < runs.size(); ++r) {
      const GalleryFrame* frame = frame_named(runs[r], first.name);
      for (const auto& [view, jpeg] : kViews) {
        if (!frame || (frame->*jpeg).empty()) continue;
        json[fmt::format("{}{}", view, r)] = jpeg_uri(frame->*jpeg);
      }
    }
  }
  return frames;
}

std::string compared_masks(const Runs& runs) {
  const auto shown =
      std::ranges::find_if(runs, [](const ComparedRun& run) { return !run.frames.empty(); });
  if (shown == runs.end()) return "";
  std::string panels =
      "<figure><figcaption>frame</figcaption><img data-layer=\"frame\" alt=\"frame\"></figure>\n";
  for (size_t r = 0; r < runs.size(); ++r) {
    if (runs[r].frames.empty()) continue;
    panels += fmt::format(
        "<figure><figcaption>{0}</figcaption><img data-layer=\"mask{1}\" alt=\"{0}\"></figure>\n",
        escape_html(runs[r].name), r);
  }
  const bool has_errors = !shown->frames.front().errors.empty();
  return "<h2>The same frames</h2>\n" +
         player("frames", "frame", panels, compared_frames(runs, *shown),
                has_errors ? error_legend() : "",
                has_errors ? "mask,errors,background,foreground" : "mask,background,foreground");
}

}  // namespace

std::string comparison_page(const std::vector<ComparedRun>& runs,
                            const std::vector<std::string>& notes) {
  std::string title;
  std::vector<std::string> names;
  std::vector<const RunRecord*> records;
  for (const ComparedRun& compared : runs) {
    title += (title.empty() ? "" : ", ") + compared.name;
    names.push_back(compared.name);
    records.push_back(&compared.run);
  }
  std::string body = fmt::format("<h1>{}</h1>\n<p class=\"faint\">{} runs compared</p>\n",
                                 escape_html(title), runs.size());
  for (const std::string& note : notes) body += fmt::format("<p>{}</p>\n", escape_html(note));
  for (const ComparedRun& compared : runs) {
    for (const std::string& problem : compared.run.problems) {
      body += fmt::format("<p>Left out: {}.</p>\n", escape_html(problem));
    }
  }
  body += "<h2>Results</h2>\n" + compared_results(runs) + compared_masks(runs) +
          "<h2>Training</h2>\n" + loss_comparison(names, records) +
          "<h2>Where the recipes differ</h2>\n" + recipe_differences(runs);
  return html_page(title + " · proxseg", body);
}

}  // namespace proxseg
