#include "proxseg/workflow/sweep/results.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "proxseg/core/text.h"

namespace proxseg {
namespace {

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double deviation_of(const std::vector<double>& values) {
  const double mean = mean_of(values);
  double sum = 0.0;
  for (const double value : values) sum += (value - mean) * (value - mean);
  return std::sqrt(sum / static_cast<double>(values.size() - 1));
}

std::string seed_of(const Trial& trial) {
  const auto given = std::ranges::find(trial.settings, "seed", &Settings::value_type::first);
  return given == trial.settings.end() ? "" : given->second;
}

std::string sequence_of(const Trial& trial) { return trial.sequence.path; }

// The values of trials that are alike in `key`.
using Groups = std::map<std::string, std::vector<double>>;

Groups values_by(std::string (*key)(const Trial&), const std::vector<const Trial*>& trials,
                 Metric metric) {
  Groups values;
  for (const Trial* trial : trials) {
    if (const auto value = value_of(*trial, metric)) values[key(*trial)].push_back(*value);
  }
  return values;
}

// The deviation of the groups' means, of those groups that have the most values: others lack a
// sequence or a seed. Nothing for fewer than two.
std::optional<double> spread_of(const Groups& groups) {
  size_t most = 0;
  for (const auto& [group, values] : groups) most = std::max(most, values.size());
  std::vector<double> means;
  for (const auto& [group, values] : groups) {
    if (values.size() == most) means.push_back(mean_of(values));
  }
  return means.size() > 1 ? std::optional(deviation_of(means)) : std::nullopt;
}

Configuration configuration_of(const std::vector<const Trial*>& trials, Metric metric) {
  Configuration configuration;
  configuration.id = trials.front()->configuration;
  for (const auto& setting : trials.front()->settings) {
    if (setting.first != "seed") configuration.settings.push_back(setting);
  }
  configuration.planned = static_cast<int64_t>(trials.size());
  for (const Trial* trial : trials) {
    configuration.rung = std::max(configuration.rung, trial->rung);
    configuration.trials += value_of(*trial, metric).has_value();
  }
  if (configuration.trials == 0) return configuration;
  const Groups by_seed = values_by(seed_of, trials, metric);
  const Groups by_sequence = values_by(sequence_of, trials, metric);
  std::vector<double> means;
  for (const auto& [seed, values] : by_seed) {
    means.push_back(mean_of(values));
    configuration.by_seed[seed] = means.back();
  }
  configuration.seeds = std::ssize(by_seed);
  configuration.sequences = std::ssize(by_sequence);
  configuration.mean = mean_of(means);
  configuration.spread = spread_of(by_seed);
  configuration.sequence_spread = spread_of(by_sequence);
  return configuration;
}

// In the order of their first trials.
std::vector<std::vector<const Trial*>> by_configuration(const std::vector<Trial>& trials) {
  std::vector<std::vector<const Trial*>> groups;
  std::map<std::string, size_t> known;
  for (const Trial& trial : trials) {
    const auto [at, is_new] = known.emplace(trial.configuration, groups.size());
    if (is_new) groups.emplace_back();
    groups[at->second].push_back(&trial);
  }
  return groups;
}

// a ranks before b.
bool is_better(double a, double b, Metric metric) {
  return metric == Metric::kLoss ? a < b : a > b;
}

std::vector<Configuration> rank_configurations(const std::vector<Trial>& trials, Metric metric) {
  std::vector<Configuration> all;
  for (const auto& group : by_configuration(trials)) {
    Configuration configuration = configuration_of(group, metric);
    if (configuration.trials > 0) all.push_back(std::move(configuration));
  }
  std::ranges::stable_sort(all, [&](const Configuration& a, const Configuration& b) {
    if (a.rung != b.rung) return a.rung > b.rung;
    const bool a_whole = a.trials == a.planned, b_whole = b.trials == b.planned;
    return a_whole != b_whole ? a_whole : is_better(a.mean, b.mean, metric);
  });
  return all;
}

bool comes_before(const std::string& a, const std::string& b) {
  const auto x = parse_number<double>(a), y = parse_number<double>(b);
  return x && y ? *x < *y : a < b;
}

using Sample = std::pair<std::string, double>;  // a field's value, and the result with it

// Samples: sorted by value.
std::vector<Effect::Level> levels_of(const std::vector<Sample>& samples) {
  std::vector<std::vector<Sample>> groups;
  for (const Sample& sample : samples) {
    if (groups.empty() || groups.back().front().first != sample.first) groups.emplace_back();
    groups.back().push_back(sample);
  }
  if (groups.size() > kMostLevels) {
    std::vector<std::vector<Sample>> thirds(3);
    size_t before = 0;
    for (const auto& group : groups) {
      auto& third = thirds[before * 3 / samples.size()];
      third.insert(third.end(), group.begin(), group.end());
      before += group.size();
    }
    std::erase_if(thirds, [](const auto& third) { return third.empty(); });
    groups = std::move(thirds);
  }
  std::vector<Effect::Level> levels;
  for (const auto& group : groups) {
    const std::string &first = group.front().first, &last = group.back().first;
    std::vector<double> values;
    for (const Sample& sample : group) values.push_back(sample.second);
    levels.push_back({first == last ? first : fmt::format("{} .. {}", first, last),
                      static_cast<int64_t>(values.size()), mean_of(values)});
  }
  return levels;
}

std::vector<Effect> effects_of(const std::vector<Configuration>& configurations) {
  std::vector<std::string> fields;
  std::map<std::string, std::vector<Sample>> samples;
  const auto add = [&](const std::string& field, const std::string& value, double result) {
    if (!samples.contains(field)) fields.push_back(field);
    samples[field].emplace_back(value, result);
  };
  for (const Configuration& one : configurations) {
    // Means over other sequences than the others' would show these.
    if (one.trials < one.planned) continue;
    for (const auto& [key, value] : one.settings) add(key, value, one.mean);
    for (const auto& [seed, mean] : one.by_seed) {
      if (!seed.empty()) add("seed", seed, mean);
    }
  }
  std::vector<Effect> effects;
  for (const std::string& field : fields) {
    std::ranges::stable_sort(samples[field], comes_before, &Sample::first);
    Effect effect{field, levels_of(samples[field]), 0.0};
    if (effect.levels.size() < 2) continue;
    const auto [least, most] = std::ranges::minmax(effect.levels, {}, &Effect::Level::mean);
    effect.range = most.mean - least.mean;
    effects.push_back(std::move(effect));
  }
  std::ranges::stable_sort(effects, std::ranges::greater{}, &Effect::range);
  return effects;
}

}  // namespace

Metric metric_of(const std::vector<Trial>& trials) {
  const auto any = [&](auto&& holds) { return std::ranges::any_of(trials, holds); };
  if (any([](const Trial& trial) { return trial.has_ground_truth; })) return Metric::kFMeasure;
  const bool scored = any([](const Trial& trial) { return trial.result && trial.result->score; });
  return scored ? Metric::kScore : Metric::kLoss;
}

std::string to_string(Metric metric) {
  if (metric == Metric::kFMeasure) return "F";
  return metric == Metric::kScore ? "score" : "loss";
}

std::optional<double> value_of(const Trial& trial, Metric metric) {
  if (!trial.result) return std::nullopt;
  if (metric == Metric::kFMeasure) return trial.result->f_measure;
  if (metric == Metric::kScore) return trial.result->score;
  return trial.result->loss;
}

bool halves(const std::vector<Trial>& trials) {
  return std::ranges::any_of(trials, [](const Trial& trial) { return trial.rung > 0; });
}

std::vector<std::string> searched_fields(const std::vector<Trial>& trials) {
  std::vector<std::string> fields;
  for (const Trial& trial : trials) {
    for (const auto& [key, value] : trial.settings) {
      if (std::ranges::find(fields, key) == fields.end()) fields.push_back(key);
    }
  }
  return fields;
}

std::vector<const Trial*> best_trials(const SweepResults& results) {
  std::vector<const Trial*> trials;
  for (const Trial& trial : results.trials) {
    const bool is_best = trial.configuration == results.configurations.front().id;
    if (is_best && value_of(trial, results.metric)) trials.push_back(&trial);
  }
  return trials;
}

SweepResults results_of(std::vector<Trial> trials) {
  SweepResults results;
  results.metric = metric_of(trials);
  results.trials = std::move(trials);
  for (const Trial& trial : results.trials) {
    if (value_of(trial, results.metric)) results.ranked.push_back(&trial);
  }
  std::ranges::stable_sort(results.ranked, [&](const Trial* a, const Trial* b) {
    if (a->rung != b->rung) return a->rung > b->rung;
    return is_better(*value_of(*a, results.metric), *value_of(*b, results.metric), results.metric);
  });
  results.configurations = rank_configurations(results.trials, results.metric);
  if (!halves(results.trials)) results.effects = effects_of(results.configurations);
  return results;
}

std::vector<std::string> winners_of_rung(const std::vector<Trial>& trials, int64_t factor) {
  int64_t rung = 0;
  for (const Trial& trial : trials) {
    if (trial.state == TrialState::kWaiting || trial.state == TrialState::kRunning) return {};
    rung = std::max(rung, trial.rung);
  }
  std::vector<Trial> last;
  for (const Trial& trial : trials) {
    if (trial.rung == rung) last.push_back(trial);
  }
  const Metric metric = metric_of(trials);
  std::vector<std::pair<Configuration, std::vector<const Trial*>>> whole;
  const auto groups = by_configuration(last);
  for (const auto& group : groups) {
    Configuration configuration = configuration_of(group, metric);
    if (std::ranges::all_of(group, [](const Trial* t) { return t->state == TrialState::kDone; })) {
      whole.emplace_back(std::move(configuration), group);
    }
  }
  if (groups.size() < 2) return {};
  std::ranges::stable_sort(whole, [&](const auto& a, const auto& b) {
    return is_better(a.first.mean, b.first.mean, metric);
  });
  const size_t kept = std::max<size_t>(1, groups.size() / static_cast<size_t>(factor));
  std::vector<std::string> ids;
  for (size_t i = 0; i < std::min(kept, whole.size()); ++i) {
    for (const Trial* trial : whole[i].second) ids.push_back(trial->id);
  }
  return ids;
}

}  // namespace proxseg
