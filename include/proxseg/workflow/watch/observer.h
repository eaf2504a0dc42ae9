// Who looks on while a camera is watched, and may ask for something: a page, a broker of messages.
#pragma once

#include <cstdint>
#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <vector>

namespace proxseg {

struct LiveObject {
  int64_t id = 0;
  cv::Rect box{};        // in pixels of the frame
  double seconds = 0.0;  // that it has been there
  bool rests = false;
};

// A frame and what was made of it. Nobody changes the images.
struct LiveFrame {
  cv::Mat image;             // 8UC1 or 8UC3
  cv::Mat mask;              // 8UC1 of its size, 0 or 255
  cv::Mat background;        // as it is now, in the channels of the frame
  double seconds = 0.0;      // of the stream
  int64_t frames = 0;        // so far
  int64_t uncertain = 0;     // of them
  double unexplained = 0.0;  // the share of pixels off the background, in [0, 1]
  bool is_certain = true;    // its mask can be trusted
  // Seconds from when it came to when its mask was there; nothing where nobody knows.
  std::optional<double> delay{};
  std::vector<LiveObject> objects{};
};

struct WatchCommand {
  enum class Kind {
    kRelearn,  // SceneFollower::relearn()
    kAccept    // SceneFollower::accept(box)
  };
  Kind kind;
  cv::Rect box{};
};

// Of one camera. None of these may block: frames wait for them.
class WatchObserver {
 public:
  virtual ~WatchObserver() = default;

  // An event and its line of events.jsonl, from any thread, one at a time.
  virtual void on_event(const std::string& /*event*/, const std::string& /*line*/) {}

  virtual void on_frame(const LiveFrame& /*frame*/) {}

  // What has been asked for since the last call; it is done between two frames.
  virtual std::vector<WatchCommand> take_commands() { return {}; }
};

}  // namespace proxseg
