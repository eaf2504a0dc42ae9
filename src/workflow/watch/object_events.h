// What happens to objects before a camera, told once each.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <opencv2/core.hpp>
#include <optional>
#include <vector>

#include "proxseg/track/tracker.h"
#include "workflow/watch/event_stream.h"
#include "workflow/watch/state.h"

namespace proxseg {

// [x, y, width, height]
nlohmann::ordered_json box_as_json(const cv::Rect& box);

class ObjectEvents {
 public:
  explicit ObjectEvents(EventStream& events) : events_(events) {}

  // Before the first update().
  void go_on_with(const WatchState& state);
  void add_to(WatchState& state) const;

  // The mask of a frame, 8UC1, and when it was taken.
  void update(const cv::Mat& mask, double seconds);
  // All are gone.
  void finish(double seconds) { forget_before(seconds + 1.0, seconds); }

  // Those that have been told of, and those that are there now.
  int64_t count() const { return count_; }
  size_t now() const { return objects_.size(); }
  // The one that covers most of box, if any does.
  std::optional<int64_t> id_in(const cv::Rect& box) const;
  // Those that the frame of that time shows.
  std::vector<LiveObject> list(double seconds) const;

 private:
  struct Object {
    WatchedObject known;
    double last = 0.0;
    bool rests = false;
  };

  void tell(const char* event, const Object& object, double seconds);
  void forget_before(double time, double seconds);

  EventStream& events_;
  Tracker tracker_;
  std::map<int64_t, Object> objects_;
  int64_t count_ = 0;
};

}  // namespace proxseg
