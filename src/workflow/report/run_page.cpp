#include "proxseg/workflow/report/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "proxseg/core/error.h"
#include "proxseg/core/text.h"
#include "proxseg/media/image_file.h"
#include "proxseg/recipe/fields.h"
#include "workflow/report/html.h"

namespace proxseg {
using nlohmann::ordered_json;
namespace {

// A trial's folder is always called run; the trial has a name.
const std::string& run_title(const RunRecord& run, const RunContext& context) {
  return context.trial.empty() ? run.name : context.trial;
}

// With all digits under the pointer.
std::string number_tile(const std::string& name, double value, const char* format = "{:.5g}") {
  return tile(name, fmt::format(fmt::runtime(format), value), fmt::format("{}", value));
}

// Rows of cells under headings, both as HTML.
std::string data_table(const std::string& rows, const std::string& headings = {}) {
  const std::string head =
      headings.empty() ? "" : fmt::format("<thead><tr>{}</tr></thead>", headings);
  return fmt::format("<table class=\"data\">{}<tbody>\n{}</tbody></table>", head, rows);
}

std::string header(const RunRecord& run, const RunContext& context) {
  std::string text;
  if (!context.sweep.empty()) {
    const std::string name = "sweep " + context.sweep;
    text = context.link.empty()
               ? fmt::format("<nav class=\"faint\">a trial of the {}</nav>\n", escape_html(name))
               : fmt::format("<nav><a href=\"{}\">← {}</a></nav>\n", escape_html(context.link),
                             escape_html(name));
  }
  text += fmt::format("<h1>{}</h1>\n<p class=\"faint\">trained on {}",
                      escape_html(run_title(run, context)), escape_html(run.input_names()));
  if (!run.time.empty()) {
    std::string time = run.time.substr(0, 16);
    std::ranges::replace(time, 'T', ' ');
    text += fmt::format(", {} UTC", escape_html(time));
  }
  if (!run.summary) text += " · not finished";
  text += "</p>\n";
  const std::string& description = run.recipe.recipe.description;
  if (!description.empty()) text += fmt::format("<p>{}</p>\n", escape_html(description));
  return text;
}

// F as the context says, else of each sequence with ground truth.
std::string accuracy_tiles(const std::vector<Gallery>& galleries, const RunContext& context) {
  constexpr const char* kFormat = "{:.4f}";
  if (context.f_measure) return number_tile("F-measure", *context.f_measure, kFormat);
  std::string text;
  for (const Gallery& gallery : galleries) {
    if (!gallery.truth) continue;
    const Score& score = gallery.truth->evaluation.score;
    std::string name = "F-measure";
    if (galleries.size() > 1) name = fmt::format("F, {}", gallery.sequence);
    if (score.frames < gallery.truth->labelled_frames) {
      name += fmt::format(", {} frames", score.frames);
    }
    text += number_tile(name, score.measures.f_measure, kFormat);
  }
  return text;
}

std::string tiles(const RunRecord& run, const std::vector<Gallery>& galleries,
                  const RunContext& context) {
  std::string text = "<dl class=\"tiles\">\n" + accuracy_tiles(galleries, context);
  const auto last = [&](const char* metric) {
    return run.metric(metric).empty() ? NAN : run.metric(metric).back();
  };
  const bool is_trial = run.summary && run.summary->sequence_loss;
  if (const auto loss = run.loss()) {
    text += number_tile(is_trial ? "loss" : "training loss", *loss);
    text += number_tile("learned rank", last("learned_rank"), "{:.2f}");
    text += tile("pixels in the mask", fmt::format("{:.2f} %", 100.0 * last("sparsity")));
    text += tile("steps", std::to_string(run.metric("loss").size()));
    if (const auto seconds = run.seconds_in_steps())
      text += number_tile("seconds in steps", *seconds);
  }
  if (context.seconds) text += number_tile("seconds of the trial", *context.seconds);
  if (const auto score = run.score()) text += number_tile("score without labels", *score);
  if (run.summary && run.summary->parameters) {
    text += tile("parameters", fmt::format("{:.0f}", *run.summary->parameters));
  }
  return text + "</dl>\n";
}

// ---- frames

struct Layer {
  const char* name;
  std::string GalleryFrame::*jpeg;
  const char* remark = "";
};
constexpr Layer kLayers[] = {{"frame", &GalleryFrame::frame},
                             {"background", &GalleryFrame::background},
                             {"foreground", &GalleryFrame::foreground, ", brightened"},
                             {"mask", &GalleryFrame::mask},
                             {"errors", &GalleryFrame::errors}};

std::string gallery_player(const Gallery& gallery, const std::string& id) {
  if (gallery.frames.empty()) return "";
  const GalleryFrame& first = gallery.frames.front();
  std::string panels;
  for (const auto& [name, jpeg, remark] : kLayers) {
    if ((first.*jpeg).empty()) continue;
    panels += fmt::format(
        "<figure><figcaption>{0}{1}</figcaption><img data-layer=\"{0}\" alt=\"{0}\"></figure>\n",
        name, remark);
  }
  auto frames = ordered_json::array();
  for (const GalleryFrame& frame : gallery.frames) {
    ordered_json& json = frames.emplace_back(ordered_json{{"name", frame.name}});
    for (const auto& [name, jpeg, remark] : kLayers) {
      if (!(frame.*jpeg).empty()) json[name] = jpeg_uri(frame.*jpeg);
    }
  }
  return player(id, "frame of " + gallery.sequence, panels, frames,
                first.errors.empty() ? "" : error_legend());
}

// Some of the pictures that were taken during training, the first and the last among them. notes:
// takes what is damaged.
std::string preview_player(const RunRecord& run, bool is_brief, std::vector<std::string>& notes) {
  const size_t most = is_brief ? 2 : 8;
  constexpr int kPreviewWidth = 960;
  const size_t count = std::min(most, run.previews.size());
  auto frames = ordered_json::array();
  for (size_t i = 0; i < count; ++i) {
    const size_t at = count < 2 ? 0 : i * (run.previews.size() - 1) / (count - 1);
    const auto& [step, file] = run.previews[at];
    try {
      frames.push_back({{"name", fmt::format("step {}", step)},
                        {"mask", jpeg_uri(jpeg_of(read_image(file), kPreviewWidth))}});
    } catch (const InputError& error) {
      notes.emplace_back(error.what());
    }
  }
  if (frames.empty()) return "";
  return "<h2>As it learned</h2>\n" +
         player("previews", "step", "<figure><img data-layer=\"mask\" alt=\"preview\"></figure>\n",
                frames);
}

std::string frames(const std::vector<Gallery>& galleries) {
  std::string text;
  for (size_t i = 0; i < galleries.size(); ++i) {
    text += fmt::format("<h2>{}</h2>\n",
                        escape_html(galleries.size() == 1 ? "Frames" : galleries[i].sequence));
    text += gallery_player(galleries[i], fmt::format("frames{}", i));
  }
  return text;
}

// ---- ground truth

constexpr const char* kMeaning[] = {"recall: share of the moving pixels that is found",
                                    "specificity: share of the still pixels that is left alone",
                                    "false positive rate",
                                    "false negative rate",
                                    "percentage of wrong pixels",
                                    "precision: share of the mask that moves",
                                    "F-measure, the harmonic mean of recall and precision",
                                    "false positive rate on hard shadow"};

std::string measures_table(const GalleryTruth& truth) {
  const std::string folder = truth.evaluation.masks.string();
  const std::string masks =
      folder.empty() ? "segmented for this report" : fmt::format("in {}", folder);
  std::string rows;
  for (size_t i = 0; i < kMeasures.size(); ++i) {
    rows += fmt::format(
        "<tr><td>{}</td><td class=\"number\">{:.4f}</td><td class=\"faint\">{}</td></tr>\n",
        kMeasures[i].name, truth.evaluation.score.measures.*kMeasures[i].value, kMeaning[i]);
  }
  return fmt::format(
      "<div class=\"card\"><h3>Measures</h3><p class=\"note faint\">by the rule of CDnet 2014, over "
      "{} of {} frames with ground truth; masks {}</p>\n{}</div>\n",
      truth.evaluation.score.frames, truth.labelled_frames, escape_html(masks), data_table(rows));
}

std::string ground_truth(const std::vector<Gallery>& galleries, double threshold) {
  std::string text;
  for (size_t i = 0; i < galleries.size(); ++i) {
    if (!galleries[i].truth) continue;
    text += fmt::format(
        "<h2>Against the ground truth{}</h2>\n<div class=\"charts\">\n",
        galleries.size() == 1 ? "" : fmt::format(": {}", escape_html(galleries[i].sequence)));
    text += measures_table(*galleries[i].truth);
    text += threshold_curve(*galleries[i].truth, threshold, fmt::format("threshold{}", i));
    text += "</div>\n";
  }
  return text;
}

// ---- recipe and environment

std::string recipe_row(const Field& field, const RunRecord& run, bool changed) {
  const auto origin = run.recipe.origins.find(field.key);
  return fmt::format(
      "<tr{}><td><code>{}</code></td><td><code>{}</code></td>"
      "<td class=\"faint\"><code>{}</code></td>"
      "<td class=\"faint\">{}</td><td class=\"faint long\">{}</td></tr>\n",
      changed ? " class=\"changed\"" : "", breakable_html(field.key),
      escape_html(to_text(field.get(run.recipe.recipe))), escape_html(to_text(field.get(Recipe{}))),
      escape_html(origin == run.recipe.origins.end() ? "" : origin->second),
      escape_html(field.help));
}

std::string scrolling(const std::string& table) {
  return fmt::format("<div class=\"scroll card\">{}</div>\n", table);
}

std::string recipe_table(const std::string& rows) {
  return scrolling(data_table(rows,
                              "<th>field</th><th>value</th><th>default</th><th>from</th>"
                              "<th>meaning</th>"));
}

std::string recipe(const RunRecord& run) {
  std::string changed, others;
  for (const Field& field : recipe_fields()) {
    if (field.key == "description") continue;  // stands at the top of the page
    const bool differs = field.get(run.recipe.recipe) != field.get(Recipe{});
    (differs ? changed : others) += recipe_row(field, run, differs);
  }
  const std::string first =
      changed.empty() ? "<p>Every field has its default.</p>\n" : recipe_table(changed);
  return "<h2>Recipe</h2>\n" + first +
         "<details><summary>Fields that have their default</summary>\n" + recipe_table(others) +
         "</details>\n";
}

std::string environment(const RunRecord& run) {
  if (run.environment.empty()) return "";
  std::string rows;
  for (const auto& [name, value] : run.environment) {
    rows += fmt::format("<tr><td>{}</td><td>{}</td></tr>\n", escape_html(name), escape_html(value));
  }
  return "<h2>Environment</h2>\n" + scrolling(data_table(rows));
}

std::string reproduce(const RunRecord& run) {
  if (run.command.empty()) return "";
  return fmt::format(
      "<h2>Make this run again</h2>\n<div class=\"card\">{}"
      "<p class=\"faint\">It was made in <code>{}</code> by</p>\n{}</div>\n",
      command_element(shell_path((run.folder / "reproduce.sh").string()) + " NEW_RUN"),
      escape_html(run.command_folder), command_element(shell_line(run.command)));
}

}  // namespace

std::string run_page(const RunRecord& run, const std::vector<Gallery>& galleries,
                     const std::vector<std::string>& notes, const RunContext& context) {
  std::vector<std::string> missing = run.problems;
  const std::string previews = preview_player(run, context.is_brief, missing);
  std::string body = header(run, context) + tiles(run, galleries, context);
  for (const std::string& note : notes) body += fmt::format("<p>{}</p>\n", escape_html(note));
  for (const std::string& problem : missing) {
    body += fmt::format("<p>Left out: {}.</p>\n", escape_html(problem));
  }
  if (context.is_brief) {
    body += "<p>This page, with frames of the whole sequence and their masks, is made by</p>\n" +
            command_element("proxseg report " + shell_path(run.folder.string()));
  }
  body += frames(galleries) + ground_truth(galleries, run.recipe.recipe.mask.threshold) +
          training_curves(run) + previews + recipe(run) + environment(run) + reproduce(run);
  return html_page(run_title(run, context) + " · proxseg", body);
}

}  // namespace proxseg
