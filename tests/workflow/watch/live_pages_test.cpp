// What the page of watch answers, to whom, and how it looks in headless Chromium.
#include "workflow/watch/live_pages.h"

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <nlohmann/json.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <thread>

#include "proxseg/workflow/watch/page.h"
#include "support/browser.h"
#include "support/expect_error.h"
#include "support/tcp_client.h"

namespace proxseg {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const char* const kToken = "0123456789abcdef";

HttpRequest get(const std::string& path, std::map<std::string, std::string> headers = {}) {
  headers.emplace("host", "127.0.0.1:8080");
  return {.method = "GET", .path = path, .headers = headers};
}

HttpRequest post(const std::string& path, const std::string& body,
                 std::map<std::string, std::string> headers = {}) {
  HttpRequest request = get(path, std::move(headers));
  request.method = "POST";
  request.body = body;
  request.headers.emplace("content-type", "application/json");
  return request;
}

// A grey room with a bright object in it.
LiveFrame frame_of(int64_t number) {
  LiveFrame frame;
  frame.image = cv::Mat(120, 160, CV_8UC3, cv::Scalar::all(90));
  frame.mask = cv::Mat::zeros(120, 160, CV_8U);
  frame.background = cv::Mat(120, 160, CV_8UC3, cv::Scalar(200, 40, 40));
  const cv::Rect box(40, 30, 40, 50);
  frame.image(box) = cv::Scalar(250, 250, 250);
  frame.mask(box) = 255;
  frame.frames = number;
  frame.seconds = static_cast<double>(number) / 25.0;
  frame.unexplained = 0.104;
  frame.objects = {{7, box, 65.0, true}};
  return frame;
}

void tell(LiveCamera& camera, const std::string& event, json details = json::object()) {
  details.update({{"time", "2026-01-31T12:00:00.000Z"}, {"camera", "gate"}, {"event", event}});
  camera.on_event(event, details.dump());
}

cv::Mat picture_in(const HttpResponse& response) {
  const std::vector<uchar> bytes(response.body.begin(), response.body.end());
  return cv::imdecode(bytes, cv::IMREAD_COLOR);
}

TEST(LivePages, ShowsWhatACameraShows) {
  LivePages pages({"gate", "yard"}, "");
  EXPECT_EQ(pages.answer(get("/cameras/0/frame.jpg")).status, 404) << "no frame yet";
  tell(pages.camera(0), "start");
  tell(pages.camera(0), "light", {{"reason", "everywhere"}});
  LiveFrame frame = frame_of(4);
  frame.is_certain = false;
  pages.camera(0).on_frame(frame);
  const json states = json::parse(pages.answer(get("/cameras")).body);
  ASSERT_EQ(states.size(), 2U);
  EXPECT_EQ(states[0].at("name"), "gate");
  EXPECT_EQ(states[0].at("certain"), false);
  EXPECT_EQ(states[0].at("cause").at("event"), "light");
  EXPECT_EQ(states[0].at("unexplained"), 0.104);
  EXPECT_EQ(states[0].at("objects")[0].at("box"), json({40, 30, 40, 50}));
  EXPECT_EQ(states[1].at("frames"), 0);

  HttpRequest plain = get("/cameras/0/frame.jpg");
  plain.query["masks"] = "0";
  const cv::Mat with = picture_in(pages.answer(get("/cameras/0/frame.jpg"))),
                without = picture_in(pages.answer(plain)),
                background = picture_in(pages.answer(get("/cameras/0/background.jpg")));
  ASSERT_EQ(with.size(), cv::Size(160, 120));
  const auto at = [](const cv::Mat& image) { return image.at<cv::Vec3b>(55, 60); };
  EXPECT_GT(at(with)[2], at(with)[0] + 50) << "the mask is red";
  EXPECT_NEAR(at(without)[2], at(without)[0], 10);
  EXPECT_GT(at(background)[0], at(background)[2] + 100);
}

TEST(LivePages, MakesAPictureOnceAFrame) {
  LivePages pages({"gate"}, "");
  pages.camera(0).on_frame(frame_of(1));
  const HttpResponse first = pages.answer(get("/cameras/0/frame.jpg"));
  const std::string tag = first.headers.at("ETag");
  EXPECT_EQ(json::parse(first.headers.at("X-Objects"))[0].at("id"), 7);
  EXPECT_EQ(pages.answer(get("/cameras/0/frame.jpg", {{"if-none-match", tag}})).status, 304);
  pages.camera(0).on_frame(frame_of(1));  // of another connection
  EXPECT_EQ(pages.answer(get("/cameras/0/frame.jpg", {{"if-none-match", tag}})).status, 200);
}

TEST(LivePages, TellsEventsSinceTheLastOne) {
  LivePages pages({"gate"}, "");
  for (int i = 0; i < 300; ++i) tell(pages.camera(0), "object", {{"id", i}, {"box", {1, 2, 3, 4}}});
  tell(pages.camera(0), "statistics");
  json events = json::parse(pages.answer(get("/cameras/0/events")).body);
  EXPECT_EQ(events.size(), 200U) << "of a bounded number";
  EXPECT_EQ(events.back().at("id"), 299);
  HttpRequest later = get("/cameras/0/events");
  later.query["after"] = to_string(events.back().at("number"));
  tell(pages.camera(0), "gone", {{"id", 5}});
  events = json::parse(pages.answer(later).body);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].at("event"), "gone");
}

