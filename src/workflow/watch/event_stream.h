// Where what happens before a camera is told: a file, standard output, a program, observers.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "proxseg/core/clock.h"
#include "proxseg/core/file.h"
#include "proxseg/workflow/watch/observer.h"
#include "workflow/watch/event_program.h"

namespace proxseg {

class EventStream {
 public:
  // camera: a name. Throws OutputError.
  EventStream(std::filesystem::path file, std::string camera, EventProgram& program, bool prints,
              std::vector<WatchObserver*> observers);

  // What is added from here on happens in a frame that came then; nothing: as it is added.
  void set_arrival(std::optional<SteadyTime> arrival) { arrival_ = arrival; }

  // details: an object, written after time, camera, seconds and event. Throws OutputError.
  void add(const std::string& event, double seconds, const nlohmann::ordered_json& details);
  void add(const std::string& event, double seconds);
  // What happens now and in no frame, from any thread.
  void add_now(const std::string& event, double seconds, const nlohmann::ordered_json& details);

 private:
  void write(std::chrono::system_clock::time_point time, const std::string& event, double seconds,
             const nlohmann::ordered_json& details);
  void append(const std::string& line);

  std::filesystem::path path_;
  std::string camera_;
  EventProgram& program_;
  bool prints_;
  std::vector<WatchObserver*> observers_;
  std::optional<SteadyTime> arrival_;
  std::mutex mutex_;  // of what follows
  std::optional<AppendedFile> file_;
  uintmax_t size_ = 0;
};

}  // namespace proxseg
