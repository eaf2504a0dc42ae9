#include "train/run/run_log.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "proxseg/core/file.h"
#include "proxseg/core/text.h"
#include "proxseg/core/version.h"
#include "proxseg/recipe/fields.h"
#include "proxseg/train/loss.h"

namespace proxseg {
namespace {

std::string header() {
  return fmt::format("step,loss,{},learned_rank,sparsity,learning_rate,seconds\n",
                     fmt::join(loss_term_names(), ","));
}

double term(const StepReport& report, const std::string& name) {
  for (const auto& [key, value] : report.terms) {
    if (key == name) return value;
  }
  return 0.0;
}

// Returns path.
const std::filesystem::path& keep_rows_before(const std::filesystem::path& path,
                                              int64_t first_step) {
  std::string kept = header();
  if (first_step > 0 && std::filesystem::exists(path)) {
    std::istringstream rows(read_file(path));
    std::string row;
    std::getline(rows, row);
    // A row without an end is one that a killed process was writing.
    while (std::getline(rows, row) && !rows.eof() &&
           parse_number<int64_t>(row.substr(0, row.find(','))).value_or(0) < first_step) {
      kept += row + "\n";
    }
  }
  write_file_atomically(path, kept);
  return path;
}

Scalars scalars_of(const StepReport& report) {
  Scalars scalars = {{"loss/total", report.loss}};
  for (const auto& [name, value] : report.terms) scalars.emplace_back("loss/" + name, value);
  scalars.emplace_back("learned_rank", report.learned_rank);
  scalars.emplace_back("sparsity", report.sparsity);
  scalars.emplace_back("learning_rate", report.learning_rate);
  return scalars;
}

// Every field of the recipe but its description.
nlohmann::ordered_json settings_of(const Recipe& recipe) {
  auto settings = nlohmann::ordered_json::object();
  for (const Field& field : recipe_fields()) {
    if (field.key != "description") settings[field.key] = value_as_json(field.get(recipe));
  }
  return settings;
}

}  // namespace

std::vector<double> losses_in(const std::filesystem::path& metrics) {
  std::vector<double> losses;
  std::istringstream rows(read_file(metrics));
  std::string row;
  std::getline(rows, row);
  while (std::getline(rows, row)) {
    const size_t begin = row.find(',') + 1;
    const auto loss = parse_number<double>(row.substr(begin, row.find(',', begin) - begin));
    if (loss) losses.push_back(*loss);
  }
  return losses;
}

MetricsLog::MetricsLog(const std::filesystem::path& path, int64_t first_step)
    : file_(keep_rows_before(path, first_step)) {}

void MetricsLog::add(const StepReport& report) {
  std::string row = fmt::format("{},{:.9g}", report.step, report.loss);
  for (const std::string& name : loss_term_names())
    row += fmt::format(",{:.9g}", term(report, name));
  row += fmt::format(",{:.6g},{:.6g},{:.6g},{:.4f}\n", report.learned_rank, report.sparsity,
                     report.learning_rate, report.seconds);
  file_.append(row);
}

RunLog::RunLog(const std::filesystem::path& run, LogFile& text, const Trainer& trainer)
    : text_(text),
      log_every_(trainer.recipe().train.log_every),
      total_(trainer.total_steps()),
      metrics_(run / "metrics.csv", trainer.next_step()),
      events_(run / "events.jsonl", trainer.next_step()),
      tensorboard_(run / "events.out.tfevents", trainer.next_step()),
      previews_(run / "previews", trainer.next_step(), trainer.recipe().mask.threshold,
                tensorboard_) {
  text_.open(run / "log.txt");
  text_.write(fmt::format("from step {} of {}", trainer.next_step(), total_));
  events_.add("start", {{"step", trainer.next_step()},
                        {"steps", total_},
                        {"version", version()},
                        {"commit", commit()}});
  tensorboard_.add_hyperparameters(seconds_since_1970(), settings_of(trainer.recipe()),
                                   {kFMeasureTag, kScoreTag});
  note_warnings();
}

void RunLog::step(const StepReport& report) {
  metrics_.add(report);
  tensorboard_.add(report.step, seconds_since_1970(), scalars_of(report));
  note_warnings();
  if (report.step % log_every_ != 0 && report.step + 1 != total_) return;
  events_.add("step", {{"step", report.step},
                       {"loss", report.loss},
                       {"learned_rank", report.learned_rank},
                       {"sparsity", report.sparsity}});
  text_.write(fmt::format("step {} of {}: loss {:.6g}, rank {:.3g}, mask {:.2f}%", report.step,
                          total_, report.loss, report.learned_rank, 100.0 * report.sparsity));
}

void RunLog::picture(int64_t step, Snapshot snapshot) {
  previews_.write(std::move(snapshot), step);
}

void RunLog::checkpoint(int64_t steps) { events_.add("checkpoint", {{"step", steps}}); }

void RunLog::end(const TrainSummary& summary) {
  previews_.finish();
  note_warnings();
  const char* how = summary.interrupted() ? "interrupted" : "end";
  std::string text;
  for (const auto& [name, member] : kPhases) {
    text += fmt::format("{}{} {:.1f}", text.empty() ? "" : ", ", name, summary.phases.*member);
  }
  events_.add(
      how,
      {{"step", summary.steps}, {"seconds", summary.seconds}, {"phases", to_json(summary.phases)}});
  if (!summary.interrupted()) show_results(summary);
  text_.write(fmt::format("{} after {} steps; seconds by phase: {}", how, summary.steps, text));
}

void RunLog::show_results(const TrainSummary& summary) {
  const double now = seconds_since_1970();
  tensorboard_.add(summary.steps, now, {{kScoreTag, summary.score.value}});
  for (const auto& [tag, values] : {std::pair{"singular_values/frames", &summary.spectra.frames},
                                    {"singular_values/background", &summary.spectra.background}}) {
    if (!values->empty()) tensorboard_.add_histogram(summary.steps, now, tag, *values);
  }
  tensorboard_.end_hyperparameters(now);
}

void RunLog::fail(const TrainSummary& summary) noexcept {
  try {
    text_.write(fmt::format("failed: {}", summary.message));
    events_.add("failed", {{"step", summary.steps}, {"reason", summary.message}});
  } catch (const std::exception&) {  // a full disk, perhaps: the reason itself
  }
}

void RunLog::note_warnings() {
  for (const std::string& warning : text_.take_warnings()) {
    events_.add("warning", {{"message", warning}});
    warnings_.push_back(warning);
  }
}

}  // namespace proxseg
