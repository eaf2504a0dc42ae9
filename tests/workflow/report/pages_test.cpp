#include <gmock/gmock.h>

#include "proxseg/workflow/report/report.h"
#include "proxseg/workflow/report/result_table.h"
#include "support/sequence_files.h"
#include "support/temporary_folder.h"
#include "workflow/report/run_files.h"

namespace proxseg {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

Gallery gallery(const std::string& frame) {
  Gallery result;
  result.sequence = "street";
  result.frames = {{frame, "f", "b", "s", "m", "e"}};
  result.truth.emplace();
  result.truth->evaluation.masks = "some/folder";
  result.truth->evaluation.score.measures.f_measure = 0.87654;
  result.truth->evaluation.score.frames = 12;
  result.truth->labelled_frames = 34;
  return result;
}

// The data of a chart or a player by the id of its element.
nlohmann::json data_of(const std::string& page, const std::string& id) {
  const std::string open = "<script type=\"application/json\" id=\"" + id + "\">";
  const size_t begin = page.find(open) + open.size();
  return nlohmann::json::parse(page.substr(begin, page.find("</script>", begin) - begin));
}

struct RunPage : testing::Test {
  const TemporaryFolder folder;

  std::string page(const RunFiles& files, const std::vector<Gallery>& galleries = {}) const {
    write_run(folder / "run", files);
    return run_page(read_run(folder / "run"), galleries);
  }
};

TEST_F(RunPage, HoldsNumbersCurvesRecipeEnvironmentAndCommand) {
  const std::string text = page({.l1_weight = 0.25}, {gallery("in000001")});
  for (const char* fragment :
       {"<h1>run</h1>", "street", "<dt>F-measure, 12 frames</dt><dd title=\"0.87654\">0.8765</dd>",
        "<dt>training loss</dt><dd>1</dd>", "<dt>steps</dt><dd>5</dd>", "<dd>4321</dd>",
        "<td>program version</td><td>9.8.7</td>", "proxseg train --input /nowhere/street",
        "over 12 of 34 frames", "masks in some/folder"}) {
    EXPECT_THAT(text, HasSubstr(fragment));
  }
  const auto loss = data_of(text, "loss");
  EXPECT_EQ(loss.at("x").at("values"), nlohmann::json({0, 1, 2, 3, 4}));
  EXPECT_EQ(loss.at("series").at(0).at("values"), nlohmann::json({5, 4, 3, 2, 1}));
  EXPECT_EQ(loss.at("series").size(), 3U);  // loss, nuclear, l1; priors that are off are not shown
  EXPECT_EQ(data_of(text, "spectrum").at("series").at(1).at("values"), nlohmann::json({8, 0.5}));
  EXPECT_EQ(data_of(text, "threshold0").at("series").at(0).at("values").size(), 256U);
  EXPECT_EQ(data_of(text, "frames0").at(0).at("errors"), "data:image/jpeg;base64,ZQ==");
}

TEST_F(RunPage, ATrialLeadsBackToItsSweepAndShowsTheLedgersNumbers) {
  write_run(folder / "run");
  RunRecord record = read_run(folder / "run");
  record.summary.emplace().sequence_loss = 1.234375;
  const std::string text = run_page(record, {}, {},
                                    {.sweep = "s <1>",
                                     .link = "../../../report.html",
                                     .trial = "0a1b",
                                     .f_measure = 0.87654321,
                                     .seconds = 12.3456789,
                                     .is_brief = true});
  for (const char* fragment :
       {"<a href=\"../../../report.html\">← sweep s &lt;1&gt;</a>", "<h1>0a1b</h1>",
        "<dt>F-measure</dt><dd title=\"0.87654321\">0.8765</dd>",
        "<dt>loss</dt><dd title=\"1.234375\">1.2344</dd>",
        "<dt>seconds of the trial</dt><dd title=\"12.3456789\">12.346</dd>",
        "<pre class=\"command\">proxseg report "}) {
    EXPECT_THAT(text, HasSubstr(fragment));
  }
}

TEST_F(RunPage, ChangedFieldsComeFirst) {
  const std::string text = page({.l1_weight = 0.25});
  const size_t changed = text.find("<code>loss.<wbr>l1.<wbr>weight</code>");
  const size_t other = text.find("<code>loss.<wbr>tv.<wbr>weight</code>");
  EXPECT_LT(changed, text.find("<details>"));
  EXPECT_GT(other, text.find("<details>"));
  EXPECT_THAT(text.substr(changed, 200), HasSubstr("0.25"));
  EXPECT_THAT(text.substr(changed, 200), HasSubstr("--set"));
}

TEST_F(RunPage, NothingFromAFileIsMarkup) {
  const std::string bad = "<img src=x onerror=alert(1)>";
  const std::string text = page({.input = "/nowhere/" + bad, .description = bad}, {gallery(bad)});
  EXPECT_THAT(text, Not(HasSubstr("<img src=x")));
  EXPECT_THAT(text, HasSubstr("&lt;img src=x onerror=alert(1)&gt;"));
  EXPECT_THAT(text, HasSubstr("/home/&lt;me&gt;"));
}

TEST_F(RunPage, LongRunsAreThinnedAndKeepTheirEnd) {
  const auto steps = data_of(page({.steps = 4000}), "loss").at("x").at("values");
  EXPECT_LE(steps.size(), 1501U);
  EXPECT_EQ(steps.back(), 3999);
}

TEST_F(RunPage, ShowsTheFirstTheLastAndSomePreviewsBetween) {
  for (int step = 0; step < 40; step += 2) {
    save(folder / fmt::format("run/previews/{:06d}.jpg", step), gray_image(step));
  }
  const auto previews = data_of(page({}), "previews");
  ASSERT_EQ(previews.size(), 8U);
  EXPECT_EQ(previews.front().at("name"), "step 0");
  EXPECT_EQ(previews.back().at("name"), "step 38");
}

TEST_F(RunPage, SaysWhatIsDamagedAndShowsTheRest) {
  write_run(folder / "run");
  save_text(folder / "run/summary.json", R"({"singular_values": 7})");
  save_text(folder / "run/previews/000000.jpg", "no picture");
  save(folder / "run/previews/000002.jpg", gray_image(2));
  const std::string text = run_page(read_run(folder / "run"), {});
  EXPECT_THAT(text, HasSubstr("Left out: "));
  EXPECT_THAT(text, HasSubstr("run/summary.json"));
  EXPECT_THAT(text, HasSubstr("run/previews/000000.jpg"));
  EXPECT_EQ(data_of(text, "previews").size(), 1U);
  EXPECT_EQ(data_of(text, "loss").at("series").size(), 3U);
}

TEST_F(RunPage, CommandsAreQuotedForAShell) {
  write_run(folder / "a run", {.input = "/nowhere/my street"});
  const std::string text = run_page(read_run(folder / "a run"), {});
  EXPECT_THAT(text, HasSubstr("a run/reproduce.sh&#39; NEW_RUN"));
  EXPECT_THAT(text, HasSubstr("--input &#39;/nowhere/my street&#39;"));
}

TEST_F(RunPage, ARunThatHasOnlyBegunIsShown) {
  write_run(folder / "run", {.steps = 0});
  std::filesystem::remove(folder / "run/summary.json");
  const std::string text = run_page(read_run(folder / "run"), {}, {"No <network> yet."});
  EXPECT_THAT(text, HasSubstr("not finished"));
  EXPECT_THAT(text, HasSubstr("No &lt;network&gt; yet."));
}

struct TreePage : testing::Test {
  const TemporaryFolder folder;

