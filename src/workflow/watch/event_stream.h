// Where what happens before a camera is told: a file, standard output, a program, observers.
#pragma once

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "proxseg/core/file.h"
#include "proxseg/workflow/watch/observer.h"
#include "workflow/watch/event_program.h"

namespace proxseg {

class EventStream {
 public:
  // camera: a name. Throws OutputError.
  EventStream(std::filesystem::path file, std::string camera, EventProgram& program, bool prints,
              std::vector<WatchObserver*> observers);

  // From any thread. details: an object, written after time, camera, seconds and event. Throws
  // OutputError.
  void add(const std::string& event, double seconds, const nlohmann::ordered_json& details);
  void add(const std::string& event, double seconds);

 private:
  void append(const std::string& line);

  std::filesystem::path path_;
  std::string camera_;
  EventProgram& program_;
  bool prints_;
  std::vector<WatchObserver*> observers_;
  std::mutex mutex_;
  std::optional<AppendedFile> file_;
  uintmax_t size_ = 0;
};

}  // namespace proxseg
