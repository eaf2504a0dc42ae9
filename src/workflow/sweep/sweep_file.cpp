#include "proxseg/workflow/sweep/sweep_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "proxseg/core/text.h"
#include "proxseg/recipe/document.h"
#include "proxseg/recipe/fields.h"
#include "proxseg/recipe/load.h"

namespace proxseg {
namespace {

using Entry = Document::Entry;
using Kind = Distribution::Kind;

const std::vector<std::string> kKeys = {"base", "inputs", "set",    "seeds", "budget", "prune",
                                        "grid", "list",   "random", "tpe",   "halving"};
constexpr std::string_view kSearches = "grid, list, random, tpe and halving";

constexpr std::array<std::pair<std::string_view, Kind>, 4> kDistributions = {
    {{"log_uniform", Kind::kLogUniform},
     {"uniform", Kind::kUniform},
     {"integer", Kind::kInteger},
     {"choice", Kind::kChoice}}};
constexpr std::string_view kDistributionNames =
    "an object with one of log_uniform, uniform, integer, choice";

// Walks through the entries of the document; each read_*() takes those that belong to its part.
class SweepReader {
 public:
  SweepReader(Document document, std::string label)
      : document_(std::move(document)), label_(std::move(label)) {}

  SweepReading read() {
    for (const Document::Fault& fault : document_.faults) {
      refuse(fault.line, fault.text);
    }
    while (at_ < document_.entries.size()) read_top(take());
    if (document_.complete) check_whole();
    return std::move(reading_);
  }

 private:
  const Entry& take() { return document_.entries[at_++]; }

  // The next entry lies in the container of that name.
  bool is_next_in(const std::string& container) const {
    return at_ < document_.entries.size() && is_below(document_.entries[at_].key, container);
  }

  // That entry, else nullptr.
  const Entry* next_in(const std::string& container) {
    return is_next_in(container) ? &take() : nullptr;
  }

  void pass_over(const std::string& container) {
    while (next_in(container)) continue;
  }

  std::string origin(const Entry& entry) const { return fmt::format("{}:{}", label_, entry.line); }

  void refuse(int line, const std::string& text) {
    reading_.problems.push_back(fmt::format("{}:{}: {}", label_, line, text));
  }

  void refuse_type(const Entry& entry, std::string_view expected) {
    refuse(entry.line, fmt::format("{}: expected {}, found {}", entry.key, expected,
                                   describe_found(entry.value)));
    pass_over(entry.key);
  }

  void read_top(const Entry& entry) {
    if (entry.key == "$schema") return;
    if (entry.key == "base") return read_base(entry);
    if (entry.key == "inputs") return read_inputs(entry);
    if (entry.key == "set") return read_set(entry);
    if (entry.key == "seeds") return read_seeds(entry);
    if (entry.key == "budget") return read_budget(entry);
    if (entry.key == "prune") return read_pruning(entry);
    if (std::ranges::find(kKeys, entry.key) == kKeys.end()) {
      std::string hint = did_you_mean(nearest(entry.key, kKeys));
      if (hint.empty()) hint = fmt::format("; known are {}", fmt::join(kKeys, ", "));
      refuse(entry.line, fmt::format("{}: unknown key{}", in_quotes(entry.key), hint));
      return pass_over(entry.key);
    }
    if (!search_.empty()) {
      refuse(entry.line, fmt::format("{}: {} is there already; a sweep has one of {}", entry.key,
                                     search_, kSearches));
      return pass_over(entry.key);
    }
    search_ = entry.key;
    if (entry.key == "grid") return read_grid(entry);
    if (entry.key == "list") return read_list(entry);
    read_drawn(entry);
  }

  void read_base(const Entry& entry) {
    if (!entry.value.is_string()) return refuse_type(entry, "the name or path of a recipe");
    reading_.file.base = {entry.value.get<std::string>(), origin(entry)};
  }

  void read_inputs(const Entry& entry) {
    has_inputs_ = true;
    reading_.file.inputs = read_paths(entry);
  }

  std::vector<Text> read_paths(const Entry& entry) {
    std::vector<Text> paths;
    if (!entry.value.is_array()) {
      refuse_type(entry, "an array of paths");
      return paths;
    }
    if (!is_next_in(entry.key)) refuse(entry.line, fmt::format("{}: no path", entry.key));
    while (const Entry* item = next_in(entry.key)) {
      if (item->value.is_string() && !item->value.get<std::string>().empty()) {
        paths.push_back({item->value.get<std::string>(), origin(*item)});
      } else {
        refuse_type(*item, "a path");
      }
    }
    return paths;
  }

  void read_seeds(const Entry& entry) {
    const Field& field = *find_field("seed");
    fields_.emplace("seeds.seed", entry.line);
    for (FieldValue& value : read_values(field, entry)) {
      reading_.file.seeds.push_back({&field, std::move(value), origin(entry)});
    }
  }

