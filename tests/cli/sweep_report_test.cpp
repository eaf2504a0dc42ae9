// The page of a sweep shows what its ledger holds.
#include <gmock/gmock.h>

#include "cli/sweep_command.h"
#include "support/browser.h"

namespace proxseg {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

// The cells of each table as a reader sees them, under the names of their columns.
constexpr const char* kReadTables = R"js(
  result.tables = [...document.querySelectorAll("table")].map((table) => {
    const names = [...table.tHead.rows[0].cells].map((cell) => cell.innerText.trim());
    return [...table.tBodies[0].rows].map((row) => Object.fromEntries([...row.cells].map(
      (cell, i) => [names[i], { text: cell.innerText, exact: cell.dataset.value ?? cell.innerText }])));
  });)js";

struct SweepPage : SweepCommand {
  void SetUp() override {
    if (!browser_.is_installed()) GTEST_SKIP() << "chromium is not installed";
  }

  // Writes the report and reads its tables: trials, configurations, fields.
  json tables() const {
    EXPECT_EQ(run({"report", path("out")}).code, 0);
    const Seen seen = browser_.open(read_file(path("out/report.html")), kReadTables);
    expect_quiet(seen);
    return seen.result.at("tables");
  }

  json exported() const { return json::parse(run({"sweep", "export", path("out"), "--json"}).out); }

  const Browser browser_;
};

void expect_number(const json& cell, const json& number) {
  EXPECT_EQ(cell.at("exact"), number.dump());
  const std::string five_digits = fmt::format("{:.5g}", number.get<double>());
  EXPECT_EQ(cell.at("text"), number.is_number_integer() ? number.dump() : five_digits);
}

TEST_F(SweepPage, EveryNumberIsTheLedgers) {
  ASSERT_EQ(run(sweep(write_sweep(kGrid), {"--jobs", "2"})).code, 0);
  const json shown = tables(), ledger = exported();
  ASSERT_EQ(shown.size(), 3U);

  ASSERT_EQ(shown[0].size(), 4U);
  for (const json& trial : ledger.at("trials")) {
    const auto row = std::ranges::find_if(
        shown[0], [&](const json& cells) { return cells.at("run").at("text") == trial.at("id"); });
    ASSERT_NE(row, shown[0].end()) << trial;
    for (const char* column : {"F", "score", "loss", "seconds"}) {
      expect_number(row->at(column), trial.at(column));
    }
    for (const auto& [field, value] : trial.at("settings").items()) {
      expect_number(row->at(field), value);
    }
    EXPECT_EQ(row->at("state").at("text"), trial.at("state"));
    EXPECT_EQ(row->at("sequence").at("text"), trial.at("sequence"));
  }

  ASSERT_EQ(shown[1].size(), ledger.at("configurations").size());
  for (size_t i = 0; i < shown[1].size(); ++i) {
    const json& configuration = ledger["configurations"][i];
    expect_number(shown[1][i].at("mean F"), configuration.at("mean"));
    expect_number(shown[1][i].at("spread"), configuration.at("spread"));
    expect_number(shown[1][i].at("trials"), configuration.at("trials"));
    const json& settings = configuration.at("settings");
    expect_number(shown[1][i].at("mask.threshold"), settings.at("mask.threshold"));
  }

  size_t at = 0;
  for (const json& effect : ledger.at("effects")) {
    for (const json& level : effect.at("levels")) {
      ASSERT_LT(at, shown[2].size());
      const json& row = shown[2][at++];
      EXPECT_EQ(row.at("field").at("text"), effect.at("field"));
      EXPECT_EQ(row.at("value").at("text"), level.at("value"));
      expect_number(row.at("mean F"), level.at("mean"));
      expect_number(row.at("range"), effect.at("range"));
    }
  }
  EXPECT_EQ(at, shown[2].size());
}

TEST_F(SweepPage, AFailedTrialSaysWhy) {
  ASSERT_NE(run(sweep(write_sweep(kOneOfThreeFails))).code, 0);
  const json trials = tables().at(0);
  ASSERT_EQ(trials.size(), 3U);
  const json& failed = trials[2];  // what has no value comes last
  EXPECT_EQ(failed.at("state").at("text"), "failed");
  EXPECT_THAT(failed.at("reason").at("text").get<std::string>(), HasSubstr("none.png"));
  EXPECT_EQ(failed.at("F").at("text"), "–");
  const json best = json::parse(run({"sweep", "best", path("out"), "--json"}).out);
  const auto members = column(best.at("members"), "id");
  EXPECT_THAT(members, testing::Contains(trials[0].at("run").at("text").dump()));
}

TEST_F(SweepCommand, ThePageLeadsToTheReportsOfTrialsThatAreThere) {
  ASSERT_EQ(run(sweep(write_sweep(R"("grid": {"seed": [1]})"))).code, 0);
  ASSERT_EQ(run({"report", path("out")}).code, 0);
  const std::string id = status()[0].at("id");
  EXPECT_THAT(read_file(path("out/report.html")), HasSubstr("<td>" + id + "</td>"));
  ASSERT_EQ(run({"report", path("out/trials/" + id + "/run")}).code, 0);
  ASSERT_EQ(run({"report", path("out")}).code, 0);
  EXPECT_THAT(read_file(path("out/report.html")),
              HasSubstr(fmt::format("<a href=\"./trials/{}/run/report.html\">{}</a>", id, id)));
}

}  // namespace
}  // namespace proxseg
