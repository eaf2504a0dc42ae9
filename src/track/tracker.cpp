#include "proxseg/track/tracker.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <iterator>
#include <limits>
#include <set>
#include <utility>

#include "proxseg/core/error.h"
#include "track/association.h"
#include "track/division.h"
#include "track/motion.h"

namespace proxseg {
namespace {

// Of an object's size,
constexpr double kStill = 0.1;  // by which it may move at rest
constexpr double kGap = 0.1;    // by which its pieces may be apart
constexpr double kReach = 0.2;  // by which one that was seen as a whole may have grown
constexpr double kAnywhere = std::numeric_limits<double>::infinity();

struct Place {
  double time;
  cv::Point2d at;
};

struct TrackedObject {
  int64_t id = 0;
  int64_t frames = 1;
  Motion motion;
  Shape shape;         // as last seen alone, or as it last came into the frame
  cv::Point2d anchor;  // where motion was then
  double size = 0.0;
  double born = 0.0, seen = 0.0;  // times
  std::optional<int64_t> parent{};
  std::optional<double> in_pieces_since{};
  bool is_associated = true;  // with a component of the last frame, though it may be hidden there
  std::optional<int> least_area{};  // of what is seen of it on its way out of the frame
  bool has_entered = false;         // it has been seen off the borders of the frame
  bool is_over = false;
  std::set<int64_t> company{};  // the objects that form one component with it
  std::deque<Place> places{};   // of the last `memory` seconds
  Shape expected{};             // in this frame
};

// At once the size that is seen, and slowly a smaller one: what disappears behind something bit by
// bit has its size still.
double followed_size(double size, const Shape& seen) {
  const double now = std::sqrt(seen.area);
  return std::max(now, 0.9 * size + 0.1 * now);
}

// On the border of the frame, and on the way out.
bool is_going_out(const cv::Rect& box, cv::Point2d way, cv::Size frame) {
  return (box.x == 0 && way.x < 0.0) || (box.y == 0 && way.y < 0.0) ||
         (box.br().x == frame.width && way.x > 0.0) || (box.br().y == frame.height && way.y > 0.0);
}

// Likewise, or past the border.
bool is_leaving(const TrackedObject& object, cv::Size frame) {
  const cv::Point2d at = object.motion.position();
  return object.expected.area == 0 || at.x < 0.0 || at.y < 0.0 || at.x >= frame.width ||
         at.y >= frame.height || is_going_out(object.expected.box, object.motion.velocity(), frame);
}

// Some of it may be outside of the frame still.
bool is_coming_in(const TrackedObject& object, cv::Size frame) {
  return is_at_border(object.shape.box, frame) &&
         !is_going_out(object.shape.box, object.motion.velocity(), frame);
}

// From its expected pixels.
double reach_of(const TrackedObject& object, cv::Size frame) {
  return is_coming_in(object, frame) ? kAnywhere : kReach * object.size;
}

// It has left the frame, and this is what came in there and was one component with it.
bool is_another(const TrackedObject& object, cv::Size frame) {
  return object.least_area && !is_going_out(object.shape.box, object.motion.velocity(), frame) &&
         object.shape.area - *object.least_area > kReach * object.size * object.size;
}

std::string joined(const std::vector<std::string>& events) {
  return fmt::format("{}", fmt::join(events, "; "));
}

}  // namespace

class Tracker::Impl {
 public:
  explicit Impl(const TrackerOptions& options) : options_(options) {
    if (options.memory > 0.0 && options.frame_rate > 0.0 && options.clock > 0.0) return;
    throw UsageError(fmt::format("memory = {}, frame_rate = {}, clock = {}: all must be above 0",
                                 options.memory, options.frame_rate, options.clock));
  }

  void go_on_with(const std::vector<Track>& objects, int64_t last_id) {
    last_id_ = last_id;
    for (const Track& track : objects) {
      const double size = std::sqrt(track.shape.area);
      objects_.push_back({.id = track.id,
                          .frames = track.frames,
                          .motion = Motion(track.shape.centroid, size),
                          .shape = track.shape,
                          .anchor = track.shape.centroid,
                          .size = size,
                          .has_entered = true});
    }
  }

