#include "proxseg/workflow/sweep/proposals.h"

#include <algorithm>
#include <random>
#include <set>
#include <string>

#include "proxseg/recipe/fields.h"
#include "proxseg/workflow/sweep/results.h"
#include "workflow/sweep/tpe.h"

namespace proxseg {
namespace {

using Distributions = std::vector<Distribution>;

// Nothing where a value is none that the search may draw.
std::optional<Places> places_of(const Settings& settings, const Distributions& distributions) {
  Places places(distributions.size());
  for (size_t i = 0; i < distributions.size(); ++i) {
    const Field& field = *distributions[i].field;
    const auto given = std::ranges::find(settings, field.key, &Settings::value_type::first);
    if (given == settings.end()) continue;
    const ReadValue read = read_value(field, given->second);
    if (!read.problem.empty()) return std::nullopt;
    places[i] = place_of(distributions[i], read.value);
    if (!places[i]) return std::nullopt;
  }
  return places;
}

// Each configuration with its rank as a share of its sweep's configurations, so that sweeps on other
// sequences can be seen together. One that is at work or has a trial without a result is
// taken for the worst: another point shall be tried meanwhile.
void add_observations(const std::vector<Trial>& trials, const Distributions& distributions,
                      std::vector<TpeObservation>& seen) {
  const SweepResults results = results_of(trials);
  const auto count = static_cast<double>(results.configurations.size());
  std::set<std::string> ranked;
  for (const Configuration& one : results.configurations) {
    if (one.trials < one.planned) continue;
    const double share = (static_cast<double>(ranked.size()) + 0.5) / count;
    ranked.insert(one.id);
    if (const auto places = places_of(one.settings, distributions)) {
      seen.push_back({*places, share});
    }
  }
  for (const Trial& trial : trials) {
    if (!ranked.insert(trial.configuration).second) continue;
    if (const auto places = places_of(trial.settings, distributions))
      seen.push_back({*places, 1.0});
  }
}

Point point_at(const Places& places, const Distributions& distributions) {
  Point point;
  for (size_t i = 0; i < distributions.size(); ++i) {
    const Distribution& from = distributions[i];
    if (!places[i] || !is_active(from, point)) continue;
    point.push_back({from.field, value_at(from, *places[i]), from.origin});
  }
  return point;
}

void drop_inactive(Places& places, const Distributions& distributions) {
  const Point point = point_at(places, distributions);
  for (size_t i = 0; i < distributions.size(); ++i) {
    if (!is_active(distributions[i], point)) places[i].reset();
  }
}

Places anywhere(size_t fields, std::mt19937_64& random) {
  Places places(fields);
  for (auto& place : places) place = uniform(random);
  return places;
}

}  // namespace

std::vector<PlannedTrial> propose(const SweepPlan& plan, const std::vector<Trial>& seen) {
  const RandomSearch& space = plan.tpe->space;
  std::set<std::string> known;
  for (const Trial& trial : seen) known.insert(trial.configuration);
  if (std::ssize(known) >= space.trials) return {};
  std::vector<TpeField> fields;
  for (const Distribution& from : space.distributions) {
    fields.push_back({static_cast<int64_t>(from.choices.size())});
  }
  std::vector<TpeObservation> observations;
  add_observations(seen, space.distributions, observations);
  for (const Text& folder : plan.tpe->earlier) {
    add_observations(Ledger(folder.text).trials(), space.distributions, observations);
  }
  std::mt19937_64 random(space.seed + known.size() * 0x9e3779b97f4a7c15);
  // Where there are few values, those that promise most have been tried: any other one then.
  constexpr int kLearned = 20, kAttempts = 200;
  for (int i = 0; i < kAttempts; ++i) {
    const auto drop = [&](Places& some) { drop_inactive(some, space.distributions); };
    const Places places = i < kLearned ? suggest(fields, observations, drop, random)
                                       : anywhere(fields.size(), random);
    std::vector<PlannedTrial> trials = plan.trials_of(point_at(places, space.distributions));
    if (!trials.empty() && !known.contains(trials.front().configuration)) return trials;
  }
  return {};
}

}  // namespace proxseg
