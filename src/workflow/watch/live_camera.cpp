#include "workflow/watch/live_camera.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <set>
#include <utility>

#include "proxseg/core/clock.h"
#include "proxseg/media/preview.h"
#include "proxseg/media/transform.h"
#include "workflow/report/html.h"
#include "workflow/watch/object_events.h"

namespace proxseg {
namespace {

using nlohmann::ordered_json;

// Events after which masks cannot be trusted for a while.
bool makes_uncertain(const std::string& event) {
  static const std::set<std::string> kEvents = {"start",   "light",   "knock",   "covered",
                                                "changed", "relearn", "damaged", "frozen"};
  return kEvents.contains(event);
}

ordered_json list_of(const std::vector<LiveObject>& objects) {
  constexpr size_t kMost = 60;
  ordered_json list = ordered_json::array();
  for (const LiveObject& object : objects) {
    if (list.size() == kMost) break;
    list.push_back({{"id", object.id},
                    {"box", box_as_json(object.box)},
                    {"seconds", std::round(object.seconds * 10.0) / 10.0},
                    {"rests", object.rests}});
  }
  return list;
}

double thousandths(double value) { return std::round(value * 1000.0) / 1000.0; }

}  // namespace

void LiveCamera::on_event(const std::string& event, const std::string& line) {
  constexpr size_t kMost = 200;
  if (event == "statistics") return;
  ordered_json object = ordered_json::parse(line);
  const std::lock_guard lock(mutex_);
  object["number"] = next_number_;
  if (makes_uncertain(event)) cause_ = {{"event", event}, {"reason", object.value("reason", "")}};
  if (event == "lost" || event == "failed" || event == "found" || event == "start") {
    is_connected_ = event == "found" || event == "start";
    connection_ = object.value("reason", "");
  }
  if (event == "start" || event == "stop") has_stopped_ = event == "stop";
  events_.push_back({next_number_++, std::move(object)});
  if (events_.size() > kMost) events_.pop_front();
}

void LiveCamera::on_frame(const LiveFrame& frame) {
  constexpr double kSpan = 5.0;
  const auto now = steady_now();
  const std::lock_guard lock(mutex_);
  frame_ = frame;
  ++shown_;
  arrivals_.push_back(now);
  while (seconds_between(arrivals_.front(), now) > kSpan) arrivals_.pop_front();
}

std::vector<WatchCommand> LiveCamera::take_commands() {
  const std::lock_guard lock(mutex_);
  return std::exchange(commands_, {});
}

cv::Size LiveCamera::frame_size() const {
  const std::lock_guard lock(mutex_);
  return frame_.image.size();
}

bool LiveCamera::ask(const WatchCommand& command) {
  constexpr size_t kMost = 16;
  const std::lock_guard lock(mutex_);
  if (has_stopped_ || commands_.size() >= kMost) return false;
  commands_.push_back(command);
  return true;
}

double LiveCamera::frames_per_second() const {
  if (arrivals_.size() < 2) return 0.0;
  // One that has not come for longer than usual counts as one that comes now.
  const double seconds = std::max(seconds_between(arrivals_.front(), arrivals_.back()),
                                  seconds_between(arrivals_.front(), steady_now()) - 1.0);
  return seconds > 0.0 ? static_cast<double>(arrivals_.size() - 1) / seconds : 0.0;
}

ordered_json LiveCamera::state() const {
  const std::lock_guard lock(mutex_);
  const double silent = arrivals_.empty() ? 0.0 : seconds_between(arrivals_.back(), steady_now());
  const bool is_certain = frame_.frames > 0 && frame_.is_certain;
  return {{"name", name_},
          {"width", frame_.image.cols},
          {"height", frame_.image.rows},
          {"connected", is_connected_},
          {"stopped", has_stopped_},
          {"connection", connection_},
          {"certain", is_certain},
          {"cause", is_certain ? ordered_json() : cause_},
          {"unexplained", thousandths(frame_.unexplained)},
          {"frames", frame_.frames},
          {"seconds", thousandths(frame_.seconds)},
          {"uncertain", frame_.uncertain},
          {"frames_per_second", thousandths(frames_per_second())},
          {"delay", frame_.delay ? ordered_json(thousandths(*frame_.delay)) : ordered_json()},
          {"silent", thousandths(silent)},
          {"objects", list_of(frame_.objects)},
          {"last_event", next_number_ - 1}};
}

ordered_json LiveCamera::events(int64_t after) const {
  ordered_json list = ordered_json::array();
  const std::lock_guard lock(mutex_);
  for (const Event& event : events_) {
    if (event.number > after) list.push_back(event.object);
  }
  return list;
}

LiveCamera::Jpeg LiveCamera::picture(Picture picture, int width) {
  LiveFrame frame;
  int64_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    frame = frame_;
    number = shown_;
  }
  if (frame.image.empty()) return {};
  const std::lock_guard lock(encoding_);
  std::erase_if(encoded_, [&](const auto& entry) { return entry.second.frame != number; });
  Jpeg& jpeg = encoded_[{picture, width}];
  if (!jpeg.bytes.empty()) return jpeg;
  cv::Mat image;
  if (picture == Picture::kBackground) {
    cv::resize(frame.background, image, frame.image.size());
  } else {
    image = frame.image;
  }
  if (image.cols > width) {
    image = resize_frame(image, scaled_size(image.size(), 1.0 * width / image.cols));
  }
  if (picture == Picture::kMasks) {
    cv::Mat mask = frame.mask;
    if (mask.size() != image.size()) cv::resize(mask, mask, image.size(), 0, 0, cv::INTER_NEAREST);
    image = draw_overlay(image, mask);
  }
  jpeg = {jpeg_of(image, width), number, list_of(frame.objects)};
  return jpeg;
}

}  // namespace proxseg