  void read_budget(const Entry& entry) {
    constexpr std::string_view kExpected = "a duration such as \"2h\", \"90m\" or \"1h30m\"";
    if (!entry.value.is_string()) return refuse_type(entry, kExpected);
    const auto seconds = parse_duration(entry.value.get<std::string>());
    if (!seconds || *seconds <= 0.0) return refuse_type(entry, kExpected);
    reading_.file.budget = seconds;
  }

  void read_pruning(const Entry& entry) {
    if (!entry.value.is_object()) return refuse_type(entry, "an object with every, and after");
    Pruning pruning;
    pruning_line_ = entry.line;
    while (const Entry* item = next_in(entry.key)) {
      const std::string key = item->key.substr(entry.key.size() + 1);
      if (key == "every") {
        pruning.every = read_count(*item, 1);
      } else if (key == "after") {
        pruning.after = read_count(*item, 1);
      } else {
        refuse(item->line, fmt::format("prune: {}: unknown key{}", in_quotes(key),
                                       did_you_mean(nearest(key, {"every", "after"}))));
        pass_over(item->key);
      }
    }
    require_given(entry, "every", pruning.every > 0);
    reading_.file.pruning = pruning;
  }

  // The field that an entry of `container` names. nullptr for a section, which is passed into, and
  // where the entry was refused.
  const Field* field_of(const Entry& entry, const std::string& container) {
    const std::string key = entry.key.substr(container.size() + 1);
    if (const Field* field = find_field(key)) {
      fields_.emplace(entry.key, entry.line);
      return field;
    }
    if (const std::string names = key.empty() ? "" : names_under(key); !names.empty()) {
      if (!entry.value.is_object()) {
        refuse_type(entry, fmt::format("an object with any of {}", names));
      }
      return nullptr;
    }
    refuse(entry.line, fmt::format("{}: {}", container, unknown_key(key)));
    pass_over(entry.key);
    return nullptr;
  }

  std::optional<FieldValue> value_of(const Field& field, const Entry& entry) {
    ReadValue read = read_value(field, entry.value);
    if (read.problem.empty()) return std::move(read.value);
    refuse(entry.line, fmt::format("{}: {}", entry.key, read.problem));
    pass_over(entry.key);
    return std::nullopt;
  }

  // {field: value, ...}
  Point read_point(const Entry& entry) {
    Point point;
    if (!entry.value.is_object()) {
      refuse_type(entry, "an object of fields and their values");
      return point;
    }
    while (const Entry* item = next_in(entry.key)) {
      const Field* field = field_of(*item, entry.key);
      if (!field) continue;
      if (auto value = value_of(*field, *item)) {
        point.push_back({field, std::move(*value), origin(*item)});
      }
    }
    return point;
  }

  void read_set(const Entry& entry) { reading_.file.set = read_point(entry); }

  std::vector<FieldValue> read_values(const Field& field, const Entry& entry) {
    std::vector<FieldValue> values;
    if (!entry.value.is_array()) {
      refuse_type(entry, "an array of values");
      return values;
    }
    if (!is_next_in(entry.key)) refuse(entry.line, fmt::format("{}: no value", entry.key));
    while (const Entry* item = next_in(entry.key)) {
      if (auto value = value_of(field, *item)) values.push_back(std::move(*value));
    }
    return values;
  }

  void read_grid(const Entry& entry) {
    Grid grid;
    if (!entry.value.is_object()) return refuse_type(entry, "an object of fields and their values");
    while (const Entry* item = next_in(entry.key)) {
      if (const Field* field = field_of(*item, entry.key)) {
        grid.axes.push_back({field, read_values(*field, *item), origin(*item)});
      }
    }
    reading_.file.search = std::move(grid);
  }

  void read_list(const Entry& entry) {
    std::vector<Point> points;
    if (!entry.value.is_array()) {
      return refuse_type(entry, "an array of objects of fields and their values");
    }
    while (const Entry* item = next_in(entry.key)) points.push_back(read_point(*item));
    reading_.file.search = std::move(points);
  }

  // Which of the search's own keys was meant; "" for fields and their sections.
  static std::string own_key_near(const std::string& key, const std::string& search) {
    if (find_field(key) || !names_under(key).empty()) return "";
    std::vector<std::string> keys = {"trials", "seed"};
    if (search == "halving") keys.insert(keys.end(), {"steps", "factor"});
    if (search == "tpe") keys.emplace_back("earlier");
    return nearest(key, keys);
  }

