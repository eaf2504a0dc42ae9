// What a page shows of one camera, and what it asks of it. All of it may be called from any thread.
#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "proxseg/core/clock.h"
#include "proxseg/workflow/watch/observer.h"

namespace proxseg {

class LiveCamera : public WatchObserver {
 public:
  explicit LiveCamera(std::string name) : name_(std::move(name)) {}

  void on_event(const std::string& event, const std::string& line) override;
  void on_frame(const LiveFrame& frame) override;
  std::vector<WatchCommand> take_commands() override;

  // Of its frames; empty before the first one.
  cv::Size frame_size() const;

  // False where so much has been asked for that nobody has looked at yet.
  bool ask(const WatchCommand& command);

  // docs/inputs-outputs.md has the fields.
  nlohmann::ordered_json state() const;

  // Those with a number above `after`, the oldest first.
  nlohmann::ordered_json events(int64_t after) const;

  enum class Picture { kFrame, kMasks, kBackground };
  struct Jpeg {
    std::string bytes{};  // "" before the first frame
    int64_t frame = 0;
    nlohmann::ordered_json objects{};
  };
  // Made when somebody asks for it, once a frame; at most that wide.
  Jpeg picture(Picture picture, int width);

 private:
  struct Event {
    int64_t number;
    nlohmann::ordered_json object;
  };
  double frames_per_second() const;

  std::string name_;
  mutable std::mutex mutex_;
  LiveFrame frame_;
  int64_t shown_ = 0;                // frames since the page is there
  std::deque<SteadyTime> arrivals_;  // of the last seconds
  std::deque<Event> events_;
  int64_t next_number_ = 1;
  nlohmann::ordered_json cause_, connection_;
  bool is_connected_ = true, has_stopped_ = false;
  std::vector<WatchCommand> commands_;

  std::mutex encoding_;  // of what follows
  std::map<std::pair<Picture, int>, Jpeg> encoded_;
};

}  // namespace proxseg
