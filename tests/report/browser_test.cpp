// The pages in headless Chromium: what happens when they are used. Skipped where there is no
// Chromium.
#include <gmock/gmock.h>
#include <sys/wait.h>

#include <cstdlib>
#include <opencv2/imgcodecs.hpp>

#include "proxseg/report/result_table.h"
#include "proxseg/report/run_page.h"
#include "report/run_files.h"
#include "support/temporary_folder.h"

namespace proxseg {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;
namespace fs = std::filesystem;

// Runs when the page has loaded; `result` is what the test gets to see.
constexpr const char* kHarness = R"html(<script>
function move(element, x, y) {
  element.dispatchEvent(new PointerEvent("pointermove", { clientX: x, clientY: y, bubbles: true }));
}
function press(key) {
  document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
}
window.addEventListener("load", () => {
  const result = {};
  @SCRIPT@
  result.requests = performance.getEntriesByType("resource").map((entry) => entry.name)
    .filter((name) => !name.startsWith("data:"));
  const element = document.createElement("pre");
  element.id = "result";
  element.textContent = JSON.stringify(result);
  document.body.append(element);
});
</script>
</body>)html";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

struct Seen {
  json result;
  std::vector<std::string> console;  // everything that the browser's console said
};

class Browser : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"chromium-headless-shell", "chromium"}) {
      if (std::system(fmt::format("command -v {} >/dev/null", name).c_str()) != 0) continue;
      browser_ = name;
      return;
    }
    GTEST_SKIP() << "chromium is not installed; the pages are not tried in a browser";
  }

  // Opens the page from disk, runs script when it has loaded.
  Seen open(const std::string& page, const std::string& script, bool dark = false) const {
    const fs::path file = folder_ / "page.html", dom = folder_ / "dom", log = folder_ / "log";
    const std::string harness = replaced(kHarness, "@SCRIPT@", script);
    write_file_atomically(file, replaced(page, "</body>", harness));
    const std::string command = fmt::format(
        "timeout 120 {} --headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
        "--disable-background-networking --disable-component-update --disable-sync "
        "--host-resolver-rules='MAP * ~NOTFOUND' --user-data-dir={} --enable-logging=stderr "
        "--blink-settings=preferredColorScheme={} --window-size=1200,1600 --dump-dom file://{} "
        ">{} 2>{}",
        browser_, (folder_ / "profile").string(), dark ? 0 : 1, file.string(), dom.string(),
        log.string());
    EXPECT_EQ(std::system(command.c_str()), 0) << read_file(log);
    return {result_in(read_file(dom)), console_in(read_file(log))};
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
                       .columns = {"F", "norm"},
                       .rows = {{"a", "./a/", {0.7, "batch"}},
                                {"b", "./b/", {nullptr, "none"}},
                                {"c", "./c/", {0.9, "group"}}},
                       .across = "norm",
                       .up = "F"});
  }

  TemporaryFolder folder_;

 private:
  std::string browser_;

  static json result_in(const std::string& dom) {
    const std::string open = "<pre id=\"result\">";
    const size_t at = dom.find(open);
    if (at == std::string::npos) return {{"failed", dom.substr(0, 2000)}};
    const size_t begin = at + open.size();
    std::string text = dom.substr(begin, dom.find("</pre>", begin) - begin);
    text = replaced(replaced(text, "&lt;", "<"), "&gt;", ">");
    return json::parse(replaced(text, "&amp;", "&"));
  }

  static std::vector<std::string> console_in(const std::string& log) {
    std::istringstream stream(log);
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);) {
      if (line.find("CONSOLE") != std::string::npos) lines.push_back(line);
    }
    return lines;
  }
};

void expect_quiet(const Seen& seen) {
  EXPECT_THAT(seen.console, IsEmpty());
  EXPECT_THAT(seen.result.at("requests"), IsEmpty()) << seen.result;
}

TEST_F(Browser, NoticesErrorsAndRequests) {
  const std::string page = run_page_of_three_frames();
  const Seen seen = open(page, R"js(
    const picture = document.createElement("img");
    picture.src = "https://example.org/x.png";
    document.body.append(picture);
    console.error("a fault");)js");
  EXPECT_THAT(seen.console, testing::Contains(HasSubstr("a fault")));
  EXPECT_THAT(seen.console, testing::Contains(HasSubstr("Content Security Policy")));
}

TEST_F(Browser, ScrubsThroughTheFrames) {
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

TEST_F(Browser, CurvesTellTheValuesUnderThePointer) {
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

TEST_F(Browser, TablesSortByAnyColumn) {
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

TEST_F(Browser, PointsOfThePlotTellTheirRunAndLeadToIt) {
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

TEST_F(Browser, FollowsTheSystemsColours) {
  const std::string script = "result.paper = getComputedStyle(document.body).backgroundColor;";
  const Seen light = open(page_of_three_runs(), script),
             dark = open(page_of_three_runs(), script, true);
  EXPECT_EQ(light.result.at("paper"), "rgb(246, 247, 249)");
  EXPECT_EQ(dark.result.at("paper"), "rgb(15, 18, 24)");
}

}  // namespace
}  // namespace proxseg
