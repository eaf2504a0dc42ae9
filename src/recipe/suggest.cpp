#include "proxseg/recipe/fields.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

#include "proxseg/core/text.h"

namespace proxseg {
namespace {

// Insertions, deletions, replacements and swaps of neighbours that turn a into b (optimal string
// alignment).
size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::vector<size_t>> d(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) {
    for (size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = i + j;
        continue;
      }
      const size_t replaced = d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      d[i][j] = std::min({replaced, d[i - 1][j] + 1, d[i][j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

std::string last_part(const std::string& key) { return key.substr(key.rfind('.') + 1); }

}  // namespace

std::string short_key(const std::string& key) {
  for (size_t dot = key.rfind('.'); dot != std::string::npos && dot > 0;
       dot = key.rfind('.', dot - 1)) {
    const std::string tail = key.substr(dot);
    const auto shares_tail = [&](const Field& field) { return ("." + field.key).ends_with(tail); };
    if (std::ranges::count_if(recipe_fields(), shares_tail) <= 1) return tail.substr(1);
  }
  return key;
}

std::string nearest(const std::string& text, const std::vector<std::string>& candidates) {
  constexpr size_t kLongest = 100;
  if (text.size() > kLongest) return {};
  std::string best;
  size_t best_distance = std::max<size_t>(1, text.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    const size_t distance = edit_distance(text, candidate);
    if (distance >= best_distance) continue;
    best = candidate;
    best_distance = distance;
  }
  return best;
}

std::string nearest_key(const std::string& key) {
  std::vector<std::string> known = {"extends"};
  for (const Field& field : recipe_fields()) {
    known.push_back(field.key);
    for (size_t dot = field.key.find('.'); dot != std::string::npos;
         dot = field.key.find('.', dot + 1)) {
      known.push_back(field.key.substr(0, dot));
    }
  }
  if (std::string similar = nearest(key, known); !similar.empty()) return similar;
  const std::string name = last_part(key);
  std::vector<std::string> names;
  std::ranges::transform(known, std::back_inserter(names), last_part);
  // Short names are near to too many others.
  const std::string meant = name.size() < 5 ? name : nearest(name, names);
  const auto elsewhere = std::ranges::find(names, meant);
  return elsewhere == names.end() ? "" : known[static_cast<size_t>(elsewhere - names.begin())];
}

std::string unknown_key(const std::string& key) {
  const std::string text = in_quotes(key) + ": unknown key";
  if (const std::string meant = nearest_key(key); !meant.empty()) return text + did_you_mean(meant);
  const std::string section = key.substr(0, key.rfind('.') + 1);
  const std::string names = names_under(section.substr(0, section.rfind('.')));
  return names.empty() ? text : text + "; known are " + names;
}

std::string names_under(const std::string& section) {
  std::vector<std::string> names;
  const std::string prefix = section.empty() ? "" : section + ".";
  for (const Field& field : recipe_fields()) {
    if (!field.key.starts_with(prefix)) continue;
    const std::string rest = field.key.substr(prefix.size());
    const std::string name = rest.substr(0, rest.find('.'));
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string did_you_mean(const std::string& name) {
  return name.empty() ? name : "; did you mean " + name + "?";
}

}  // namespace proxseg
