#include "workflow/watch/object_events.h"

#include <nlohmann/json.hpp>
#include <string_view>

namespace proxseg {

using nlohmann::ordered_json;

ordered_json box_as_json(const cv::Rect& box) { return {box.x, box.y, box.width, box.height}; }

void ObjectEvents::go_on_with(const WatchState& state) {
  std::vector<Track> tracks;
  for (const WatchedObject& object : state.objects) {
    const bool rests = object.track.state == TrackState::kRest;
    objects_[object.track.id] = {object, state.seconds, rests};
    tracks.push_back(object.track);
  }
  tracker_.go_on_with(tracks, state.last_id);
}

void ObjectEvents::add_to(WatchState& state) const {
  for (const auto& [id, object] : objects_) state.objects.push_back(object.known);
  state.last_id = tracker_.last_id();
}

void ObjectEvents::update(const cv::Mat& mask, double seconds) {
  constexpr int64_t kFramesOfNoise = 3;  // fewer are noise
  for (const Track& track : tracker_.update(mask, seconds)) {
    if (track.frames < kFramesOfNoise) continue;
    const auto [place, is_new] = objects_.try_emplace(track.id, Object{{{}, seconds}});
    Object& object = place->second;
    object.last = seconds;
    object.known.track = track;
    if (is_new) {
      tell("object", object, seconds);
      ++count_;
    }
    const bool rests = track.state == TrackState::kRest;
    if (rests != object.rests) tell(rests ? "rest" : "moves", object, seconds);
    object.rests = rests;
  }
  forget_before(seconds - 1.0, seconds);
}

std::optional<int64_t> ObjectEvents::id_in(const cv::Rect& box) const {
  std::optional<int64_t> best;
  int most = 0;
  for (const auto& [id, object] : objects_) {
    const int common = (object.known.track.shape.box & box).area();
    if (common <= most) continue;
    most = common;
    best = id;
  }
  return best;
}

std::vector<LiveObject> ObjectEvents::list(double seconds) const {
  std::vector<LiveObject> list;
  for (const auto& [id, object] : objects_) {
    if (object.last < seconds) continue;
    list.push_back(
        {id, object.known.track.shape.box, object.last - object.known.first, object.rests});
  }
  return list;
}

void ObjectEvents::tell(const char* event, const Object& object, double seconds) {
  const Track& track = object.known.track;
  ordered_json details = {{"id", track.id}, {"box", box_as_json(track.shape.box)}};
  if (event == std::string_view("gone")) details["seen"] = object.last - object.known.first;
  events_.add(event, seconds, details);
}

void ObjectEvents::forget_before(double time, double seconds) {
  for (auto it = objects_.begin(); it != objects_.end();) {
    if (it->second.last >= time) {
      ++it;
      continue;
    }
    tell("gone", it->second, seconds);
    it = objects_.erase(it);
  }
}

}  // namespace proxseg
