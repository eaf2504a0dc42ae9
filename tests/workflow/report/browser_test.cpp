// The pages in headless Chromium: what happens when they are used. Skipped where there is no
// Chromium.
#include <gmock/gmock.h>

#include <opencv2/imgcodecs.hpp>

#include "proxseg/workflow/report/report.h"
#include "proxseg/workflow/report/result_table.h"
#include "support/browser.h"
#include "support/temporary_folder.h"
#include "workflow/report/run_files.h"

namespace proxseg {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class Pages : public testing::Test {
 protected:
  void SetUp() override {
    if (!browser_.is_installed()) {
      GTEST_SKIP() << "chromium is not installed; the pages are not tried in a browser";
    }
  }

  Seen open(const std::string& page, const std::string& script, bool dark = false) const {
    return browser_.open(page, script, dark);
  }

  static std::string jpeg(int value) {
    std::vector<uchar> bytes;
    cv::imencode(".jpg", cv::Mat(36, 48, CV_8UC1, cv::Scalar(value)), bytes);
    return {bytes.begin(), bytes.end()};
  }

  std::string run_page_of_three_frames() const {
    write_run(folder_ / "run");
    Gallery gallery;
    gallery.sequence = "street";
    for (int i = 1; i <= 3; ++i) {
      const std::string picture = jpeg(60 * i);
      gallery.frames.push_back(
          {fmt::format("in{}", i), picture, picture, picture, picture, picture});
    }
    gallery.truth.emplace();
    return run_page(read_run(folder_ / "run"), {gallery});
  }

  static std::string page_of_three_runs() {
    return table_page({.title = "runs",
                       .note = "three",
                       .columns = {"F", "norm"},
                       .rows = {{"a", "./a/", {0.7, "batch"}},
                                {"b", "./b/", {nullptr, "none"}},
                                {"c", "./c/", {0.9, "group"}}},
                       .across = "norm",
                       .up = "F"});
  }

