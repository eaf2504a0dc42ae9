// A summary of a training, as JSON and in words.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

#include "proxseg/core/text.h"
#include "proxseg/train/session.h"

namespace proxseg {
using nlohmann::ordered_json;
namespace {

const char* name_of(Termination termination) {
  switch (termination) {
    case Termination::kCompleted:
      return "completed";
    case Termination::kInterrupted:
      return "interrupted";
    case Termination::kFailed:
      return "failed";
  }
  return "failed";
}

// "1:23, forward 40%, backward 51%": the phases that took a hundredth or more.
std::string describe_phases(const PhaseSeconds& phases) {
  const double total = phases.sum();
  std::string text = format_duration(total);
  for (const auto& [name, member] : kPhases) {
    const double share = phases.*member / std::max(total, 1e-9);
    if (share >= 0.01) text += fmt::format(", {} {:.0f}%", name, 100.0 * share);
  }
  return text;
}

}  // namespace

double mean_of_last_tenth(const std::vector<double>& losses) {
  const auto count = static_cast<std::ptrdiff_t>((losses.size() + 9) / 10);
  return std::accumulate(losses.end() - count, losses.end(), 0.0) / static_cast<double>(count);
}

std::string TrainSummary::to_json() const {
  ordered_json json;
  json["run"] = run.string();
  json["termination"] = name_of(termination);
  json["message"] = message;
  json["model"] = model.string();
  json["steps"] = steps;
  json["parameters"] = parameters;
  json["seconds"] = seconds;
  json["phases"] = proxseg::to_json(phases);
  json["interrupted"] = interrupted();
  json["loss"] = loss;
  json["last_loss"] = last.loss;  // the sum of the terms
  for (const auto& [name, value] : last.terms) json["terms"][name] = value;
  json["learned_rank"] = last.learned_rank;
  json["sparsity"] = last.sparsity;
  if (rpca_gap) {
    json["rpca"] = {{"objective", rpca_gap->objective},
                    {"optimum", rpca_gap->optimum},
                    {"gap", rpca_gap->relative()}};
  }
  json["score"] = score.value;
  json["stability"] = score.stability;
  json["contours"] = score.contours;
  json["evidence"] = score.evidence;
  json["singular_values"] = {{"frames", spectra.frames}, {"background", spectra.background}};
  json["skipped_frames"] = skipped_frames;
  json["warnings"] = warnings;
  return json_text(json);
}

std::string TrainSummary::brief_report() const {
  if (termination != Termination::kCompleted) {
    return fmt::format("{} after {} steps: {}", name_of(termination), steps, message);
  }
  return fmt::format("completed: {} steps in {}, loss {:.5g}, score {:.3f}", steps,
                     format_duration(seconds), loss, score.value);
}

std::string TrainSummary::full_report() const {
  if (termination != Termination::kCompleted) return brief_report() + "\n";
  std::string text = fmt::format("model:      {}\n", model.string());
  text += fmt::format("training:   {} steps, {} in steps, loss {:.5g}\n", steps,
                      format_duration(seconds), loss);
  text += fmt::format("time:       {}\n", describe_phases(phases));
  text += fmt::format(
      "score:      {:.3f} without labels "
      "(stability {:.3f}, contours {:.3f}, evidence {:.3f})\n",
      score.value, score.stability, score.contours, score.evidence);
  if (rpca_gap) {
    text += fmt::format(
        "objective:  {:.5g}, robust PCA optimum of the same frames {:.5g}, gap {:.1f}%\n",
        rpca_gap->objective, rpca_gap->optimum, 100.0 * rpca_gap->relative());
  }
  if (!skipped_frames.empty()) {
    text += fmt::format("skipped:    {} unreadable frames\n", skipped_frames.size());
  }
  return text;
}

}  // namespace proxseg