  // random, tpe or halving
  void read_drawn(const Entry& entry) {
    RandomSearch search;
    Halving halving;
    std::vector<Text> earlier;
    const bool halves = entry.key == "halving", learns = entry.key == "tpe";
    if (!entry.value.is_object()) {
      return refuse_type(entry, "an object with trials and the distributions of fields");
    }
    while (const Entry* item = next_in(entry.key)) {
      const std::string key = item->key.substr(entry.key.size() + 1);
      if (key == "trials") {
        search.trials = read_count(*item, 1);
      } else if (key == "seed" && !item->value.is_object()) {
        search.seed = static_cast<uint64_t>(read_count(*item, 0));
      } else if (halves && key == "steps") {
        halving.steps = read_count(*item, 1);
      } else if (halves && key == "factor") {
        halving.factor = read_count(*item, 2);
      } else if (learns && key == "earlier") {
        earlier = read_paths(*item);
      } else if (const std::string meant = own_key_near(key, entry.key); !meant.empty()) {
        refuse(item->line, fmt::format("{}: {}: unknown key{}", entry.key, in_quotes(key),
                                       did_you_mean(meant)));
        pass_over(item->key);
      } else if (const Field* field = field_of(*item, entry.key)) {
        read_distribution(*field, *item, search);
      }
    }
    require_given(entry, "trials", search.trials > 0);
    if (halves) {
      require_given(entry, "steps", halving.steps > 0);
      reading_.file.halving = halving;
    }
    if (learns) {
      require_given(entry, "a field to search", !search.distributions.empty());
      reading_.file.search = TpeSearch{std::move(search), std::move(earlier)};
    } else {
      reading_.file.search = std::move(search);
    }
  }

  // A refused value leaves the least one, so that only its own problem is reported.
  int64_t read_count(const Entry& entry, int64_t least) {
    const auto& value = entry.value;
    constexpr int64_t kMost = int64_t{1} << 53;
    const bool is_count = value.is_number_integer() && value >= least && value <= kMost;
    if (is_count) return value.get<int64_t>();
    refuse_type(entry, fmt::format("an integer >= {}", least));
    return least;
  }

  void require_given(const Entry& entry, const char* key, bool given) {
    if (!given) refuse(entry.line, fmt::format("{}: {} is missing", entry.key, key));
  }

  // {"uniform": [0.1, 1], "if": {...}} and its like
  void read_distribution(const Field& field, const Entry& entry, RandomSearch& search) {
    if (!entry.value.is_object()) return refuse_type(entry, kDistributionNames);
    std::optional<Distribution> distribution;
    std::optional<Condition> condition;
    bool is_refused = false;
    while (const Entry* item = next_in(entry.key)) {
      if (item->key.substr(entry.key.size() + 1) == "if") {
        condition = read_condition(*item, search);
      } else if (distribution) {
        refuse(item->line,
               fmt::format("{}: expected {}, found more", entry.key, kDistributionNames));
        return pass_over(entry.key);
      } else {
        distribution = read_kind(field, entry, *item);
        is_refused = !distribution;
        if (is_refused) pass_over(item->key);
      }
    }
    if (is_refused) return;
    if (!distribution) return refuse_type(entry, kDistributionNames);
    distribution->condition = std::move(condition);
    search.distributions.push_back(std::move(*distribution));
  }

  // {FIELD: VALUE or [VALUES]} of a field that is searched before.
  std::optional<Condition> read_condition(const Entry& entry, const RandomSearch& search) {
    const Entry* item = entry.value.is_object() ? next_in(entry.key) : nullptr;
    if (!item) {
      refuse_type(entry, "an object of one field and the values with which it applies");
      return std::nullopt;
    }
    const std::string key = item->key.substr(entry.key.size() + 1);
    const auto known = std::ranges::find_if(
        search.distributions, [&](const Distribution& one) { return one.field->key == key; });
    if (known == search.distributions.end()) {
      refuse(item->line, fmt::format("{}: {} is no field that this search draws before", entry.key,
                                     in_quotes(key)));
      pass_over(entry.key);
      return std::nullopt;
    }
    Condition condition{known->field, {}};
    if (item->value.is_array()) {
      condition.values = read_values(*known->field, *item);
    } else if (auto value = value_of(*known->field, *item)) {
      condition.values = {std::move(*value)};
    }
    if (const Entry* more = next_in(entry.key)) {
      refuse(more->line, fmt::format("{}: more than one field", entry.key));
      pass_over(entry.key);
    }
    return condition;
  }