  int64_t last_id() const { return last_id_; }

  std::vector<Track> update(const cv::Mat& mask, std::optional<double> seconds) {
    frame_ = mask.size();
    const bool is_first = count_ == 0;
    expect_objects(advance(seconds));
    if (is_first) {
      for (TrackedObject& object : objects_) object.born = object.seen = now_;
    }
    components_ = components_of(mask);
    const Association association = associate(expectations(), components_);
    tracks_.clear();
    groups_.assign(components_.size(), {});
    pieces_.assign(objects_.size(), {});
    sort_into_groups(association);
    sort_pieces(association);
    for (size_t j = 0; j < components_.size(); ++j) see(j);
    note_who_is_not_there(association);
    add_new_objects(association);
    std::erase_if(objects_, [](const TrackedObject& object) { return object.is_over; });
    std::sort(tracks_.begin(), tracks_.end(),
              [](const Track& a, const Track& b) { return a.id < b.id; });
    return std::move(tracks_);
  }

 private:
  // Returns the seconds since the frame before.
  double advance(std::optional<double> seconds) {
    const double before = now_;
    now_ = seconds ? *seconds * options_.clock : static_cast<double>(count_) / options_.frame_rate;
    velocity_unit_ = seconds ? 1.0 / options_.clock : options_.frame_rate;
    return count_++ == 0 ? 0.0 : std::max(0.0, now_ - before);
  }

  void expect_objects(double elapsed) {
    for (TrackedObject& object : objects_) {
      object.motion.predict(elapsed, object.size);
      const cv::Point2d way = object.motion.position() - object.anchor;
      object.expected = moved(object.shape, {cvRound(way.x), cvRound(way.y)}, frame_);
    }
  }

  std::vector<ExpectedObject> expectations() const {
    std::vector<ExpectedObject> list;
    for (const TrackedObject& object : objects_) {
      const bool was_alone = object.is_associated && object.company.empty();
      list.push_back({object.expected, &object.motion, object.frames == 1, object.is_associated,
                      was_alone ? &object.shape : nullptr});
    }
    return list;
  }

  // What touches an object and was a piece of it a short while ago, or comes into the frame as it does.
  bool is_piece_of(const TrackedObject& object, const TrackedObject& whole) const {
    if (now_ - object.born > options_.memory || object.id < whole.id) return false;
    return object.parent == whole.id || (!object.has_entered && !whole.has_entered);
  }

  void sort_into_groups(const Association& association) {
    for (size_t i = 0; i < objects_.size(); ++i) {
      const int j = association.component[i];
      if (j >= 0) groups_[static_cast<size_t>(j)].push_back(i);
    }
    for (std::vector<size_t>& group : groups_) {
      for (const size_t i : group) {
        objects_[i].is_over = std::any_of(group.begin(), group.end(), [&](size_t other) {
          return is_piece_of(objects_[i], objects_[other]) && other != i;
        });
      }
      std::erase_if(group, [&](size_t i) { return objects_[i].is_over; });
    }
  }

  // Components that are no object's: further pieces of one, or new objects.
  void sort_pieces(const Association& association) {
    new_.clear();
    for (size_t j = 0; j < components_.size(); ++j) {
      if (!groups_[j].empty()) continue;
      const int source = association.source[j];
      if (source >= 0 && is_piece(components_[j], static_cast<size_t>(source), association)) {
        pieces_[static_cast<size_t>(source)].push_back(j);
      } else {
        new_.push_back(j);
      }
    }
    for (size_t i = 0; i < objects_.size(); ++i) {
      if (pieces_[i].empty()) objects_[i].in_pieces_since.reset();
    }
  }

  bool is_piece(const Shape& component, size_t of, const Association& association) {
    const Shape& rest = components_[static_cast<size_t>(association.component[of])];
    return may_be_in_pieces(objects_[of]) &&
           distance_between(component, rest) <= kGap * objects_[of].size;
  }

