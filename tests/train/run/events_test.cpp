#include "proxseg/train/run/events.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "proxseg/core/file.h"
#include "support/temporary_folder.h"

namespace proxseg {
namespace {

std::vector<nlohmann::json> events_in(const std::filesystem::path& path) {
  std::istringstream stream(read_file(path));
  std::vector<nlohmann::json> events;
  for (std::string line; std::getline(stream, line);) events.push_back(nlohmann::json::parse(line));
  return events;
}

std::vector<std::string> event_names(const std::filesystem::path& path) {
  std::vector<std::string> names;
  for (const auto& event : events_in(path)) names.push_back(event.at("event"));
  return names;
}

TEST(EventLog, WritesALineAnEvent) {
  const TemporaryFolder folder;
  const auto path = folder / "events.jsonl";
  EventLog log(path, 0);
  log.add("step", {{"step", 3}, {"loss", 0.5}});
  log.add("warning", {{"message", "a \"quoted\"\nline and \xff"}});
  const auto events = events_in(path);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].at("loss"), 0.5);
  EXPECT_EQ(events[0].at("time").get<std::string>().size(), 24U);
  EXPECT_EQ(events[1].at("message"), "a \"quoted\"\nline and \xef\xbf\xbd");
}

TEST(EventLog, GoesOnWithoutDoubledSteps) {
  const TemporaryFolder folder;
  const auto path = folder / "events.jsonl";
  {
    EventLog log(path, 0);
    log.add("start", {{"step", 0}});
    for (const int step : {0, 1, 2}) log.add("step", {{"step", step}});
    for (const int steps : {2, 3}) log.add("checkpoint", {{"step", steps}});
    log.add("interrupted", {{"step", 3}});
  }
  std::ofstream(path, std::ios::app) << R"({"time": "2023)";
  EventLog log(path, 2);
  log.add("start", {{"step", 2}});
  EXPECT_EQ(event_names(path), (std::vector<std::string>{"start", "step", "step", "checkpoint",
                                                         "interrupted", "start"}));
}

}  // namespace
}  // namespace proxseg