  // "uniform": [0.1, 1]
  std::optional<Distribution> read_kind(const Field& field, const Entry& entry, const Entry& one) {
    const Entry* item = &one;
    const std::string name = item->key.substr(entry.key.size() + 1);
    const auto known =
        std::ranges::find(kDistributions, name, [](const auto& d) { return d.first; });
    if (known == kDistributions.end()) {
      std::vector<std::string> names;
      for (const auto& [known_name, kind] : kDistributions) names.emplace_back(known_name);
      std::string hint = did_you_mean(nearest(name, names));
      if (hint.empty()) hint = fmt::format("; expected {}", kDistributionNames);
      refuse(item->line,
             fmt::format("{}: unknown distribution {}{}", entry.key, in_quotes(name), hint));
      return std::nullopt;
    }
    Distribution distribution{&field, known->second, 0, 0, {}, origin(*item)};
    if (distribution.kind == Kind::kChoice) {
      distribution.choices = read_values(field, *item);
    } else {
      read_bounds(*item, distribution);
    }
    return distribution;
  }

  void read_bounds(const Entry& entry, Distribution& distribution) {
    const Field& field = *distribution.field;
    const bool integers = field.type == FieldType::kInteger;
    const bool fits = distribution.kind == Kind::kLogUniform
                          ? integers || field.type == FieldType::kReal
                      : distribution.kind == Kind::kInteger ? integers
                                                            : field.type == FieldType::kReal;
    if (!fits) {
      refuse(entry.line, fmt::format("{}: does not fit {}, which is {}", entry.key, field.key,
                                     expectation(field)));
      return pass_over(entry.key);
    }
    const size_t problems = reading_.problems.size();
    const std::vector<FieldValue> bounds = read_values(field, entry);
    if (reading_.problems.size() > problems) return;
    if (bounds.size() == 2) {
      const auto number = [](const FieldValue& value) {
        const auto* integer = std::get_if<int64_t>(&value);
        return integer ? static_cast<double>(*integer) : std::get<double>(value);
      };
      distribution.low = number(bounds[0]);
      distribution.high = number(bounds[1]);
    }
    if (bounds.size() != 2 || distribution.low > distribution.high) {
      return refuse(entry.line, fmt::format("{}: expected [LOW, HIGH]", entry.key));
    }
    if (distribution.kind == Kind::kLogUniform && distribution.low <= 0) {
      refuse(entry.line, fmt::format("{}: the lower bound must be > 0", entry.key));
    }
  }

  // What no single entry shows.
  void check_whole() {
    if (search_.empty()) {
      reading_.problems.push_back(fmt::format("{}: one of {} is missing", label_, kSearches));
    }
    if (!has_inputs_) {
      reading_.problems.push_back(label_ + ": inputs is missing: the sequences to train on");
    }
    check_clashes();
    const int64_t points = count_points(reading_.file.search);
    if (points > kMaxPoints) {
      reading_.problems.push_back(
          fmt::format("{}: {}: more than {} trials", label_, search_, kMaxPoints));
    }
    if (points == 0 && reading_.problems.empty()) {
      reading_.problems.push_back(fmt::format("{}: {}: no trial", label_, search_));
    }
  }

  // A field has its value from one place.
  void check_clashes() {
    std::map<std::string, int> searched;
    for (const auto& [key, line] : fields_) {
      if (key.starts_with("set.")) continue;
      searched.emplace(key.substr(key.find('.') + 1), line);
    }
    const auto repeated = fields_.find("seeds.seed"), drawn = fields_.find(search_ + ".seed");
    if (repeated != fields_.end() && drawn != fields_.end()) {
      refuse(drawn->second,
             fmt::format("{}: seed is in seeds already, on line {}", search_, repeated->second));
    }
    for (const auto& [key, line] : searched) {
      const auto fixed = fields_.find("set." + key);
      if (fixed == fields_.end()) continue;
      refuse(line,
             fmt::format("{}: {} is in set already, on line {}", search_, key, fixed->second));
    }
    if (!reading_.file.halving) return;
    if (reading_.file.pruning) {
      refuse(pruning_line_, "prune: halving itself gives trials up");
    }
    for (const char* key : {"train.steps", "train.alternating_steps"}) {
      for (const std::string part : {"set.", "halving."}) {
        const auto given = fields_.find(part + key);
        if (given == fields_.end()) continue;
        refuse(given->second, fmt::format("{}{}: halving itself sets the steps", part, key));
      }
    }
  }

  Document document_;
  std::string label_;
  size_t at_ = 0;
  bool has_inputs_ = false;
  int pruning_line_ = 0;
  std::string search_;                 // the key that says what is searched, "" so far
  std::map<std::string, int> fields_;  // lines by whole key: "grid.train.batch"
  SweepReading reading_;
};

}  // namespace

SweepReading read_sweep_file(const std::string& path) {
  // A name without '/' would stand for a built-in recipe.
  const bool is_bare = path.find('/') == std::string::npos;
  const RecipeText source = locate_recipe(is_bare ? "./" + path : path, {});
  Document document = parse_document(source.text, {.what = "a sweep file", .dotted_keys = true});
  return SweepReader(std::move(document), source.label).read();
}

}  // namespace proxseg