TEST(LivePages, ConnectionsAreLostAndFound) {
  LivePages pages({"gate"}, "");
  const auto state = [&] { return json::parse(pages.answer(get("/cameras")).body)[0]; };
  tell(pages.camera(0), "lost", {{"reason", "no route"}});
  EXPECT_EQ(state().at("connected"), false);
  EXPECT_EQ(state().at("connection"), "no route");
  tell(pages.camera(0), "found");
  EXPECT_EQ(state().at("connected"), true);
  tell(pages.camera(0), "stop");
  EXPECT_EQ(state().at("stopped"), true);
  EXPECT_EQ(pages.answer(post("/cameras/0/relearn", "{}")).status, 503);
}

TEST(LivePages, ShowsTheBackgroundInTheFramesSizeAndLeavesTheFrameAsItIs) {
  LivePages pages({"gate"}, "");
  LiveFrame frame = frame_of(4);
  cv::resize(frame.background, frame.background, {80, 60});
  pages.camera(0).on_frame(frame);
  const auto pixel_of = [&](const char* name) {
    const cv::Mat picture = picture_in(pages.answer(get(std::string("/cameras/0/") + name)));
    EXPECT_EQ(picture.size(), cv::Size(160, 120)) << name;
    return picture.at<cv::Vec3b>(100, 10);
  };
  EXPECT_NEAR(pixel_of("background.jpg")[0], 200, 4);
  EXPECT_NEAR(pixel_of("frame.jpg")[0], 90, 4);
  EXPECT_EQ(frame.image.at<cv::Vec3b>(100, 10), cv::Vec3b(90, 90, 90));
}

TEST(LivePages, PassesOnWhatIsAskedFor) {
  LivePages pages({"gate"}, "");
  LiveCamera& camera = pages.camera(0);
  EXPECT_EQ(pages.answer(post("/cameras/0/relearn", "{}")).status, 202);
  EXPECT_EQ(pages.answer(post("/cameras/0/accept", "{}")).status, 202);
  EXPECT_EQ(pages.answer(post("/cameras/0/accept", R"({"box": [1, 2, 30, 40]})")).status, 202);
  const auto commands = camera.take_commands();
  ASSERT_EQ(commands.size(), 3U);
  EXPECT_EQ(commands[0].kind, WatchCommand::Kind::kRelearn);
  EXPECT_EQ(commands[1].kind, WatchCommand::Kind::kAccept);
  EXPECT_TRUE(commands[1].box.empty());
  EXPECT_EQ(commands[2].box, cv::Rect(1, 2, 30, 40));
  EXPECT_TRUE(camera.take_commands().empty());
}

