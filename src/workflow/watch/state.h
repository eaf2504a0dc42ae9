// What is known of a camera, in a folder, to go on with after the program has been stopped or killed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <future>
#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <vector>

#include "proxseg/scene/follower_state.h"
#include "proxseg/track/tracker.h"

namespace proxseg {

// An object that has been told of, and when it was seen first.
struct WatchedObject {
  Track track;
  double first = 0.0;  // seconds
};

struct WatchState {
  double seconds = 0.0;  // of the stream
  FollowerState scene{};
  std::vector<WatchedObject> objects{};
  int64_t last_id = 0;  // of an object
};

// A state counts for the same input, network, size and channels of the frames only.
struct StateKey {
  std::string input;  // its path or address; a hash of it is written, as a password may stand in it
  std::string model;  // a hash
  cv::Size size;      // of the frames
  cv::Size scene;     // of the frames as the scene sees them
  int channels;       // of the frames
};

class StateFolder {
 public:
  // Nothing is created before save().
  StateFolder(std::filesystem::path folder, StateKey key);

  // Its seconds have gone on by the clock of this machine since it was saved. Nothing where there is none; a
  // warning says why one that is there, such as of another model, does not count. Throws OutputError for one
  // of another input, which is not to be lost.
  std::optional<WatchState> load() const;

  // Writes it on another thread, unless it still writes the one before. A state replaces the one before at
  // once; what cannot be written is said in a warning.
  void save(WatchState state);

  // The same, and waits.
  void finish(const WatchState& state);

 private:
  void write(const WatchState& state) const;

  std::filesystem::path folder_;
  StateKey key_;
  std::future<void> writing_;
};

}  // namespace proxseg