  MeasuredRun run(const char* name, const RunFiles& files, double f) const {
    write_run(folder / name, files);
    Measures measures;
    measures.f_measure = f;
    return {read_run(folder / name), f > 0 ? std::optional<Measures>(measures) : std::nullopt};
  }
};

TEST_F(TreePage, ComparesWhatDiffers) {
  const auto table = table_of("tree",
                              {run("a b", {.l1_weight = 0.25, .last_loss = 2.0}, 0.9),
                               run("c", {.l1_weight = 0.75, .steps = 7}, 0.0)},
                              folder / "report.html");
  EXPECT_THAT(table.columns,
              ElementsAre("F", "training loss", "steps", "seconds in steps", "loss.l1.weight"));
  EXPECT_THAT(table.across, ElementsAre("loss.l1.weight", "seconds in steps"));
  EXPECT_EQ(table.up, "F");
  EXPECT_THAT(table.rows.at(0).cells, ElementsAre(0.9, 2.0, 5, 2.5, 0.25));
  EXPECT_TRUE(table.rows.at(1).cells.at(0).is_null());
  EXPECT_EQ(table.rows.at(0).link, "");
  write_file_atomically(folder / "a b/report.html", "");
  EXPECT_EQ(table_of("tree", {run("a b", {}, 0.0)}, folder / "report.html").rows.at(0).link,
            "./a%20b/report.html");
}

TEST_F(TreePage, AxesAreLogarithmicWhereValuesAreSpreadOverPowersOfTen) {
  ResultTable table = {.title = "t",
                       .columns = {"apart", "drawn", "even", "zero", "text"},
                       .up = "even",
                       .across = {"apart"}};
  const double drawn[] = {0.001, 0.0018, 0.0032, 0.0056, 0.01};
  for (int i = 0; i < 5; ++i) {
    table.rows.push_back({.name = std::to_string(i),
                          .cells = {i == 0 ? 1 : 90 + 10 * i, drawn[i], 1 + 3 * i, 100 * i, "x"}});
  }
  const auto columns = data_of(table_page(table), "plot").at("columns");
  std::vector<bool> logs;
  for (const auto& column : columns) logs.push_back(column.at("log"));
  EXPECT_THAT(logs, ElementsAre(false, true, false, false, false));
}

TEST_F(TreePage, JudgesRunsByWhatMostOfThemHave) {
  const MeasuredRun measured = run("a", {}, 0.9);
  MeasuredRun scored = run("b", {}, 0.0);
  scored.run.summary->score = 0.5;
  const auto up = [&](std::vector<MeasuredRun> runs) {
    return table_of("tree", std::move(runs), folder / "report.html").up;
  };
  EXPECT_EQ(up({measured, scored, scored}), "score");
  EXPECT_EQ(up({measured, scored}), "F");
  EXPECT_EQ(up({run("c", {}, 0.0)}), "training loss");
}

TEST_F(TreePage, WhatIsTheSameInEveryRowIsSaidOnce) {
  const std::string text = table_page(
      {.title = "t",
       .columns = {"F", "state", "rate", "none"},
       .rows = {{"a", "", {0.5, "<done>", 1, nullptr}}, {"b", "", {0.5, "<done>", 2, nullptr}}},
       .up = "F"});
  EXPECT_THAT(text, HasSubstr("The same in every row: state &lt;done&gt;</p>"));
  EXPECT_THAT(text, Not(HasSubstr(">state</button>")));
  EXPECT_THAT(text, Not(HasSubstr(">none</button>")));
  EXPECT_THAT(text, HasSubstr(">F</button>"));  // what rows are about
  EXPECT_THAT(text, HasSubstr(">rate</button>"));
}

struct ComparisonPage : testing::Test {
  const TemporaryFolder folder;