TEST(LivePages, RefusesWhatIsNoCommand) {
  LivePages pages({"gate"}, "");
  for (const char* body :
       {"", "x", "[]", "7", R"({"box": 3})", R"({"box": [1, 2, 3]})", R"({"box": [1, 2, 3, "4"]})",
        R"({"box": [1.5, 2, 3, 4]})", R"({"box": [1, 2, 0, 4]})", R"({"box": [1, 2, -3, 4]})",
        R"({"box": [1, 2, 99999999999999999999, 4]})", R"({"box": [1, 2, 3, 4)"}) {
    EXPECT_EQ(pages.answer(post("/cameras/0/accept", body)).status, 400) << body;
  }
  pages.camera(0).on_frame(frame_of(1));  // of 160 x 120
  for (const char* body : {R"({"box": [160, 2, 3, 4]})", R"({"box": [-9, 2, 9, 4]})"}) {
    EXPECT_EQ(pages.answer(post("/cameras/0/accept", body)).status, 400) << body;
  }
  EXPECT_THAT(pages.camera(0).take_commands(), IsEmpty());
  for (int i = 0; i < 100; ++i) pages.answer(post("/cameras/0/relearn", "{}"));
  EXPECT_EQ(pages.answer(post("/cameras/0/relearn", "{}")).status, 503);
  EXPECT_LE(pages.camera(0).take_commands().size(), 16U);
}

TEST(LivePages, KnowsNoOtherPaths) {
  LivePages pages({"gate"}, "");
  for (const char* path :
       {"/..", "/../etc/passwd", "/cameras/../../etc/passwd", "/cameras/0/../../../etc/passwd",
        "//", "/cameras/", "/cameras/0", "/cameras/0/", "/cameras/1/events", "/cameras/-1/events",
        "/cameras/00x/events", "/cameras/99999999999999999999/events", "/cameras/0/relearn",
        "/index.html"}) {
    EXPECT_EQ(pages.answer(get(path)).status, 404) << path;
  }
  EXPECT_EQ(pages.answer(post("/cameras/0/frame.jpg", "{}")).status, 404);
  for (const char* method : {"PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW"}) {
    HttpRequest request = get("/cameras");
    request.method = method;
    EXPECT_EQ(pages.answer(request).status, 405) << method;
  }
}

TEST(LivePages, RefusesOtherOriginsAndOtherNames) {
  LivePages pages({"gate"}, "");
  for (const char* host : {"localhost", "localhost:9", "127.0.0.1:8080", "[::1]:8080"}) {
    EXPECT_EQ(pages.answer(get("/cameras", {{"host", host}})).status, 200) << host;
  }
  for (const char* host : {"evil.example", "evil.example:8080", "127.0.0.1.evil.example",
                           "localhost.evil", "[::2]", "192.168.1.2:8080", "[", ":8080"}) {
    EXPECT_EQ(pages.answer(get("/cameras", {{"host", host}})).status, 403) << host;
    EXPECT_EQ(pages.answer(get("/", {{"host", host}})).status, 403) << host;
  }
  EXPECT_EQ(pages.answer({.method = "GET", .path = "/cameras"}).status, 400) << "no Host";
  using Headers = std::map<std::string, std::string>;
  for (const Headers& headers :
       {Headers{{"origin", "https://evil.example"}}, Headers{{"origin", "null"}},
        Headers{{"origin", "http://127.0.0.1:8081"}}, Headers{{"sec-fetch-site", "cross-site"}},
        Headers{{"sec-fetch-site", "same-site"}}}) {
    EXPECT_EQ(pages.answer(get("/cameras/0/events", headers)).status, 403);
    EXPECT_EQ(pages.answer(post("/cameras/0/relearn", "{}", headers)).status, 403);
  }
  for (const char* type : {"text/plain", "application/x-www-form-urlencoded", ""}) {
    EXPECT_EQ(pages.answer(post("/cameras/0/relearn", "{}", {{"content-type", type}})).status, 415);
  }
  EXPECT_THAT(pages.camera(0).take_commands(), IsEmpty());
  EXPECT_EQ(
      pages
          .answer(post("/cameras/0/relearn", "{}",
                       {{"origin", "http://127.0.0.1:8080"}, {"sec-fetch-site", "same-origin"}}))
          .status,
      202);
}

