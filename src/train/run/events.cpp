#include "proxseg/train/run/events.h"

#include <nlohmann/json.hpp>
#include <sstream>

#include "proxseg/core/clock.h"
#include "proxseg/core/file.h"
#include "proxseg/core/text.h"

namespace proxseg {
namespace fs = std::filesystem;
using nlohmann::ordered_json;
namespace {

bool is_kept(const std::string& line, int64_t first_step) {
  const auto event = ordered_json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!event.is_object() || !event.contains("event")) return false;
  const auto step = event.value("step", int64_t{0});
  if (event["event"] == "step") return step < first_step;
  return event["event"] != "checkpoint" || step <= first_step;
}

// Returns path.
const fs::path& keep_events_before(const fs::path& path, int64_t first_step) {
  std::string kept;
  if (fs::exists(path)) {
    std::istringstream lines(read_file(path));
    for (std::string line; std::getline(lines, line);) {
      if (is_kept(line, first_step)) kept += line + '\n';
    }
  }
  write_file_atomically(path, kept);
  return path;
}

}  // namespace

EventLog::EventLog(const fs::path& path, int64_t first_step)
    : file_(keep_events_before(path, first_step)) {}

void EventLog::add(const std::string& event, const ordered_json& details) {
  ordered_json line = {{"time", utc_time()}, {"event", event}};
  line.update(details);
  file_.append(json_line(line) + '\n');
}

}  // namespace proxseg