  bool may_be_in_pieces(TrackedObject& object) const {
    if (!object.in_pieces_since) object.in_pieces_since = now_;
    return now_ - *object.in_pieces_since <= options_.memory / 4.0;
  }

  // The objects of a component.
  void see(size_t j) {
    const std::vector<size_t>& group = groups_[j];
    if (group.size() == 1) {
      see_alone(j, objects_[group.front()], with_pieces(components_[j], group.front()));
    } else if (group.size() > 1) {
      see_together(components_[j], group);
    }
  }

  Shape with_pieces(Shape shape, size_t i) const {
    for (const size_t piece : pieces_[i]) shape = united(shape, components_[piece]);
    return shape;
  }

  void see_alone(size_t j, TrackedObject& object, const Shape& shape) {
    follow(object, shape);
    note_way_out(object);
    object.is_over = is_another(object, frame_);
    if (object.is_over) {
      new_.push_back(j);
    } else {
      show(object, shape, {});
    }
  }

  void follow(TrackedObject& object, const Shape& shape) const {
    object.motion.correct(object.shape.centroid + way_between(object.shape, shape, frame_));
    if (is_at_border(object.shape.box | shape.box, frame_)) object.motion.move_to(shape.centroid);
    object.shape = shape;
    object.anchor = object.motion.position();
    object.size = followed_size(object.size, shape);
  }

  void note_way_out(TrackedObject& object) const {
    const Shape& shape = object.shape;
    if (!is_at_border(shape.box, frame_)) {
      object.least_area.reset();
    } else if (object.has_entered && is_going_out(shape.box, object.motion.velocity(), frame_)) {
      object.least_area = std::min(object.least_area.value_or(shape.area), shape.area);
    }
  }

  void see_together(const Shape& component, const std::vector<size_t>& group) {
    std::vector<DividedObject> expected;
    std::set<int64_t> ids;
    for (const size_t i : group) {
      expected.push_back({objects_[i].expected, reach_of(objects_[i], frame_)});
      ids.insert(objects_[i].id);
    }
    const std::vector<Share> shares = divide(component, expected);
    for (size_t k = 0; k < group.size(); ++k) {
      TrackedObject& object = objects_[group[k]];
      follow_share(object, shares[k].whole);
      std::set<int64_t> others = ids;
      others.erase(object.id);
      show(object, with_pieces(shares[k].visible, group[k]), others);
    }
  }

  // What comes into the frame looks as its share does. Of others, what is measured is by how much the
  // pixels that may be the object's lie elsewhere than expected.
  void follow_share(TrackedObject& object, const Shape& share) const {
    if (share.area == 0) return;
    if (is_coming_in(object, frame_)) {
      follow(object, share);
    } else {
      object.motion.correct(object.motion.position() + way_between(object.expected, share, frame_));
    }
  }

  void show(TrackedObject& object, const Shape& shape, const std::set<int64_t>& company) {
    if (shape.area > 0) {
      ++object.frames;
      tracks_.push_back({.id = object.id,
                         .frames = object.frames,
                         .shape = shape,
                         .velocity = object.motion.velocity() / velocity_unit_,
                         .state = state_of(object),
                         .parent = object.parent.value_or(0),
                         .event = joined(events_of(object, company))});
      object.seen = now_;
      object.has_entered = object.has_entered || !is_at_border(shape.box, frame_);
    } else {
      object.is_over = now_ - object.seen > options_.memory;
    }
    object.company = company;
    object.is_associated = true;
  }

  TrackState state_of(TrackedObject& object) const {
    const cv::Point2d here = object.motion.position();
    std::deque<Place>& places = object.places;
    places.push_back({now_, here});
    while (places.size() > 1 && places[1].time <= now_ - options_.memory) places.pop_front();
    if (places.front().time > now_ - options_.memory) return TrackState::kMoving;
    const bool is_still = std::all_of(places.begin(), places.end(), [&](const Place& place) {
      return cv::norm(place.at - here) <= kStill * object.size;
    });
    return is_still ? TrackState::kRest : TrackState::kMoving;
  }

