// The page of a sweep shows what its ledger holds.
#include <gmock/gmock.h>

#include "cli/sweep_command.h"
#include "support/browser.h"

namespace proxseg {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

// The cells of each table as a reader sees them, under the names of their columns, and what is said
// above it of all its rows. The table of the best trials is not among them.
constexpr const char* kReadTables = R"js(
  const tables = [...document.querySelectorAll(".scroll.card > table.sortable")];
  result.shared = tables.map((table) => table.parentElement.previousElementSibling.innerText);
  result.tables = tables.map((table) => {
    const names = [...table.tHead.rows[0].cells].map((cell) => cell.innerText.trim());
    return [...table.tBodies[0].rows].map((row) => Object.fromEntries([...row.cells].map(
      (cell, i) => [names[i], { text: cell.innerText, exact: cell.dataset.value ?? cell.innerText }])));
  });)js";

struct SweepPage : SweepCommand {
  void SetUp() override {
    if (!browser_.is_installed()) GTEST_SKIP() << "chromium is not installed";
  }

  // Writes the report and reads its tables: configurations, trials, fields.
  json read() const {
    EXPECT_EQ(run({"report", path("out")}).code, 0);
    const Seen seen = browser_.open(read_file(path("out/report.html")), kReadTables);
    expect_quiet(seen);
    return seen.result;
  }
  json tables() const { return read().at("tables"); }

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
  const json seen = read(), shown = seen.at("tables"), ledger = exported();
  ASSERT_EQ(shown.size(), 3U);
  EXPECT_EQ(seen.at("shared"),
            json({"The same in every row: trials 2",
                  "The same in every row: state done, sequence scene", "What each field did"}));

  ASSERT_EQ(shown[1].size(), 4U);
  for (const json& trial : ledger.at("trials")) {
    const auto row = std::ranges::find_if(shown[1], [&](const json& cells) {
      return cells.at("trial").at("text") == trial.at("id");
    });
    ASSERT_NE(row, shown[1].end()) << trial;
    for (const char* column : {"F", "score", "loss", "seconds"}) {
      expect_number(row->at(column), trial.at(column));
    }
    for (const auto& [field, value] : trial.at("settings").items()) {
      expect_number(row->at(field), value);
    }
  }