  ComparedRun run(const char* name, const RunFiles& files) const {
    write_run(folder / name, files);
    return {.name = name, .run = read_run(folder / name)};
  }
};

TEST_F(ComparisonPage, ShowsOnlyTheFieldsThatDiffer) {
  const std::string text = comparison_page(
      {run("a", {.l1_weight = 0.25}), run("b", {.l1_weight = 0.75, .description = "another"})});
  EXPECT_THAT(text, HasSubstr("data-value=\"loss.l1.weight\">loss.<wbr>l1.<wbr>weight</td>"));
  EXPECT_THAT(text, HasSubstr("data-value=\"0.25\">0.25</td>"));
  EXPECT_THAT(text, Not(HasSubstr("data-value=\"loss.tv.weight\"")));
  EXPECT_THAT(comparison_page({run("a", {}), run("b", {})}), HasSubstr("The recipes are the same"));
}

TEST_F(ComparisonPage, PutsTheCurvesOfAllRunsOnOneChart) {
  const auto chart =
      data_of(comparison_page({run("a", {.steps = 2}), run("b", {.steps = 3})}), "loss");
  ASSERT_EQ(chart.at("series").size(), 6U);  // loss, nuclear, l1 of both
  EXPECT_EQ(chart["series"][0].at("keys"), nlohmann::json({"a", "loss"}));
  EXPECT_EQ(chart["series"][0].at("x").size(), 2U);
  EXPECT_EQ(chart["series"][3].at("keys"), nlohmann::json({"b", "loss"}));
  EXPECT_EQ(chart["series"][3].at("values"), nlohmann::json({3, 2, 1}));
}

TEST_F(ComparisonPage, PutsMasksOfTheSameFramesSideBySide) {
  ComparedRun a = run("a", {}), b = run("b", {});
  a.frames = {{"in1", "f", "b", "s", "m", ""}, {"in2", "f", "b", "s", "m", ""}};
  b.frames = {{"in2", "f", "b", "s", "n", ""}};
  a.f_measure = 0.5;
  const std::string text = comparison_page({a, b});
  const auto frames = data_of(text, "frames");
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_TRUE(frames[0].contains("mask0"));
  EXPECT_FALSE(frames[0].contains("mask1"));  // b has no such frame
  EXPECT_EQ(frames[1].at("mask1"), "data:image/jpeg;base64,bg==");
  EXPECT_THAT(text, HasSubstr("data-views=\"mask,background,foreground\""));
  EXPECT_THAT(text, HasSubstr("data-value=\"0.5\">0.5</td>"));
}

TEST_F(TreePage, ShowsTableAndPlot) {
  ResultTable table = {
      .title = "<sweep>",
      .note = "2 <runs>",
      .best = {{.text = "b, by <far>",
                .settings = "rate=<1>",
                .trials = {.columns = {"F"}, .rows = {{"b<1>", "", {0.25}}}},
                .commands = {{"Train <it>", "proxseg train <x>"}}}},
      .columns = {"F", "norm"},
      .rows = {{"a", "", {0.123456789, "batch"}}, {"<b>", "./b/", {nullptr, "none"}}},
      .up = "F",
      .across = {"norm"},
      .parts = {{"Means <of> F", {"norm", "mean"}, {{.cells = {"batch", 0.75}}}}}};
  const std::string text = table_page(table);
  EXPECT_THAT(text, HasSubstr("<h1>&lt;sweep&gt;</h1>"));
  EXPECT_THAT(text, HasSubstr("<a href=\"./b/\">&lt;b&gt;</a>"));
  EXPECT_THAT(text, HasSubstr("<td class=\"name\">a</td>"));
  EXPECT_THAT(text, HasSubstr("title=\"0.123456789\" data-value=\"0.123456789\">0.12346</td>"));
  EXPECT_THAT(text, HasSubstr("2 &lt;runs&gt;"));
  for (const char* fragment :
       {"<p>b, by &lt;far&gt;<br><code>rate=&lt;1&gt;</code></p>",
        "<td class=\"name\">b&lt;1&gt;</td>",
        "<p>Train &lt;it&gt;:</p>\n<pre class=\"command\">proxseg train &lt;x&gt;</pre>"}) {
    EXPECT_THAT(text, HasSubstr(fragment));
  }
  EXPECT_THAT(text, HasSubstr("<h2>Means &lt;of&gt; F</h2>"));
  EXPECT_THAT(text, HasSubstr("data-value=\"0.75\">0.75</td>"));
  EXPECT_EQ(data_of(text, "plot").at("columns").at(0).at("values"),
            nlohmann::json({0.123456789, nullptr}));
  EXPECT_EQ(data_of(text, "plot").at("rows").at(1).at("name"), "<b>");
}

}  // namespace
}  // namespace proxseg