  std::vector<std::string> events_of(const TrackedObject& object,
                                     const std::set<int64_t>& company) const {
    std::vector<int64_t> merged, parted;
    std::set_difference(company.begin(), company.end(), object.company.begin(),
                        object.company.end(), std::back_inserter(merged));
    std::set_difference(object.company.begin(), object.company.end(), company.begin(),
                        company.end(), std::back_inserter(parted));
    std::erase_if(parted, [&](int64_t id) { return !has_component(id); });
    std::vector<std::string> events;
    if (object.seen < before_) events.emplace_back("return");
    if (!merged.empty()) events.push_back(fmt::format("merge with {}", fmt::join(merged, " ")));
    if (!parted.empty()) events.push_back(fmt::format("part from {}", fmt::join(parted, " ")));
    return events;
  }

  bool has_component(int64_t id) const {
    return std::any_of(groups_.begin(), groups_.end(), [&](const std::vector<size_t>& group) {
      return std::any_of(group.begin(), group.end(),
                         [&](size_t i) { return objects_[i].id == id; });
    });
  }

  void note_who_is_not_there(const Association& association) {
    for (size_t i = 0; i < objects_.size(); ++i) {
      TrackedObject& object = objects_[i];
      if (association.component[i] >= 0) continue;
      object.is_associated = false;
      object.company.clear();
      object.is_over =
          object.frames == 1 || is_leaving(object, frame_) || now_ - object.seen > options_.memory;
    }
    before_ = now_;
  }

  void add_new_objects(const Association& association) {
    for (const size_t j : new_) {
      const Shape& shape = components_[j];
      const double size = std::sqrt(shape.area);
      const int source = association.source[j];
      TrackedObject object{.id = ++last_id_,
                           .motion = Motion(shape.centroid, size),
                           .shape = shape,
                           .anchor = shape.centroid,
                           .size = size,
                           .born = now_,
                           .seen = now_,
                           .has_entered = !is_at_border(shape.box, frame_)};
      if (source >= 0) object.parent = objects_[static_cast<size_t>(source)].id;
      object.places.push_back({now_, shape.centroid});
      tracks_.push_back({.id = object.id, .shape = shape, .parent = object.parent.value_or(0)});
      tracks_.back().event = object.parent ? fmt::format("split from {}", *object.parent) : "enter";
      objects_.push_back(std::move(object));
    }
  }

  TrackerOptions options_;
  int64_t count_ = 0;           // of frames
  double now_ = 0.0;            // seconds of options_.clock
  double before_ = 0.0;         // of the last frame
  double velocity_unit_ = 1.0;  // a second, in the unit of time of velocities
  int64_t last_id_ = 0;
  std::vector<TrackedObject> objects_;
  // Of this frame:
  cv::Size frame_;
  std::vector<Shape> components_;
  std::vector<std::vector<size_t>> groups_;  // of each component, its objects
  std::vector<std::vector<size_t>> pieces_;  // of each object, its further components
  std::vector<size_t> new_;                  // components of new objects
  std::vector<Track> tracks_;
};

TrackerOptions tracker_options_for(double fps) {
  constexpr double kSlowest = 5.0;
  TrackerOptions options;
  if (fps > 0.0) options.clock = std::min(1.0, fps / kSlowest);
  return options;
}

Tracker::Tracker(const TrackerOptions& options) : impl_(std::make_unique<Impl>(options)) {}
Tracker::~Tracker() = default;
Tracker::Tracker(Tracker&&) noexcept = default;
Tracker& Tracker::operator=(Tracker&&) noexcept = default;

void Tracker::go_on_with(const std::vector<Track>& objects, int64_t last_id) {
  impl_->go_on_with(objects, last_id);
}

int64_t Tracker::last_id() const { return impl_->last_id(); }

std::vector<Track> Tracker::update(const cv::Mat& mask, std::optional<double> seconds) {
  return impl_->update(mask, seconds);
}

}  // namespace proxseg
