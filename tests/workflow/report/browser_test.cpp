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

  Seen open(const std::string& page, const std::string& script, bool dark = false,
            int width = 1200) const {
    return browser_.open(page, script, dark, width);
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

  std::vector<ComparedRun> two_runs() const {
    std::vector<ComparedRun> runs;
    for (const char* name : {"a", "b"}) {
      write_run(folder_ / name);
      ComparedRun& run = runs.emplace_back();
      run.name = name;
      run.run = read_run(folder_ / name);
      const int value = 50 * static_cast<int>(runs.size());
      run.frames = {{"in1", jpeg(10), jpeg(value), jpeg(value + 5), jpeg(value + 10), ""}};
    }
    return runs;
  }

  static std::string page_of_three_runs() {
    return table_page({.title = "runs",
                       .note = "three",
                       .columns = {"F", "norm"},
                       .rows = {{"a", "./a/", {0.7, "batch"}},
                                {"b", "./b/", {nullptr, "none"}},
                                {"c", "./c/", {0.9, "group"}}},
                       .up = "F",
                       .across = {"norm"}});
  }

  static std::string page_of_a_sweep(int64_t refresh = 0) {
    ResultTable table = {.title = "sweep",
                         .note = "four",
                         .columns = {"F", "rate", "norm", "sequence"},
                         .rows = {{"a", "./a/", {0.7, 0.0001, "batch", "street"}},
                                  {"b", "./b/", {0.8, 0.01, "none", "street"}},
                                  {"c", "./c/", {0.9, 1.0, "batch", "bridge"}},
                                  {"d", "", {nullptr, 0.1, "none", "bridge"}}},
                         .up = "F",
                         .across = {"rate"},
                         .colour = "sequence",
                         .axes = {"rate", "norm", "F"}};
    return table_page(table, refresh);
  }

  // Results of a sweep of these fields; the last field has a value only where there is no F.
  static ResultTable table_of_fields(const std::vector<std::string>& fields) {
    ResultTable table = {.title = "sweep", .columns = fields, .up = "F", .across = fields};
    table.columns.insert(table.columns.begin(), "F");
    table.axes = table.columns;
    std::ranges::rotate(table.axes, table.axes.begin() + 1);
    for (int row = 0; row < 4; ++row) {
      auto& cells = table.rows.emplace_back(ResultTable::Row{"0123456789ab", "./a/", {}}).cells;
      cells = {row < 3 ? json(0.612345 + 0.1 * row) : json()};
      for (const std::string& field : fields) {
        const bool is_known = field != fields.back() || row == 3;
        cells.push_back(is_known ? json(row + 1) : json());
      }
    }
    return table;
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

TEST_F(Pages, NamesInTheLegendHideTheirCurves) {
  const Seen seen = open(run_page_of_three_frames(), R"js(
    const figure = document.querySelector("[data-curves=loss]");
    const curves = () => figure.querySelectorAll("path.curve").length;
    const name = figure.querySelector(".legend button");
    result.before = [curves(), name.getAttribute("aria-pressed")];
    name.click();
    result.hidden = [curves(), name.getAttribute("aria-pressed")];
    name.click();
    result.again = [curves(), name.getAttribute("aria-pressed")];)js");
  expect_quiet(seen);
  EXPECT_EQ(seen.result.at("before"), json({3, "true"}));
  EXPECT_EQ(seen.result.at("hidden"), json({2, "false"}));
  EXPECT_EQ(seen.result.at("again"), json({3, "true"}));
}

TEST_F(Pages, ChartsZoomByDraggingWheelAndKeys) {
  const Seen seen = open(run_page_of_three_frames(), R"js(
    const figure = document.querySelector("[data-curves=loss]");
    const root = figure.querySelector("svg.plot");
    const reset = [...figure.querySelectorAll("button")].find((one) => one.textContent === "Whole range");
    const path = () => figure.querySelector("path.curve").getAttribute("d");
    const whole = path(), box = root.getBoundingClientRect();
    result.disabled = reset.disabled;
    drag(root, [box.left + 100, box.top + 50], [box.left + 200, box.top + 54]);
    result.dragged = path() !== whole && !reset.disabled;
    reset.click();
    result.reset = path() === whole && reset.disabled;
    root.dispatchEvent(new WheelEvent("wheel", { deltaY: -1, clientX: box.left + 150, clientY: box.top + 50 }));
    result.scrolled = path() === whole;
    root.dispatchEvent(new WheelEvent("wheel", { deltaY: -1, ctrlKey: true, clientX: box.left + 150, clientY: box.top + 50 }));
    result.wheel = path() !== whole;
    root.dispatchEvent(new KeyboardEvent("keydown", { key: "0" }));
    result.all = path() === whole;
    root.dispatchEvent(new KeyboardEvent("keydown", { key: "+" }));
    result.key = path() !== whole;)js");
  expect_quiet(seen);
  for (const char* what : {"disabled", "dragged", "reset", "scrolled", "wheel", "all", "key"}) {
    EXPECT_EQ(seen.result.at(what), true) << what;
  }
}

TEST_F(Pages, AxesSwitchBetweenLinearAndLogarithmic) {
  const Seen seen = open(page_of_a_sweep(), R"js(
    const figure = document.querySelector("[data-scatter]");
    const [logX, logY] = figure.querySelectorAll("input[type=checkbox]");
    const xs = () => [...figure.querySelectorAll("circle")].map((c) => Number(c.getAttribute("cx")));
    const [a, b, c] = xs();
    result.start = [logX.checked, logY.checked];
    result.even = Math.abs((b - a) - (c - b)) < 1;
    logX.click();
    const [d, e, f] = xs();
    result.linear = e - d < 0.1 * (f - e);
    const across = figure.querySelector("select");
    across.value = "norm";
    across.dispatchEvent(new Event("change"));
    result.text = logX.parentElement.hidden;
    result.colours = new Set([...figure.querySelectorAll("circle")].map((one) => one.style.fill)).size;)js");
  expect_quiet(seen);
  EXPECT_EQ(seen.result.at("start"), json({true, false}));  // four powers of ten
  EXPECT_EQ(seen.result.at("even"), true);
  EXPECT_EQ(seen.result.at("linear"), true);
  EXPECT_EQ(seen.result.at("text"), true);
  EXPECT_EQ(seen.result.at("colours"), 2);  // one a sequence
}

TEST_F(Pages, ChartsAreSavedAsNumbersAndPictures) {
  const Seen seen = open(page_of_a_sweep(), R"js(
    const figure = document.querySelector("[data-scatter]");
    const tool = (name) => [...figure.querySelectorAll("button")].find((one) => one.textContent === name);
    const [csv] = await savedBy(() => tool("CSV").click());
    result.csv = [csv[0], await new Promise((done) => {
      const request = new FileReader();
      request.onload = () => done(request.result);
      request.readAsText(new Blob([csvOf([["a", 'b "c"'], [1, null]])]));
    })];
    const [png] = await savedBy(() => tool("PNG").click());
    result.png = [png[0], png[1].startsWith("blob:")];)js");
  expect_quiet(seen);
  EXPECT_EQ(seen.result.at("csv"), json({"sweep.csv", "a,\"b \"\"c\"\"\"\n1,\n"}));
  EXPECT_EQ(seen.result.at("png"), json({"sweep.png", true}));
}

TEST_F(Pages, CurvesAreSmoothed) {
  write_run(folder_ / "long", {.steps = 40});
  const Seen seen = open(run_page(read_run(folder_ / "long"), {}), R"js(
    const figure = document.querySelector("[data-curves=loss]");
    const range = figure.querySelector("input[type=range]");
    const path = () => figure.querySelector("path.curve").getAttribute("d");
    const before = path();
    range.value = 0.9;
    range.dispatchEvent(new Event("input"));
    result.changed = path() !== before && figure.querySelectorAll("path.raw").length === 3;
    result.constant = smoothed([2, 2, 2], 0.9).every((value) => Math.abs(value - 2) < 1e-12);
    result.step = smoothed([0, 1], 0.5);)js");
  expect_quiet(seen);
  EXPECT_EQ(seen.result.at("changed"), true);
  EXPECT_EQ(seen.result.at("constant"), true);
  EXPECT_NEAR(seen.result.at("step")[1].get<double>(), 2.0 / 3.0, 1e-12);
}

TEST_F(Pages, LinesOfTheParallelCoordinatesAreMarkedAndChosen) {
  const Seen seen = open(page_of_a_sweep(), R"js(
    const figure = document.querySelector("[data-parallel]");
    const root = figure.querySelector("svg.plot");
    const lines = () => [...root.querySelectorAll(".result")];
    result.lines = lines().length;
    result.label = lines()[2].getAttribute("aria-label");
    result.log = root.querySelector("text.name").getAttribute("aria-pressed");
    lines()[1].dispatchEvent(new KeyboardEvent("keydown", { key: "Enter" }));
    result.pinned = lines().map((line) => line.classList.contains("near"));
    lines()[1].dispatchEvent(new KeyboardEvent("keydown", { key: "Enter" }));
    const end = lines()[2].getAttribute("d").match(/L([\d.]+) ([\d.]+)$/).slice(1).map(Number);
    const box = root.getBoundingClientRect();
    move(root, box.left + end[0], box.top + end[1]);
    result.marked = lines().map((line) => line.classList.contains("near"));
    result.tip = figure.querySelector(".tip").innerText;
    drag(root, [box.left + end[0], box.top + end[1] - 4], [box.left + end[0], box.top + end[1] + 20]);
    result.within = lines().length;)js");
  expect_quiet(seen);
  EXPECT_EQ(seen.result.at("lines"), 3);  // d has no F
  EXPECT_EQ(seen.result.at("label"), "c: rate 1, norm batch, F 0.9");
  EXPECT_EQ(seen.result.at("log"), "true");
  EXPECT_EQ(seen.result.at("pinned"), json({false, true, false}));
  EXPECT_EQ(seen.result.at("marked"), json({false, false, true}));
  EXPECT_THAT(seen.result.at("tip").get<std::string>(), HasSubstr("bridge"));
  EXPECT_EQ(seen.result.at("within"), 1);
}

TEST_F(Pages, FramesPlayAndMasksComeOff) {
  const Seen seen = open(run_page_of_three_frames(), R"js(
    const section = document.querySelector("[data-frames=frames0]");
    const [mask, frame] = ["mask", "frame"].map((layer) => section.querySelector(`img[data-layer=${layer}]`));
    const frames = dataOf("frames0");
    frames.forEach((one, i) => { one.frame += `#${i}`; });
    section.querySelector("input[type=checkbox]").click();
    result.plain = mask.src === frame.src;
    const play = section.querySelector("button.tool");
    play.click();
    result.name = play.getAttribute("aria-label");
    await new Promise((done) => setTimeout(done, 300));
    result.moved = section.querySelector("output").value;
    play.click();
    await new Promise((done) => setTimeout(done, 600));
    result.stopped = section.querySelector("output").value;)js");
  expect_quiet(seen);
  EXPECT_EQ(seen.result.at("plain"), true);
  EXPECT_EQ(seen.result.at("name"), "pause");
  EXPECT_EQ(seen.result.at("moved"), "in2 (2 of 3)");
  EXPECT_EQ(seen.result.at("stopped"), "in2 (2 of 3)");
}

TEST_F(Pages, ComparedRunsShowTheSameLayer) {
  const Seen seen = open(comparison_page(two_runs()), R"js(
    const frame = dataOf("frames")[0];
    const shown = () => [...document.querySelectorAll("[data-layer]")].map((img) =>
      Object.keys(frame).find((key) => frame[key] === img.src));
    result.masks = shown();
    const select = document.querySelector(".scrubber select");
    select.value = "background";
    select.dispatchEvent(new Event("change"));
    result.backgrounds = shown();
    const figure = document.querySelector("[data-curves]");
    const curves = () => figure.querySelectorAll("path.curve").length;
    const names = [...figure.querySelectorAll(".legend button")];
    result.names = names.map((one) => one.textContent);
    result.loss = curves();
    names[0].click();
    result.without = curves();
    names.find((one) => one.textContent === "l1").click();
    result.term = curves();)js");
  expect_quiet(seen);
  EXPECT_EQ(seen.result.at("masks"), json({"frame", "mask0", "mask1"}));
  EXPECT_EQ(seen.result.at("backgrounds"), json({"frame", "background0", "background1"}));
  EXPECT_EQ(seen.result.at("names"), json({"a", "b", "loss", "nuclear", "l1"}));
  EXPECT_EQ(seen.result.at("loss"), 2);
  EXPECT_EQ(seen.result.at("without"), 1);
  EXPECT_EQ(seen.result.at("term"), 2);
}

TEST_F(Pages, CommandsAreCopied) {
  const Seen seen = open(run_page_of_three_frames(), R"js(
    let copied = null;
    document.execCommand = () => { copied = getSelection().toString() || document.activeElement.value; };
    Object.defineProperty(navigator, "clipboard", { value: { writeText: async (text) => { copied = text; } } });
    const box = document.querySelector(".copyable");
    box.querySelector("button").click();
    await new Promise((done) => setTimeout(done, 50));
    result.same = copied === box.querySelector("pre").textContent && copied.includes("reproduce.sh");
    result.label = box.querySelector("button").textContent;)js");
  expect_quiet(seen);
  EXPECT_EQ(seen.result.at("same"), true);
  EXPECT_EQ(seen.result.at("label"), "Copied");
}

TEST_F(Pages, ALivePageKeepsTheStateOfItsControls) {
  const Seen seen = open(page_of_a_sweep(1), R"js(
    if (!sessionStorage.getItem("used")) {  // it may load itself again before it is used
      sessionStorage.setItem("used", "once");
      const select = document.querySelector("[data-scatter] select");
      select.value = "norm";
      select.dispatchEvent(new Event("change"));
      document.querySelector("[data-scatter] .legend button").click();
      document.querySelectorAll("th button")[1].click();
      await new Promise(() => {});  // until the page loads itself again
    }
    result.type = performance.getEntriesByType("navigation")[0].type;
    result.axis = document.querySelector("[data-scatter] select").value;
    result.off = document.querySelector("[data-scatter] .legend button").getAttribute("aria-pressed");
    result.order = [...document.querySelectorAll("tbody tr")].map((row) => row.cells[0].textContent).join("");
    document.querySelector("[data-refresh] input").click();)js");
  expect_quiet(seen);
  EXPECT_EQ(seen.result.at("type"), "reload");
  EXPECT_EQ(seen.result.at("axis"), "norm");
  EXPECT_EQ(seen.result.at("off"), "false");
  EXPECT_EQ(seen.result.at("order"), "cbad");
}

// What does not fit, what has no name, and text whose contrast with what lies behind it is below 4.5,
// which WCAG 2.1 asks for (SC 1.4.3; 3 for large text). Charts are drawn, not text.
constexpr const char* kReadLook = R"js(
    const rgb = (color) => (color.match(/[\d.]+/g) ?? []).map(Number);
    const behind = (element) => {
      for (let at = element; at; at = at.parentElement) {
        const [r, g, b, alpha = 1] = rgb(getComputedStyle(at).backgroundColor);
        if (alpha > 0.99) return [r, g, b];
      }
      return rgb(getComputedStyle(document.body).backgroundColor).slice(0, 3);
    };
    const luminance = (color) => {
      const [r, g, b] = color.map((c) => c / 255).map((c) => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const contrast = (element) => {
      const [a, b] = [luminance(rgb(getComputedStyle(element).color).slice(0, 3)), luminance(behind(element))];
      return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    };
    const texts = [...document.querySelectorAll("body *")].filter((element) =>
      !element.closest("svg") && !element.closest("script") && !element.disabled && element.getClientRects().length &&
      [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()));
    result.faint = texts.filter((element) => contrast(element) <
        (parseFloat(getComputedStyle(element).fontSize) >= 24 ? 3 : 4.5))
      .map((element) => `${element.tagName} ${element.className}: ${element.textContent.trim().slice(0, 30)} ${contrast(element).toFixed(2)}`);
    result.texts = texts.length;
    result.overflow = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    result.letters = Math.min(...[...document.querySelectorAll(".chart svg.plot")].map((svg) =>
      12 * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width));
    result.unnamed = [...document.querySelectorAll("button, select, input")].filter((one) =>
      !one.getAttribute("aria-label") && !one.textContent.trim() && !one.closest("label") && !one.title).length;)js";

TEST_F(Pages, FitAndAreReadableAtAnyWidthAndInEitherColour) {
  for (const std::string& page : {run_page_of_three_frames(), page_of_a_sweep(),
                                  page_of_three_runs(), comparison_page(two_runs())}) {
    const std::string title = page.substr(page.find("<title>"), 40);
    for (const int width : {400, 1280}) {
      for (const bool dark : {false, true}) {
        SCOPED_TRACE(fmt::format("{} {} {}", title, width, dark ? "dark" : "light"));
        const Seen seen = open(page, kReadLook, dark, width);
        expect_quiet(seen);
        EXPECT_GT(seen.result.at("texts"), 10);
        EXPECT_EQ(seen.result.at("faint"), json::array());
        EXPECT_LE(seen.result.at("overflow"), 0);
        EXPECT_GE(seen.result.at("letters"), 11.0);
        EXPECT_EQ(seen.result.at("unnamed"), 0);
      }
    }
  }
}

constexpr const char* kReadAxes = R"js(
    const figure = document.querySelector("[data-parallel]");
    const right = figure.querySelector(".scroll").getBoundingClientRect().right;
    const names = [...figure.querySelectorAll("text.name")];
    result.names = names.map((name) => name.firstChild.data);
    result.whole = names.map((name) => name.querySelector("title").textContent);
    result.touch = names.some((name, i) => i && !name.hasAttribute("transform") &&
      name.getBoundingClientRect().left < names[i - 1].getBoundingClientRect().right);
    result.beyond = [...figure.querySelectorAll(".axis")].filter((axis) => axis.getBoundingClientRect().right > right).length;
    result.hint = getComputedStyle(figure.querySelector(".hint")).display !== "none";)js";

TEST_F(Pages, NamesOfAxesTellThemApartAtAnyWidth) {
  const std::vector<std::string> fields = {"loss.l1.weight", "loss.tv.weight",
                                           "train.learning_rate", "seed"};
  std::vector<std::string> all = fields;
  all.emplace_back("none");
  const std::string page = table_page(table_of_fields(all));
  const std::vector<std::string> whole = {"loss.l1.weight", "loss.tv.weight", "train.learning_rate",
                                          "seed", "F"};
  for (const int width : {400, 600, 1200}) {
    const json seen = open(page, kReadAxes, /*dark=*/false, width).result;
    EXPECT_EQ(
        seen.at("names"),
        width > 700 ? json(whole) : json({"l1.weight", "tv.weight", "learning_rate", "seed", "F"}))
        << width;
    EXPECT_EQ(seen.at("whole"), json(whole));
    EXPECT_EQ(seen.at("touch"), false);
    EXPECT_EQ(seen.at("beyond"), 0);
    EXPECT_EQ(seen.at("hint"), false);
  }
}

// Not across the axis, as if it had a value there.
TEST_F(Pages, LinesPassBelowAxesOfFieldsThatDoNotTakePart) {
  ResultTable table = table_of_fields({"a.first", "a.second", "a.third"});
  table.rows[1].cells[2] = nullptr;  // a.second
  const Seen seen = open(table_page(table), R"js(
    const figure = document.querySelector("[data-parallel]");
    const bottom = Math.max(...[...figure.querySelectorAll(".axis")].map((axis) => Number(axis.getAttribute("y2"))));
    result.lines = [...figure.querySelectorAll("path.result")].map((line) =>
      line.getAttribute("d").slice(1).split("L").map((place) => Number(place.split(" ")[1]) > bottom));
    result.none = [...figure.querySelectorAll("text.tick")].filter((tick) => tick.textContent === "none").length;)js");
  expect_quiet(seen);
  EXPECT_EQ(seen.result.at("lines"),
            json({{false, false, false}, {false, true, false}, {false, false, false}}));
  EXPECT_EQ(seen.result.at("none"), 1);
}

TEST_F(Pages, AxesBeyondTheScreenAreAnnounced) {
  std::vector<std::string> fields;
  for (int i = 0; i < 12; ++i) fields.push_back(fmt::format("a.field{}", i));
  const json seen =
      open(table_page(table_of_fields(fields)), kReadAxes, /*dark=*/false, 400).result;
  EXPECT_GT(seen.at("beyond"), 0);
  EXPECT_EQ(seen.at("hint"), true);
}

TEST_F(Pages, OffersColumnsThatHaveAValueWhereThereIsAResult) {
  ResultTable table = table_of_fields({"background.method", "seed", "train.init"});
  const char* const methods[] = {"median", "file", "median", "file"};
  for (size_t i = 0; i < 4; ++i) table.rows[i].cells[1] = methods[i];
  table.across = {"train.init", "background.method"};
  const Seen seen = open(table_page(table), R"js(
    const figure = document.querySelector("[data-scatter]");
    const select = figure.querySelector("select");
    const ticks = () => [...figure.querySelectorAll("text[text-anchor=middle]")].map((text) => text.textContent);
    result.offered = [...select.options].map((option) => option.value);
    result.chosen = select.value;
    result.words = ticks();
    select.value = "seed";
    select.dispatchEvent(new Event("change"));
    result.numbers = ticks();
    result.axes = [...document.querySelectorAll("[data-parallel] .axis")].length;)js");
  expect_quiet(seen);
  EXPECT_EQ(seen.result.at("offered"), json({"F", "background.method", "seed"}));
  EXPECT_EQ(seen.result.at("chosen"), "background.method");
  EXPECT_EQ(seen.result.at("words"), json({"median", "file"}));
  EXPECT_EQ(seen.result.at("numbers"), json({"1", "2", "3"}));  // whole, as the values are
  EXPECT_EQ(seen.result.at("axes"), 3);
}

TEST_F(Pages, TableOfASweepFitsTheScreen) {
  ResultTable table = table_of_fields({"loss.l1.weight", "loss.tv.weight", "train.learning_rate",
                                       "background.method", "seed", "x"});
  table.columns.insert(table.columns.end(), {"score", "loss", "seconds", "state", "sequence"});
  for (size_t i = 0; i < 4; ++i) {
    const double number = 0.123456 + static_cast<double>(i);
    for (const json& cell : {json(number), json(number), json(number)}) {
      table.rows[i].cells.push_back(cell);
    }
    table.rows[i].cells.insert(table.rows[i].cells.end(), {"done", "data_syn"});
  }
  const Seen seen = open(table_page(table), R"js(
    const card = document.querySelector(".scroll.card");
    result.hidden = card.scrollWidth - card.clientWidth;
    result.columns = [...card.querySelectorAll("th")].map((cell) => cell.textContent);
    result.note = card.previousElementSibling.textContent;)js",
                         /*dark=*/false, /*width=*/1280);
  expect_quiet(seen);
  EXPECT_LE(seen.result.at("hidden"), 0);
  EXPECT_EQ(seen.result.at("note"), "The same in every row: state done, sequence data_syn");
  EXPECT_EQ(seen.result.at("columns").size(), 11U);
}

TEST_F(Pages, SharesOfFieldsAreBarsThatFitAPhone) {
  ResultTable table = table_of_fields({"seed", "none"});
  table.shares = {{"loss.l1.weight", 0.5},
                  {"train.learning_rate with background.local_light.strength", 0.1}};
  const Seen seen = open(table_page(table), R"js(
    const rows = [...document.querySelectorAll("table.shares tr")];
    result.percent = rows.map((row) => row.cells[2].innerText);
    result.right = Math.max(...rows.map((row) => row.cells[2].getBoundingClientRect().right));
    const [long, short] = rows.map((row) => row.querySelector(".share").getBoundingClientRect().width);
    result.ratio = long / short;)js",
                         /*dark=*/false, /*width=*/400);
  expect_quiet(seen);
  EXPECT_EQ(seen.result.at("percent"), json({"50.0 %", "10.0 %"}));
  EXPECT_LT(seen.result.at("right"), 400);
  EXPECT_NEAR(seen.result.at("ratio").get<double>(), 5.0, 0.1);
}

