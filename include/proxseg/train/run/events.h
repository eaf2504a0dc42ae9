// RUN/events.jsonl: what happened in a run, one JSON object a line, flushed as it is written:
//   {"time": "2026-01-31T12:00:00.000Z", "event": "checkpoint", "step": 50}
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "proxseg/core/file.h"

namespace proxseg {

class EventLog {
 public:
  // Starts a new log, or goes on with the one that is there after dropping a line that was cut
  // short, steps of first_step and later, and checkpoints of more than first_step steps.
  EventLog(const std::filesystem::path& path, int64_t first_step);

  // details: an object, written after time and event. Text that is not UTF-8 is replaced. Throws
  // OutputError.
  void add(const std::string& event, const nlohmann::ordered_json& details);

 private:
  AppendedFile file_;
};

}  // namespace proxseg