TEST(LivePages, WantsTheTokenForAllButTheEmptyPage) {
  LivePages pages({"gate"}, kToken);
  const std::string token = kToken;
  for (const std::string& given :
       {std::string(), std::string("Bearer "), "Bearer " + token.substr(1), "Bearer " + token + "0",
        "Basic " + token, token, std::string("Bearer") + token}) {
    const std::map<std::string, std::string> headers = {{"authorization", given}};
    EXPECT_EQ(pages.answer(get("/cameras", headers)).status, 401) << given;
    EXPECT_EQ(pages.answer(get("/cameras/0/frame.jpg", headers)).status, 401) << given;
    EXPECT_EQ(pages.answer(post("/cameras/0/relearn", "{}", headers)).status, 401) << given;
  }
  EXPECT_THAT(pages.camera(0).take_commands(), IsEmpty());
  const std::map<std::string, std::string> headers = {{"authorization", "Bearer " + token},
                                                      {"host", "camera.lan"}};
  EXPECT_EQ(pages.answer(get("/cameras", headers)).status, 200);
  const HttpResponse page = pages.answer(get("/"));
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.body, Not(HasSubstr("gate")));
  EXPECT_THAT(page.body, Not(HasSubstr(token)));
}

TEST(WatchPage, RefusesToStartWhereOthersCouldLook) {
  if (!WatchPage::is_built_in()) GTEST_SKIP() << "built without libmicrohttpd";
  const auto start = [](const std::string& address, const std::string& token) {
    return [=] { WatchPage({address, token}, {"gate"}); };
  };
  expect_error(ExitCode::kUsage, {"no token"}, start("0.0.0.0:0", ""));
  expect_error(ExitCode::kUsage, {"no token"}, start("[::]:0", ""));
  expect_error(ExitCode::kUsage, {"shorter"}, start("0.0.0.0:0", "short"));
  expect_error(ExitCode::kUsage, {"nonsense"}, start("nonsense", ""));
  const WatchPage page({"0.0.0.0:0", kToken}, {"gate"});
  EXPECT_THAT(page.url(), HasSubstr("http://0.0.0.0:"));
}

// The page with a script of the test in it, served as it is by WatchPage but for its policy, which lets no
// other script run; a camera that goes on.
class LivePageInBrowser : public testing::Test {
 protected:
  void SetUp() override {
    if (!HttpServer::is_built_in()) GTEST_SKIP() << "built without libmicrohttpd";
    if (!browser_.is_installed()) GTEST_SKIP() << "chromium is not installed";
  }

  Seen open(const std::string& script, const std::string& token = "", bool dark = false,
            int width = 1280) {
    LivePages pages({"gate", "yard"}, token);
    const HttpServer server({"127.0.0.1", 0}, [&](const HttpRequest& request) {
      HttpResponse response = pages.answer(request);
      if (request.path == "/" && !script.empty()) {
        response.body =
            Browser::with_script(response.body, kHelp + (token.empty() ? kReady : "") + script);
        response.headers.erase("Content-Security-Policy");
      }
      return response;
    });
    for (size_t i = 0; i < 2; ++i) {
      tell(pages.camera(i), "start");
      tell(pages.camera(i), "object", {{"id", 7}, {"box", {40, 30, 40, 50}}});
      tell(pages.camera(i), "light", {{"reason", "<b>everywhere</b>"}});
    }
    std::atomic<bool> goes_on = true;
    std::jthread cameras([&] {
      for (int64_t number = 1; goes_on; ++number) {
        for (size_t i = 0; i < 2; ++i) {
          LiveFrame frame = frame_of(number);
          frame.is_certain = i == 0;
          pages.camera(i).on_frame(frame);
          for (const WatchCommand& command : pages.camera(i).take_commands())
            commands_.push_back(command);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(40));
      }
    });
    const std::string url = fmt::format("http://127.0.0.1:{}/", server.port());
    Seen seen = browser_.visit(url, dark, width);
    goes_on = false;
    cameras.join();
    if (script.empty()) return seen;
    for (const json& request : seen.result.at("requests")) {
      EXPECT_TRUE(request.get<std::string>().starts_with(url)) << request;
    }
    return seen;
  }

