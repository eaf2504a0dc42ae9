#include "proxseg/track/counting.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <set>
#include <string_view>
#include <utility>

#include "proxseg/core/error.h"
#include "proxseg/core/text.h"

namespace proxseg {
namespace {

constexpr double kBeyond = 0.1;  // of an object's size: surely on the other side

// An object counts once it was seen in so many frames: with fewer, it may be noise or a splinter of
// another. As the "min hits" of SORT.
constexpr int64_t kConfirmed = 3;

// Twice the area of the triangle a b p; above 0 where p lies to the right of a -> b in the picture,
// whose y runs down.
double side(const cv::Point2d& a, const cv::Point2d& b, const cv::Point2d& p) {
  return (b - a).cross(p - a);
}

// Of p from the line without ends; above 0 to its right.
double distance(const CountLine& line, const cv::Point2d& p) {
  return side(line.from, line.to, p) / cv::norm(line.to - line.from);
}

// Whether the way from a to b, which lie on either side of the line without ends, meets the line.
bool meets(const CountLine& line, const cv::Point2d& a, const cv::Point2d& b) {
  return side(a, b, line.from) * side(a, b, line.to) <= 0.0;
}

// Of p from the border of the zone; above 0 inside.
double depth(const CountZone& zone, const cv::Point2d& p) {
  std::vector<cv::Point2f> polygon(zone.polygon.begin(), zone.polygon.end());
  return cv::pointPolygonTest(polygon, p, /*measureDist=*/true);
}

double area(const CountZone& zone) {
  const std::vector<cv::Point2f> polygon(zone.polygon.begin(), zone.polygon.end());
  return cv::contourArea(polygon);
}

// The name before '=', empty where there is none, and the points after it.
std::pair<std::string, std::vector<cv::Point2d>> parse_points(const std::string& text,
                                                              const char* option,
                                                              const char* form) {
  const size_t equals = text.rfind('=');
  if (equals == 0) {
    throw UsageError(fmt::format("{}: '{}' has an empty name", option, text),
                     fmt::format("Give it as {}, in pixels of the frame.", form));
  }
  const size_t start = equals == std::string::npos ? 0 : equals + 1;
  const auto numbers = parse_numbers(std::string_view(text).substr(start));
  if (!numbers || numbers->empty() || numbers->size() % 2 != 0) {
    throw UsageError(fmt::format("{}: '{}' has no list of points", option, text),
                     fmt::format("Give it as {}, in pixels of the frame.", form));
  }
  std::vector<cv::Point2d> points;
  for (size_t i = 0; i < numbers->size(); i += 2) {
    points.emplace_back((*numbers)[i], (*numbers)[i + 1]);
  }
  return {text.substr(0, start > 0 ? start - 1 : 0), points};
}

template <typename Place>
void expect_different_names(const std::vector<Place>& places, const char* option) {
  std::set<std::string> names;
  for (const Place& place : places) {
    if (names.insert(place.name).second) continue;
    throw UsageError(fmt::format("{}: there are two of the name '{}'", option, place.name),
                     "Give each a name of its own.");
  }
}

constexpr const char* kLine = "--line";
constexpr const char* kZone = "--zone";
constexpr const char* kLineForm = "[NAME=]X,Y,X,Y";
constexpr const char* kZoneForm = "NAME=X,Y,X,Y,X,Y,...";

}  // namespace

CountLine parse_line(const std::string& text) {
  const auto [name, points] = parse_points(text, kLine, kLineForm);
  if (points.size() != 2) {
    throw UsageError(fmt::format("{}: '{}' has {} points, not two", kLine, text, points.size()),
                     fmt::format("Give it as {}, in pixels of the frame.", kLineForm));
  }
  return {name, points[0], points[1]};
}

CountZone parse_zone(const std::string& text) {
  const auto [name, points] = parse_points(text, kZone, kZoneForm);
  if (name.empty()) {
    throw UsageError(fmt::format("{}: '{}' has no name", kZone, text),
                     fmt::format("Give it as {}, in pixels of the frame.", kZoneForm));
  }
  return {name, points};
}

std::optional<double> Visit::seconds() const {
  if (!from || !to) return std::nullopt;
  return *to - *from;
}

Counter::Counter(CountOptions options) : options_(std::move(options)) {
  for (size_t i = 0; i < options_.lines.size(); ++i) {
    CountLine& line = options_.lines[i];
    if (line.name.empty()) line.name = fmt::format("line {}", i + 1);
    line_counts_.push_back({.line = line});
    if (line.from != line.to) continue;
    throw UsageError(fmt::format("{}: '{}' has no length", kLine, line.name),
                     "Its two points must differ.");
  }
  for (const CountZone& zone : options_.zones) {
    if (zone.polygon.size() < 3) {
      throw UsageError(
          fmt::format("{}: '{}' has {} corners", kZone, zone.name, zone.polygon.size()),
          "A zone has at least three.");
    }
    if (area(zone) > 0.0) continue;
    throw UsageError(fmt::format("{}: '{}' has no area", kZone, zone.name),
                     "Its corners must not lie on one line.");
  }
  expect_different_names(options_.lines, kLine);
  expect_different_names(options_.zones, kZone);
}

void Counter::update(const std::vector<Track>& tracks, std::optional<double> seconds) {
  const int64_t frame = std::ssize(occupancies_);
  occupancies_.emplace_back(options_.zones.size());
  for (const Track& track : tracks) {
    Whereabouts& object = objects_[track.id];
    object.sides.resize(options_.lines.size());
    object.stays.resize(options_.zones.size());
    object.pending.push_back(
        {frame, seconds, track.shape.centroid, kBeyond * std::sqrt(track.shape.area)});
    if (track.frames < kConfirmed) continue;
    for (const Sighting& sighting : std::exchange(object.pending, {})) {
      look_at_lines(track.id, sighting, object);
      look_at_zones(track.id, sighting, object);
    }
  }
}

void Counter::look_at_lines(int64_t id, const Sighting& sighting, Whereabouts& object) {
  const auto& [frame, seconds, place, margin] = sighting;
  for (size_t i = 0; i < options_.lines.size(); ++i) {
    const CountLine& line = options_.lines[i];
    const double now = distance(line, place);
    if (std::abs(now) <= margin) continue;
    auto& before = object.sides[i];
    if (before && distance(line, *before) * now < 0.0 && meets(line, *before, place)) {
      const auto direction = now > 0.0 ? Direction::kLeftToRight : Direction::kRightToLeft;
      crossings_.push_back({frame, seconds, i, id, direction});
      LineCount& count = line_counts_[i];
      ++(direction == Direction::kLeftToRight ? count.left_to_right : count.right_to_left);
    }
    before = place;
  }
}

void Counter::look_at_zones(int64_t id, const Sighting& sighting, Whereabouts& object) {
  const auto& [frame, seconds, place, margin] = sighting;
  for (size_t z = 0; z < options_.zones.size(); ++z) {
    Stay& stay = object.stays[z];
    const double now = depth(options_.zones[z], place);
    const bool is_inside = now > (stay.is_inside ? -margin : margin);
    if (stay.is_inside && !is_inside) visits_.push_back(stay.visit);
    if (!stay.is_inside && is_inside) stay.visit = {z, id, frame, frame, seconds, seconds};
    stay.is_inside = is_inside;
    if (!is_inside) continue;
    stay.visit.last = frame;
    stay.visit.to = seconds;
    ++occupancies_[static_cast<size_t>(frame)][z];
  }
}

std::vector<LineCrossing> Counter::crossings() const {
  std::vector<LineCrossing> crossings = crossings_;
  std::ranges::stable_sort(crossings, {}, &LineCrossing::frame);
  return crossings;
}

std::vector<int64_t> Counter::occupancy() const {
  return occupancies_.empty() ? std::vector<int64_t>(options_.zones.size()) : occupancies_.back();
}

std::vector<Visit> Counter::visits() const {
  std::vector<Visit> visits = visits_;
  for (const auto& [id, object] : objects_) {
    for (const Stay& stay : object.stays) {
      if (stay.is_inside) visits.push_back(stay.visit);
    }
  }
  std::stable_sort(visits.begin(), visits.end(),
                   [](const Visit& a, const Visit& b) { return a.last < b.last; });
  return visits;
}

Counts Counter::counts() const {
  Counts counts{line_counts_, {}};
  for (const CountZone& zone : options_.zones) counts.zones.push_back({.zone = zone});
  std::vector<std::set<int64_t>> ids(counts.zones.size());
  std::vector<double> seconds(counts.zones.size());
  bool has_times = true;
  for (const Visit& visit : visits()) {
    ++counts.zones[visit.zone].visits;
    ids[visit.zone].insert(visit.id);
    has_times = has_times && visit.seconds();
    seconds[visit.zone] += visit.seconds().value_or(0.0);
  }
  for (size_t z = 0; z < counts.zones.size(); ++z) {
    ZoneCount& count = counts.zones[z];
    count.objects = static_cast<int64_t>(ids[z].size());
    int64_t sum = 0;
    for (const std::vector<int64_t>& occupancy : occupancies_) {
      count.most = std::max(count.most, occupancy[z]);
      sum += occupancy[z];
    }
    if (sum > 0) count.mean = static_cast<double>(sum) / static_cast<double>(occupancies_.size());
    if (has_times && count.visits > 0) {
      count.mean_stay = seconds[z] / static_cast<double>(count.visits);
    }
  }
  return counts;
}

}  // namespace proxseg
