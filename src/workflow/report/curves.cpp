#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "proxseg/core/text.h"
#include "proxseg/train/loss.h"
#include "workflow/report/html.h"

namespace proxseg {
using nlohmann::ordered_json;
namespace {

constexpr size_t kPoints = 1500;  // of a curve, at most

ordered_json number(double value) {
  if (!std::isfinite(value)) return nullptr;
  return parse_number<double>(fmt::format("{:.7g}", value)).value();
}

ordered_json numbers(const std::vector<double>& values) {
  auto list = ordered_json::array();
  for (const double value : values) list.push_back(number(value));
  return list;
}

// Every k-th value and the last one.
ordered_json thinned(const std::vector<double>& values) {
  const size_t every = (values.size() + kPoints - 1) / kPoints;
  std::vector<double> kept;
  for (size_t i = 0; i < values.size(); ++i) {
    if (i % every == 0 || i + 1 == values.size()) kept.push_back(values[i]);
  }
  return numbers(kept);
}

ordered_json chart(const std::string& title, const std::string& x_label, ordered_json x_values) {
  return {{"title", title},
          {"x", {{"label", x_label}, {"values", std::move(x_values)}}},
          {"series", ordered_json::array()}};
}

void add_series(ordered_json& chart, const std::string& name, ordered_json values) {
  chart["series"].push_back({{"name", name}, {"values", std::move(values)}});
}

std::string curves(const std::string& id, const ordered_json& chart, const std::string& note = {}) {
  return fmt::format(
             "<figure class=\"chart card\" "
             "data-curves=\"{}\"><figcaption>{}{}</figcaption></figure>\n",
             id, escape_html(chart["title"].get<std::string>()),
             note.empty() ? "" : fmt::format("<p class=\"note faint\">{}</p>", escape_html(note))) +
         json_element(id, chart);
}

std::string loss_curves(const RunRecord& run) {
  ordered_json loss = chart("Loss and its terms", "step", thinned(run.metric("step")));
  loss["log"] = loss["smooth"] = true;
  std::vector<std::string> names = loss_term_names();
  names.insert(names.begin(), "loss");
  for (const std::string& name : names) {
    const std::vector<double>& values = run.metric(name);
    const bool is_used = std::ranges::any_of(values, [](double value) { return value != 0.0; });
    if (is_used) add_series(loss, name, thinned(values));
  }
  return curves("loss", loss);
}

std::string metric_curve(const RunRecord& run, const char* name, const char* title) {
  if (run.metric(name).empty()) return "";
  ordered_json json = chart(title, "step", thinned(run.metric("step")));
  json["smooth"] = true;
  add_series(json, name, thinned(run.metric(name)));
  return curves(name, json);
}

std::string compared_metric(const std::vector<std::string>& names,
                            const std::vector<const RunRecord*>& runs, const char* name,
                            const char* title) {
  ordered_json json = chart(title, "step", ordered_json::array());
  json["smooth"] = true;
  for (size_t r = 0; r < runs.size(); ++r) {
    if (runs[r]->metric(name).empty()) continue;
    json["series"].push_back({{"name", names[r]},
                              {"colour", r},
                              {"x", thinned(runs[r]->metric("step"))},
                              {"values", thinned(runs[r]->metric(name))}});
  }
  return json["series"].empty() ? "" : curves(name, json);
}

std::string spectrum_curves(const RunRecord& run) {
  if (!run.summary || run.summary->frames.empty()) return "";
  auto index = ordered_json::array();
  for (size_t i = 1; i <= run.summary->frames.size(); ++i) index.push_back(i);
  ordered_json json = chart("Singular values", "index", index);
  json["log"] = true;
  json["points"] = true;
  add_series(json, "frames", numbers(run.summary->frames));
  add_series(json, "background", numbers(run.summary->background));
  return curves("spectrum", json,
                fmt::format("of {} frames, and of what the network leaves of them as background",
                            index.size()));
}

}  // namespace

std::string training_curves(const RunRecord& run) {
  if (run.metric("step").empty()) return "";
  return "<h2>Training</h2>\n<div class=\"charts\">\n" + loss_curves(run) +
         metric_curve(run, "learned_rank", "Learned rank of the background") +
         metric_curve(run, "sparsity", "Share of pixels in the mask") + spectrum_curves(run) +
         metric_curve(run, "learning_rate", "Learning rate") + "</div>\n";
}

std::string loss_comparison(const std::vector<std::string>& names,
                            const std::vector<const RunRecord*>& runs) {
  ordered_json json = chart("Loss and its terms", "step", ordered_json::array());
  json["log"] = json["smooth"] = true;
  std::vector<std::string> terms = loss_term_names();
  json["off"] = terms;
  terms.insert(terms.begin(), "loss");
  for (size_t r = 0; r < runs.size(); ++r) {
    for (size_t t = 0; t < terms.size(); ++t) {
      const std::vector<double>& values = runs[r]->metric(terms[t]);
      if (std::ranges::all_of(values, [](double value) { return value == 0.0; })) continue;
      json["series"].push_back({{"name", fmt::format("{} {}", names[r], terms[t])},
                                {"keys", {names[r], terms[t]}},
                                {"colour", r},
                                {"dash", t},
                                {"x", thinned(runs[r]->metric("step"))},
                                {"values", thinned(values)}});
    }
  }
  if (json["series"].empty()) return "";
  return "<div class=\"charts\">\n" + curves("loss", json) +
         compared_metric(names, runs, "learned_rank", "Learned rank of the background") +
         compared_metric(names, runs, "sparsity", "Share of pixels in the mask") + "</div>\n";
}

std::string threshold_curve(const GalleryTruth& truth, double threshold, const std::string& id) {
  std::vector<double> thresholds, f, precision, recall;
  for (size_t t = 0; t < truth.curve.size(); ++t) {
    const Measures measures = measures_of(truth.curve[t]);
    thresholds.push_back(static_cast<double>(t) / 255.0);
    f.push_back(measures.f_measure);
    precision.push_back(measures.precision);
    recall.push_back(measures.recall);
  }
  ordered_json json = chart("Measures by threshold", "threshold", numbers(thresholds));
  add_series(json, "F", numbers(f));
  add_series(json, "precision", numbers(precision));
  add_series(json, "recall", numbers(recall));
  json["marker"] = {{"at", number(threshold)}, {"name", "mask.threshold"}};
  return curves(id, json,
                fmt::format("of soft masks, before they are cleaned up; over {} of {} frames with "
                            "ground truth",
                            truth.curve_frames, truth.labelled_frames));
}

}  // namespace proxseg