  const TemporaryFolder folder_;
  const Browser browser_;
};

TEST_F(Pages, NoticesErrorsAndRequests) {
  const std::string page = run_page_of_three_frames();
  const Seen seen = open(page, R"js(
    const picture = document.createElement("img");
    picture.src = "https://example.org/x.png";
    document.body.append(picture);
    console.error("a fault");)js");
  EXPECT_THAT(seen.console, testing::Contains(HasSubstr("a fault")));
  EXPECT_THAT(seen.console, testing::Contains(HasSubstr("Content Security Policy")));
}

TEST_F(Pages, ScrubsThroughTheFrames) {
  const Seen seen = open(run_page_of_three_frames(), R"js(
    const range = document.querySelector("input[type=range]");
    const picture = document.querySelector("img[data-layer=frame]");
    const frames = dataOf("frames0");
    const state = () => [document.querySelector("output").value, frames.findIndex((f) => f.frame === picture.src)];
    result.layers = [...document.querySelectorAll("img[data-layer]")].map((img) => img.dataset.layer);
    result.width = picture.naturalWidth;
    result.first = state();
    range.value = 2;
    range.dispatchEvent(new Event("input"));
    result.last = state();
    press("ArrowRight");
    result.beyond = state();
    press("ArrowLeft");
    result.left = state();
    document.querySelector(".strip button").click();
    result.clicked = state();
    result.current = document.querySelectorAll(".strip [aria-current=true]").length;)js");
  expect_quiet(seen);
  const json& result = seen.result;
  EXPECT_EQ(result.at("layers"), json({"frame", "background", "foreground", "mask", "errors"}));
  EXPECT_EQ(result.at("width"), 48);
  EXPECT_EQ(result.at("first"), json({"in1 (1 of 3)", 0}));
  EXPECT_EQ(result.at("last"), json({"in3 (3 of 3)", 2}));
  EXPECT_EQ(result.at("beyond"), json({"in3 (3 of 3)", 2}));
  EXPECT_EQ(result.at("left"), json({"in2 (2 of 3)", 1}));
  EXPECT_EQ(result.at("clicked"), json({"in1 (1 of 3)", 0}));
  EXPECT_EQ(result.at("current"), 1);
}

TEST_F(Pages, CurvesTellTheValuesUnderThePointer) {
  const Seen seen = open(run_page_of_three_frames(), R"js(
    const figure = document.querySelector("[data-curves=loss]");
    const drawing = figure.querySelector("svg");
    const box = drawing.getBoundingClientRect();
    result.curves = drawing.querySelectorAll("path.curve").length;
    result.before = figure.querySelector(".tip").hidden;
    move(drawing, box.right - 14, box.top + 40);
    result.tip = figure.querySelector(".tip").innerText;
    drawing.dispatchEvent(new PointerEvent("pointerleave"));
    result.after = figure.querySelector(".tip").hidden;
    result.broken = [...document.querySelectorAll("path.curve")].filter((p) => p.getAttribute("d").includes("NaN")).length;)js");
  expect_quiet(seen);
  EXPECT_EQ(seen.result.at("curves"), 3);
  EXPECT_EQ(seen.result.at("before"), true);
  const std::string tip = seen.result.at("tip");
  EXPECT_THAT(tip, HasSubstr("step 4"));
  EXPECT_THAT(tip, HasSubstr("loss\t1"));
  EXPECT_EQ(seen.result.at("after"), true);
  EXPECT_EQ(seen.result.at("broken"), 0);
}

TEST_F(Pages, TablesSortByAnyColumn) {
  const Seen seen = open(page_of_three_runs(), R"js(
    const order = () => [...document.querySelectorAll("tbody tr")].map((row) => row.cells[0].textContent).join("");
    const [run, f, norm] = document.querySelectorAll("th button");
    result.before = order();
    f.click();
    result.largest = order();
    result.sorted = f.parentElement.getAttribute("aria-sort");
    f.click();
    result.smallest = order();
    norm.click();
    result.text = order();
    run.click();
    run.click();
    result.names = order();)js");
  expect_quiet(seen);
  EXPECT_EQ(seen.result.at("before"), "abc");
  EXPECT_EQ(seen.result.at("largest"), "cab");
  EXPECT_EQ(seen.result.at("sorted"), "descending");
  EXPECT_EQ(seen.result.at("smallest"), "acb");  // what has no value stays last
  EXPECT_EQ(seen.result.at("text"), "acb");      // batch, group, none
  EXPECT_EQ(seen.result.at("names"), "cba");
}

TEST_F(Pages, PointsOfThePlotTellTheirRunAndLeadToIt) {
  const Seen seen = open(page_of_three_runs(), R"js(
    const figure = document.querySelector("[data-scatter]");
    const points = [...figure.querySelectorAll("a")];
    result.links = points.map((a) => a.getAttribute("href"));
    const at = points[1].querySelector("circle").getBoundingClientRect();
    move(figure.querySelector("svg"), at.x + at.width / 2, at.y + at.height / 2);
    result.tip = figure.querySelector(".tip").innerText;
    const across = figure.querySelector("select");
    across.value = "F";
    across.dispatchEvent(new Event("change"));
    const boxes = [...figure.querySelectorAll("circle")].map((c) => c.getBoundingClientRect());
    result.diagonal = boxes[1].x > boxes[0].x && boxes[1].y < boxes[0].y;)js");
  expect_quiet(seen);
  EXPECT_EQ(seen.result.at("links"), json({"./a/", "./c/"}));  // b has no F
  EXPECT_THAT(seen.result.at("tip").get<std::string>(), HasSubstr("c"));
  EXPECT_THAT(seen.result.at("tip").get<std::string>(), HasSubstr("0.9"));
  EXPECT_EQ(seen.result.at("diagonal"), true);
}

TEST_F(Pages, FollowsTheSystemsColours) {
  const std::string script = "result.paper = getComputedStyle(document.body).backgroundColor;";
  const Seen light = open(page_of_three_runs(), script),
             dark = open(page_of_three_runs(), script, true);
  EXPECT_EQ(light.result.at("paper"), "rgb(246, 247, 249)");
  EXPECT_EQ(dark.result.at("paper"), "rgb(15, 18, 24)");
}

}  // namespace
}  // namespace proxseg
