#include "workflow/watch/event_stream.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <system_error>

#include "proxseg/core/clock.h"
#include "proxseg/core/text.h"

namespace proxseg {
namespace fs = std::filesystem;

EventStream::EventStream(fs::path file, std::string camera, EventProgram& program, bool prints,
                         std::vector<WatchObserver*> observers)
    : path_(std::move(file)),
      camera_(std::move(camera)),
      program_(program),
      prints_(prints),
      observers_(std::move(observers)),
      file_(path_) {
  std::error_code ignored;
  size_ = fs::file_size(path_, ignored);
}

void EventStream::add(const std::string& event, double seconds,
                      const nlohmann::ordered_json& details) {
  write(system_time_of(arrival_.value_or(steady_now())), event, seconds, details);
}

void EventStream::add_now(const std::string& event, double seconds,
                          const nlohmann::ordered_json& details) {
  write(std::chrono::system_clock::now(), event, seconds, details);
}

void EventStream::write(std::chrono::system_clock::time_point time, const std::string& event,
                        double seconds, const nlohmann::ordered_json& details) {
  nlohmann::ordered_json object = {{"time", utc_time(time)},
                                   {"camera", camera_},
                                   {"seconds", std::round(seconds * 1000.0) / 1000.0},
                                   {"event", event}};
  object.update(details);
  const std::string line = json_line(object);
  const std::lock_guard lock(mutex_);
  append(line + "\n");
  if (prints_) {
    fmt::print("{}\n", line);
    std::fflush(stdout);
  }
  for (WatchObserver* observer : observers_) observer->on_event(event, line);
  program_.tell(line);
}

void EventStream::add(const std::string& event, double seconds) {
  add(event, seconds, nlohmann::ordered_json::object());
}

void EventStream::append(const std::string& line) {
  constexpr uintmax_t kMost = uintmax_t{16} << 20;
  if (size_ + line.size() > kMost) {
    fs::path old = path_;
    old.replace_extension(".1.jsonl");
    std::error_code ignored;
    fs::rename(path_, old, ignored);
    file_.emplace(path_);
    size_ = 0;
  }
  file_->append(line);
  size_ += line.size();
}

}  // namespace proxseg