  const std::string kHelp = R"js(
    // Time stands still for this page while it waits for an answer, and else flies.
    const until = async (what) => { for (let i = 0; i < 500 && !what(); ++i) { await later(5); await fetch("cameras"); } };
    const picture = by("picture"), texts = (selector) => [...document.querySelectorAll(selector)].map((one) => one.innerText);
    const probe = html("canvas", "").getContext("2d", { willReadFrequently: true });
    const pixel = (x, y) => {
      probe.drawImage(picture, x * picture.width / 160, y * picture.height / 120, 1, 1, 0, 0, 1, 1);
      return [...probe.getImageData(0, 0, 1, 1).data].slice(0, 3);
    };
    const at = (x, y) => { const box = picture.getBoundingClientRect(), scale = Math.min(box.width / 160, box.height / 120);
      return [box.left + (box.width - 160 * scale) / 2 + x * scale, box.top + (box.height - 120 * scale) / 2 + y * scale]; };
)js";
  const std::string kReady = R"js(
    await until(() => by("waiting").hidden && by("events").children.length >= 3 && document.querySelector("#objects button"));
)js";
  const Browser browser_;
  std::vector<WatchCommand> commands_;
};

TEST_F(LivePageInBrowser, ShowsPictureHealthAndEvents) {
  for (const bool dark : {false, true}) {
    for (const int width : {400, 1280}) {
      const Seen seen = open(R"js(
        result.mask = pixel(60, 60);
        result.badge = texts("#badge");
        result.events = texts("#events li");
        result.objects = texts("#objects button");
        result.numbers = texts("#numbers dt");
        result.cameras = texts("#cameras button");
        result.overflows = document.documentElement.scrollWidth > innerWidth;
        result.paper = getComputedStyle(document.body).backgroundColor;
        const first = picture.dataset.frame;
        await until(() => picture.dataset.frame !== first);
        result.moves = picture.dataset.frame !== first;)js",
                             "", dark, width);
      EXPECT_THAT(seen.console, IsEmpty());
      ASSERT_TRUE(seen.result.contains("moves")) << seen.result;
      EXPECT_GT(seen.result.at("mask")[0], seen.result.at("mask")[2].get<int>() + 50)
          << "the mask is red";
      EXPECT_EQ(seen.result.at("badge"), json({"certain"}));
      EXPECT_THAT(seen.result.at("events")[0].get<std::string>(), HasSubstr("<b>everywhere</b>"));
      EXPECT_THAT(seen.result.at("events")[1].get<std::string>(), HasSubstr("object 7 appears"));
      EXPECT_THAT(seen.result.at("objects")[0].get<std::string>(), HasSubstr("at rest"));
      EXPECT_EQ(seen.result.at("numbers").size(), 4U);
      EXPECT_EQ(seen.result.at("cameras"), json({"gate", "yard"}));
      EXPECT_EQ(seen.result.at("overflows"), false) << width;
      EXPECT_EQ(seen.result.at("paper"), dark ? "rgb(15, 18, 24)" : "rgb(246, 247, 249)");
      EXPECT_EQ(seen.result.at("moves"), true);
    }
  }
}

TEST_F(LivePageInBrowser, AsksForWhatIsClickedDrawnAndConfirmed) {
  const Seen seen = open(R"js(
    drag(picture, at(60, 60), at(60, 60));
    result.object = [String(view.place), by("accept").textContent];
    by("accept").click();
    drag(picture, at(100, 20), at(140, 60));
    result.place = [String(view.place), by("accept").textContent];
    by("accept").click();
    press("Escape");
    by("accept").click();
    result.asks = by("question").open;
    by("yes").click();
    by("relearn").click();
    by("no").click();
    by("relearn").click();
    by("yes").click();
    for (let i = 0; i < 20; ++i) { await later(20); await fetch("cameras"); }
    result.alarm = by("alarm").hidden;)js");
  EXPECT_THAT(seen.console, IsEmpty());
  EXPECT_EQ(seen.result.at("object"), json({"40,30,40,50", "This object is background"}));
  EXPECT_EQ(seen.result.at("place"), json({"100,20,40,40", "This place is background"}));
  EXPECT_EQ(seen.result.at("asks"), true);
  EXPECT_EQ(seen.result.at("alarm"), true);
  std::vector<cv::Rect> boxes;
  int relearns = 0;
  for (const WatchCommand& command : commands_) {
    if (command.kind == WatchCommand::Kind::kRelearn) ++relearns;
    if (command.kind == WatchCommand::Kind::kAccept) boxes.push_back(command.box);
  }
  EXPECT_EQ(relearns, 1);
  EXPECT_THAT(boxes, testing::UnorderedElementsAre(cv::Rect(40, 30, 40, 50),
                                                   cv::Rect(100, 20, 40, 40), cv::Rect()));
}

