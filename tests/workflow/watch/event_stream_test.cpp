#include "workflow/watch/event_stream.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "proxseg/core/file.h"
#include "support/temporary_folder.h"

namespace proxseg {
namespace {

TEST(EventStream, TellsWhenTheFrameCameHoweverLateItIsLookedAt) {
  const TemporaryFolder folder;
  EventProgram none("");
  EventStream events(folder / "events.jsonl", "gate", none, /*prints=*/false, {});
  events.add("start", 0.0);
  events.set_arrival(steady_now() - std::chrono::hours(48));
  events.add("object", 1.0);
  events.add_now("lost", 1.0, nlohmann::ordered_json::object());
  std::istringstream lines(read_file(folder / "events.jsonl"));
  std::vector<std::string> days;
  for (std::string line; std::getline(lines, line);) {
    days.push_back(nlohmann::json::parse(line).at("time").get<std::string>().substr(0, 10));
  }
  ASSERT_EQ(days.size(), 3U);
  EXPECT_LT(days[1], days[0]);
  EXPECT_GE(days[2], days[0]);
}

}  // namespace
}  // namespace proxseg
