// Identities of moving objects over time: what a mask's components have to do with those of the
// frame before. By the overlap of masks and by motion: a Kalman filter of constant velocity, and
// optimal assignment, as in SORT (Bewley et al., "Simple online and realtime tracking", ICIP 2016),
// with objects as masks in place of boxes.
#pragma once

#include <cstdint>
#include <memory>
#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <vector>

#include "proxseg/track/shape.h"

namespace proxseg {

struct TrackerOptions {
  double memory = 1.0;       // seconds for which an object that is not seen keeps its identity
  double frame_rate = 25.0;  // frames a second where frames have no times
  // Seconds that pass here, for `memory` and for what is known of motion, in one of the frames'
  // times. Below 1 for frames that lie far apart, such as those of time-lapse.
  double clock = 1.0;
};

// The default options, with a clock by which frames come five times a second where they come less
// often. fps: 0 where it is unknown.
TrackerOptions tracker_options_for(double fps);

// kRest: within the last `memory` seconds, its place has not changed by more than a tenth of its
// size, the square root of its area.
enum class TrackState { kMoving, kRest };

// An object in one frame.
struct Track {
  int64_t id = 0;          // from 1, in the order in which objects appear
  int64_t frames = 1;      // in which it was seen, this one included
  Shape shape;             // what is seen of it
  cv::Point2d velocity{};  // pixels a second; a frame where frames have no times. 0 the first time
  TrackState state = TrackState::kMoving;
  int64_t parent = 0;  // the id of the object that it was a part of before; 0: none
  // What happens to it in this frame, "" for nothing; several are separated by "; ", several IDs by
  // spaces:
  //   enter          it is seen for the first time
  //   split from ID  likewise, and was a part of that object until now
  //   merge with ID  from here on it forms one component with that object
  //   part from ID   they are two components again
  //   return         it is seen again, after frames in which it was not
  std::string event{};
};

// Objects that touch form one component. Its pixels go to the object whose expected pixels (those
// it had when last seen alone, moved by its velocity) are nearest; where several are expected, to
// the one that reaches furthest down, which is in front for a camera that looks down on a ground.
// While one of them comes into the frame, the others, which were seen as a whole, have none further
// than a fifth of their size from those expected; all else is that one's, whose expected pixels are
// those it had last. (The size of an object is the square root of its area.)
//
// Pieces of one object, a tenth of its size apart at most, belong to it for a quarter of `memory`;
// then all but the one most like it are objects of their own, as are pieces further apart at once.
// It takes them back if they touch it again within `memory`. So does an object that comes into the
// frame in pieces, which touch while all are at its border still.
//
// An object that goes out of the frame and turns back, with more of it to be seen than before by a
// fifth of its size squared, is another that came in while they were one component: a new one.
//
// What update() returns depends on earlier frames alone. The same masks give the same tracks.
class Tracker {
 public:
  // Throws UsageError unless all options are above 0.
  explicit Tracker(const TrackerOptions& options = {});
  ~Tracker();
  Tracker(Tracker&&) noexcept;
  Tracker& operator=(Tracker&&) noexcept;

  // Before the first update(): goes on with the objects of another tracker's last frame, as if the first frame
  // came right after that. `last_id` is the last one that it has given.
  void go_on_with(const std::vector<Track>& objects, int64_t last_id);
  int64_t last_id() const;

  // The objects of the next frame, by id. mask: 8UC1, 0 outside; all of one size. seconds: when the
  // frame was taken, by any clock; for all frames or for none.
  std::vector<Track> update(const cv::Mat& mask, std::optional<double> seconds = std::nullopt);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace proxseg