TEST_F(LivePageInBrowser, WorksByKeys) {
  const Seen seen = open(R"js(
    const key = (name, shiftKey = false) => picture.dispatchEvent(new KeyboardEvent("keydown", { key: name, shiftKey, bubbles: true, cancelable: true }));
    const place = () => String(view.place);
    key("Enter");
    result.middle = place();
    key("ArrowRight");
    key("ArrowUp", true);
    result.moved = place();
    for (let i = 0; i < 200; ++i) key("ArrowLeft");
    result.border = view.place[0];
    press("Escape");
    result.none = place();
    result.reachable = [...document.querySelectorAll("button, input, canvas#picture")].filter((one) => one.tabIndex < 0).length;)js");
  EXPECT_THAT(seen.console, IsEmpty());
  EXPECT_EQ(seen.result.at("middle"), "60,45,40,30");
  EXPECT_EQ(seen.result.at("moved"), "63,45,40,27");
  EXPECT_EQ(seen.result.at("border"), 0);
  EXPECT_EQ(seen.result.at("none"), "null");
  EXPECT_EQ(seen.result.at("reachable"), 0);
}

TEST_F(LivePageInBrowser, ShowsTheBackgroundAndOtherCameras) {
  const Seen seen = open(R"js(
    by("background").click();
    await until(() => pixel(10, 10)[2] > 150);
    result.background = pixel(60, 60);
    by("live").click();
    by("masks").click();
    await until(() => pixel(60, 60)[0] > 200 && pixel(60, 60)[2] > 200);
    result.without = pixel(60, 60);
    document.querySelectorAll("#cameras button")[1].click();
    await until(() => by("badge").innerText.includes("uncertain"));
    result.badge = by("badge").innerText;
    result.name = by("name").innerText;)js");
  EXPECT_THAT(seen.console, IsEmpty());
  EXPECT_GT(seen.result.at("background")[2], seen.result.at("background")[0].get<int>() + 100);
  EXPECT_NEAR(seen.result.at("without")[2].get<int>(), 250, 12);
  EXPECT_EQ(seen.result.at("name"), "yard");
  EXPECT_EQ(seen.result.at("badge"), "uncertain: the light has changed (<b>everywhere</b>)");
}

TEST_F(LivePageInBrowser, AsksForTheToken) {
  const std::string enter = R"js(
    const enter = async (token) => {
      await until(() => by("login").open);
      by("token").value = token;
      by("login").querySelector("form").requestSubmit();
      for (let i = 0; i < 20; ++i) { await later(20); await fetch("cameras"); }
    };
    result.before = by("events").children.length;
    await enter("not the right token");
    await until(() => by("login").open);
    result.wrong = by("login-error").innerText;
    await enter("0123456789abcdef");
    await until(() => by("waiting").hidden && by("events").children.length >= 3);
    result.after = by("events").children.length;)js";
  const Seen asked = open(enter, kToken);
  EXPECT_EQ(asked.result.at("before"), 0);
  EXPECT_THAT(asked.result.at("wrong").get<std::string>(), HasSubstr("not the one"));
  EXPECT_GE(asked.result.at("after"), 3);
}

TEST_F(LivePageInBrowser, RunsUnderItsOwnPolicy) {
  const Seen seen = open("");
  EXPECT_THAT(seen.console, IsEmpty());
  EXPECT_THAT(seen.dom, HasSubstr("object 7 appears"));
  EXPECT_THAT(seen.dom, HasSubstr("data-frame="));
}

}  // namespace
}  // namespace proxseg