  ASSERT_EQ(shown[0].size(), ledger.at("configurations").size());
  for (size_t i = 0; i < shown[0].size(); ++i) {
    const json& configuration = ledger["configurations"][i];
    expect_number(shown[0][i].at("mean F"), configuration.at("mean"));
    expect_number(shown[0][i].at("± seeds"), configuration.at("spread"));
    EXPECT_EQ(shown[0][i].at("configuration").at("text"), configuration.at("configuration"));
    const json& settings = configuration.at("settings");
    expect_number(shown[0][i].at("mask.threshold"), settings.at("mask.threshold"));
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

TEST_F(SweepPage, TheBestConfigurationIsATableWithItsCommands) {
  ASSERT_EQ(run(sweep(write_sweep(kGrid), {"--jobs", "2"})).code, 0);
  ASSERT_EQ(run({"report", path("out")}).code, 0);
  const Seen seen = browser_.open(read_file(path("out/report.html")), R"js(
    const card = document.querySelector("section.card");
    result.text = card.querySelector("p").innerText;
    result.trials = [...card.querySelectorAll("tbody tr")].map((row) => row.cells[0].innerText);
    result.commands = [...card.querySelectorAll("pre")].map((command) => command.innerText);)js");
  expect_quiet(seen);
  const json best = json::parse(run({"sweep", "best", path("out"), "--json"}).out);
  EXPECT_THAT(seen.result.at("text").get<std::string>(), HasSubstr("Best of 2 configurations: F "));
  ASSERT_EQ(seen.result.at("trials").size(), best.at("members").size());
  for (size_t i = 0; i < best.at("members").size(); ++i) {
    EXPECT_EQ(seen.result["trials"][i], best["members"][i].at("id"));
  }
  json commands = json::array();
  for (const json& member : best.at("members")) commands.push_back(member["commands"][0]);
  commands.push_back("proxseg sweep best " + path("out") + " --config-out best.json");
  EXPECT_EQ(seen.result.at("commands"), commands);  // and none that makes this page
}

TEST_F(SweepPage, AConfigurationLeadsToItsTrials) {
  ASSERT_EQ(run(sweep(write_sweep(kGrid), {"--jobs", "2"})).code, 0);
  ASSERT_EQ(run({"report", path("out")}).code, 0);
  const Seen seen = browser_.open(read_file(path("out/report.html")), R"js(
    document.querySelector('a[href^="#group-"]').click();
    await new Promise((done) => setTimeout(done, 100));
    result.marked = [...document.querySelectorAll("tr.marked")].map((row) => row.cells[0].innerText);
    result.swatches = document.querySelectorAll("[data-parallel] .legend .swatch").length;
    result.key = document.querySelector("[data-parallel] .scale").innerText;)js");
  expect_quiet(seen);
  const json best = json::parse(run({"sweep", "best", path("out"), "--json"}).out);
  ASSERT_EQ(seen.result.at("marked").size(), 2U);
  for (const json& member : best.at("members")) {
    EXPECT_THAT(seen.result.at("marked"), testing::Contains(member.at("id")));
  }
  EXPECT_EQ(seen.result.at("swatches"), 0);
  EXPECT_THAT(seen.result.at("key").get<std::string>(), HasSubstr("F "));
}

TEST_F(SweepPage, AFailedTrialSaysWhy) {
  ASSERT_NE(run(sweep(write_sweep(kOneOfThreeFails))).code, 0);
  const json shown = tables(), trials = shown.at(1), failed = shown.at(2);
  ASSERT_EQ(trials.size(), 2U);
  ASSERT_EQ(failed.size(), 1U);
  EXPECT_THAT(failed[0].at("reason").at("text").get<std::string>(), HasSubstr("broken.png"));
  EXPECT_EQ(failed[0].at("exit code").at("text"), "4");
  EXPECT_THAT(read_file(path("out/report.html")),
              HasSubstr("/log.txt\">" + failed[0].at("trial").at("text").get<std::string>()));
  const json best = json::parse(run({"sweep", "best", path("out"), "--json"}).out);
  const auto members = column(best.at("members"), "id");
  EXPECT_THAT(members, testing::Contains(trials[0].at("trial").at("text").dump()));
}

TEST_F(SweepPage, EachTrialHasAPageWithTheSameNumbersThatLeadsBack) {
  ASSERT_EQ(run(sweep(write_sweep(R"("grid": {"seed": [1]})"))).code, 0);
  ASSERT_EQ(run({"report", path("out")}).code, 0);
  const json trial = exported().at("trials").at(0);
  const std::string run_folder =
      fmt::format("out/trials/{}/run", trial.at("id").get<std::string>());
  EXPECT_THAT(read_file(path("out/report.html")),
              HasSubstr(fmt::format("<a href=\"./trials/{0}/run/report.html\">{0}</a>",
                                    trial.at("id").get<std::string>())));
  const auto expect_same_numbers = [&](const std::string& page) {
    const Seen seen = browser_.open(page, R"js(
      result.back = document.querySelector("nav a").getAttribute("href");
      result.tiles = Object.fromEntries([...document.querySelectorAll(".tiles div")].map((tile) =>
        [tile.querySelector("dt").innerText, Number(tile.querySelector("dd").title || tile.querySelector("dd").innerText)]));)js");
    expect_quiet(seen);
    EXPECT_EQ(seen.result.at("back"), "../../../report.html");
    const json& tiles = seen.result.at("tiles");
    EXPECT_EQ(tiles.at("F-measure"), trial.at("F"));
    EXPECT_EQ(tiles.at("loss"), trial.at("loss"));
    EXPECT_EQ(tiles.at("score without labels"), trial.at("score"));
    EXPECT_EQ(tiles.at("seconds of the trial"), trial.at("seconds"));
  };
  const std::string brief = read_file(path(run_folder + "/report.html"));
  expect_same_numbers(brief);
  EXPECT_THAT(brief, HasSubstr("proxseg report "));
  ASSERT_EQ(run({"report", path(run_folder)}).code, 0);
  const std::string whole = read_file(path(run_folder + "/report.html"));
  expect_same_numbers(whole);
  EXPECT_THAT(whole, HasSubstr("data-layer=\"errors\""));
  ASSERT_EQ(run({"report", path("out")}).code, 0);
  EXPECT_EQ(read_file(path(run_folder + "/report.html")), whole);  // what is there stays
}

TEST_F(SweepPage, TrialsAreComparedByTheirNames) {
  ASSERT_EQ(run(sweep(write_sweep(R"("grid": {"seed": [1, 2]})"))).code, 0);
  const json trials = exported().at("trials");
  Arguments words = {"report"};
  for (const json& trial : trials) {
    words.push_back(path(fmt::format("out/trials/{}/run", trial.at("id").get<std::string>())));
  }
  const Outcome outcome = run(words);
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Seen seen =
      browser_.open(read_file(path("out/comparison.html")), std::string(kReadTables) + R"js(
    result.frames = dataOf("frames").length;
    result.layers = [...document.querySelectorAll("img[data-layer]")].map((one) => one.dataset.layer);)js");
  expect_quiet(seen);
  const json& results = seen.result.at("tables").at(0);
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(results[i].at("run").at("text"), trials[i].at("id"));
    expect_number(results[i].at("F"), trials[i].at("F"));
    expect_number(results[i].at("score"), trials[i].at("score"));
    expect_number(results[i].at("loss"), trials[i].at("loss"));
  }
  const json& differences = seen.result.at("tables").at(1);
  ASSERT_EQ(differences.size(), 1U);
  EXPECT_EQ(differences[0].at("field").at("text"), "seed");
  EXPECT_EQ(seen.result.at("frames"), 12);
  EXPECT_EQ(seen.result.at("layers"), json({"frame", "mask0", "mask1"}));
  expect_failure(ExitCode::kInput, {path("out"), "is a sweep, and runs are compared"},
                 {"report", path("out"), path("other")});
}

TEST_F(SweepPage, FieldsThatWereDrawnLogUniformlyHaveLogarithmicAxes) {
  const std::string search =
      R"("random": {"trials": 2, "train.learning_rate": {"log_uniform": [0.002, 0.003]},
      "loss.l1.weight": {"uniform": [0.2, 0.3]}})";
  ASSERT_EQ(run(sweep(write_sweep(search))).code, 0);
  ASSERT_EQ(run({"report", path("out")}).code, 0);
  const Seen seen = browser_.open(read_file(path("out/report.html")), R"js(
    const plot = dataOf("plot");
    result.axes = plot.axes;
    result.log = plot.axes.map((name) => plot.columns.find((column) => column.name === name).log);)js");
  expect_quiet(seen);
  EXPECT_EQ(seen.result.at("axes"), json({"train.learning_rate", "loss.l1.weight", "F"}));
  EXPECT_EQ(seen.result.at("log"), json({true, false, false}));
}

TEST_F(SweepCommand, ALivePageIsWrittenAgainUntilTheTrialsHaveEnded) {
  const std::string file = write_sweep(R"("grid": {"seed": [1, 2]})", "\"train.steps\": 40");
  const auto has_ledger = [&] { return std::filesystem::exists(path("out/ledger.sqlite")); };
  const pid_t sweeping = start_until(sweep(file), has_ledger);
  const Outcome outcome = run({"report", path("out"), "--refresh", "1"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr(path("out/report.html") + " is written every 1 s"));
  int state = 0;
  ::waitpid(sweeping, &state, 0);
  const std::string page = read_file(path("out/report.html"));
  EXPECT_THAT(page, HasSubstr("2 trials, 2 done"));
  EXPECT_THAT(page, testing::Not(HasSubstr("http-equiv=\"refresh\"")));
}

}  // namespace
}  // namespace proxseg