TEST_F(Pages, PicturesOfTheTrainingAndTheLegendOfErrorsFitAPhone) {
  cv::imwrite((folder_ / "preview.png").string(), cv::Mat(360, 960, CV_8UC1, cv::Scalar(9)));
  std::filesystem::create_directories(folder_ / "run/previews");
  std::filesystem::rename(folder_ / "preview.png", folder_ / "run/previews/000000.png");
  const Seen seen = open(run_page_of_three_frames(), R"js(
    const picture = document.querySelector("[data-frames=previews] .panels img");
    const frame = picture.closest("figure");
    result.previews = [picture.naturalWidth, frame.scrollWidth - frame.clientWidth];
    const keys = [...document.querySelectorAll(".key")];
    result.keys = keys.map((key) => key.innerText);
    result.lines = keys.map((key) => key.getClientRects().length);)js",
                         /*dark=*/false, /*width=*/400);
  expect_quiet(seen);
  EXPECT_EQ(seen.result.at("previews"), json({960, 0}));
  EXPECT_EQ(seen.result.at("keys"), json({"found", "wrongly found", "missed", "not evaluated"}));
  EXPECT_EQ(seen.result.at("lines"), json({1, 1, 1, 1}));
}

TEST_F(Pages, ColoursCanBeChosen) {
  const Seen seen = open(page_of_three_runs(), R"js(
    const paper = () => getComputedStyle(document.body).backgroundColor;
    const toggle = document.querySelector("button.theme");
    result.papers = [paper()];
    for (let i = 0; i < 3; ++i) {
      toggle.click();
      result.papers.push(paper());
    })js",
                         /*dark=*/true);
  expect_quiet(seen);
  EXPECT_EQ(seen.result.at("papers"),
            json({"rgb(15, 18, 24)", "rgb(246, 247, 249)", "rgb(15, 18, 24)", "rgb(15, 18, 24)"}));
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
