// watch, as a user leaves it on cameras.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <signal.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <opencv2/imgproc.hpp>
#include <sstream>
#include <system_error>
#include <thread>

#include "proxseg/workflow/watch/mqtt.h"
#include "proxseg/workflow/watch/page.h"
#include "support/file_server.h"
#include "support/program.h"
#include "support/tcp_client.h"
#include "support/video_files.h"

namespace proxseg {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

class Watch : public Program {
 protected:
  // Noise on a pattern, through which a square goes.
  std::string write_clip(int frames) const {
    cv::RNG random(7);
    cv::Mat cells(6, 8, CV_8UC3), scene;
    random.fill(cells, cv::RNG::UNIFORM, 40, 160);
    cv::resize(cells, scene, {160, 120}, 0, 0, cv::INTER_CUBIC);
    std::vector<cv::Mat> images;
    for (int i = 0; i < frames; ++i) {
      cv::Mat image = scene.clone(), noise(scene.size(), CV_8UC3);
      cv::rectangle(image, cv::Rect(4 * i - 30, 50, 24, 30), {230, 20, 210}, cv::FILLED);
      random.fill(noise, cv::RNG::UNIFORM, 0, 6);
      images.push_back(image + noise);
    }
    write_avi(folder_ / "clip.avi", images);
    return path("clip.avi");
  }

  // That the program says it listens at; 0 where it does not.
  int port_of_page() const {
    const std::string before = "http://127.0.0.1:";
    for (int i = 0; i < 3000; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      const std::string said = read_file(folder_ / "stderr");
      const size_t at = said.find("the page is at " + before);
      if (at != std::string::npos && said.find('\n', at) != std::string::npos)
        return std::stoi(said.substr(said.find(before, at) + before.size()));
    }
    return 0;
  }

  static std::vector<json> events_of(const std::string& text) {
    std::vector<json> events;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) events.push_back(json::parse(line));
    return events;
  }

  static std::vector<std::string> kinds_of(const std::vector<json>& events) {
    std::vector<std::string> kinds;
    for (const json& event : events) kinds.push_back(event.at("event"));
    return kinds;
  }

  static std::vector<fs::path> files_in(const fs::path& folder) {
    std::vector<fs::path> files;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder, ignored)) files.push_back(entry.path());
    return files;
  }
};

TEST_F(Watch, TellsOfObjectsAndWritesMasksInFilesOfBoundedLength) {
  const Outcome outcome = run({"watch", write_clip(60), "--output", path("out"), "--segment", "2s",
                               "--save", "mask,mask-video", "--print-events", "--threads", "1"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const auto events = events_of(read_file(folder_ / "out/events.jsonl"));
  EXPECT_EQ(events_of(outcome.out), events);
  const auto kinds = kinds_of(events);
  EXPECT_EQ(kinds.front(), "start");
  EXPECT_EQ(kinds.back(), "stop");
  EXPECT_THAT(kinds, Contains("object"));
  EXPECT_THAT(kinds, Contains("gone"));
  EXPECT_EQ(events.back().at("frames"), 60);
  EXPECT_EQ(files_in(folder_ / "out/mask").size(), 60U);
  EXPECT_GE(files_in(folder_ / "out/masks").size(), 2U);
}

TEST_F(Watch, StartsAProgramWithoutAShell) {
  const std::string told = path("told");
  write_file_atomically(folder_ / "tell", "#!/bin/sh\nprintf '%s\\n' \"$1\" >>'" + told + "'\n");
  fs::permissions(folder_ / "tell", fs::perms::owner_all);
  const Outcome outcome = run({"watch", write_clip(30), "--output", path("out"), "--on-event",
                               path("tell"), "--threads", "1"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  // The program may still write when watch ends.
  std::vector<std::string> kinds;
  for (int i = 0; i < 200 && kinds.size() < 2; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    if (fs::exists(told)) kinds = kinds_of(events_of(read_file(told)));
  }
  EXPECT_THAT(kinds, Contains("start"));
}

TEST_F(Watch, GoesOnWhereAConnectionEndsAndStopsWhenToldTo) {
  const FileServer server(read_file(write_clip(40)));
  const pid_t process =
      start({"watch", server.address_of("gate.avi"), "--output", path("out"), "--threads", "1"});
  const auto text = [&] {
    return fs::exists(folder_ / "out/events.jsonl") ? read_file(folder_ / "out/events.jsonl") : "";
  };
  const auto has_told = [&](const char* kind) { return text().find(kind) != std::string::npos; };
  // It is uncertain from its first mask on.
  for (int i = 0; i < 3000 && !(has_told("\"found\"") && has_told("\"uncertain\"")); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  ::kill(process, SIGTERM);
  const Outcome outcome = finish(process);
  EXPECT_EQ(outcome.code, static_cast<int>(ExitCode::kInterrupted)) << outcome.err;
  const auto kinds = kinds_of(events_of(text()));
  EXPECT_THAT(kinds, Contains("lost"));
  EXPECT_THAT(kinds, Contains("found"));
  EXPECT_EQ(kinds.back(), "stop");
  const auto videos = files_in(folder_ / "out/masks");
  ASSERT_EQ(videos.size(), 1U);
  EXPECT_EQ(videos[0].extension(), ".mkv");
}

TEST_F(Watch, WatchesSeveralInputsAtOnce) {
  const std::string clip = write_clip(30);
  fs::copy_file(clip, folder_ / "other.avi");
  const Outcome outcome =
      run({"watch", clip, path("other.avi"), "--output", path("out"), "--threads", "2"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  for (const char* name : {"clip", "other"}) {
    const auto events = events_of(read_file(folder_ / "out" / name / "events.jsonl"));
    EXPECT_EQ(events.back().at("camera"), name);
    EXPECT_EQ(events.back().at("frames"), 30);
  }
}

TEST_F(Watch, RemovesOldVideosOfItsOwn) {
  const fs::path folder = folder_ / "out/masks";
  fs::create_directories(folder);
  const auto old = fs::file_time_type::clock::now() - std::chrono::hours(48);
  for (const char* name : {"20200101T000000.000Z.mkv", "mine.mkv"}) {
    write_file_atomically(folder / name, "video");
    fs::last_write_time(folder / name, old);
  }
  const Outcome outcome =
      run({"watch", write_clip(30), "--output", path("out"), "--keep", "1d", "--threads", "1"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_FALSE(fs::exists(folder / "20200101T000000.000Z.mkv"));
  EXPECT_TRUE(fs::exists(folder / "mine.mkv"));
}

// Polled while watch works, by a reader and by clients that mean ill.
TEST_F(Watch, ThePageChangesNoMask) {
  if (!WatchPage::is_built_in()) GTEST_SKIP() << "built without libmicrohttpd";
  const std::string clip = write_clip(60);
  const Arguments words = {"watch", clip, "--save", "mask", "--threads", "1", "--output"};
  const auto with = [&](const Arguments& more) {
    Arguments all = words;
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  ASSERT_EQ(run(with({path("without")})).code, 0);
  const pid_t process = start(with({path("with"), "--http", "127.0.0.1:0"}));
  const int port = port_of_page();
  int pictures = 0;
  std::vector<TcpClient> silent;
  try {
    for (int i = 0; i < 10; ++i) silent.emplace_back(port);
    for (;;) {
      if (status_of(answer_of(port, "GET", "/cameras/0/frame.jpg")) == 200) ++pictures;
      for (const char* bad : {"/../../etc/passwd", "/cameras/0/../../x", "/cameras/7/frame.jpg"}) {
        EXPECT_NE(status_of(answer_of(port, "GET", bad)), 200);
      }
      EXPECT_NE(status_of(answer_of(port, "POST", "/cameras/0/relearn",
                                    "Origin: http://evil.example\r\n", "{}")),
                202);
      EXPECT_NE(
          status_of(answer_of(port, "POST", "/cameras/0/relearn", "", std::string(100000, 'x'))),
          202);
    }
  } catch (const std::system_error&) {  // it has ended
  }
  const Outcome outcome = finish(process);
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_GT(pictures, 0);
  const auto masks = files_in(folder_ / "without/mask");
  EXPECT_EQ(masks.size(), 60U);
  for (const fs::path& mask : masks) {
    EXPECT_TRUE(read_file(mask) == read_file(folder_ / "with/mask" / mask.filename())) << mask;
  }
}

TEST_F(Watch, DoesWhatIsAskedForOnThePage) {
  if (!WatchPage::is_built_in()) GTEST_SKIP() << "built without libmicrohttpd";
  const FileServer server(read_file(write_clip(40)));
  const pid_t process = start({"watch", server.address_of("gate.avi"), "--output", path("out"),
                               "--threads", "1", "--http", "127.0.0.1:0"});
  const int port = port_of_page();
  const auto has_told = [&](const char* what) {
    const fs::path file = folder_ / "out/events.jsonl";
    return fs::exists(file) && read_file(file).find(what) != std::string::npos;
  };
  const auto wait_for = [&](const auto& condition) {
    for (int i = 0; i < 3000 && !condition(); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    return condition();
  };
  const auto has_frames = [&] {
    return status_of(answer_of(port, "GET", "/cameras/0/background.jpg")) == 200;
  };
  EXPECT_TRUE(port != 0 && wait_for(has_frames));
  EXPECT_EQ(status_of(answer_of(port, "POST", "/cameras/0/relearn",
                                "Content-Type: application/json\r\n", "{}")),
            202);
  EXPECT_TRUE(wait_for([&] { return has_told("\"relearn\""); }));
  ::kill(process, SIGTERM);
  finish(process);
}

TEST_F(Watch, RefusesAPageForAllWithoutATokenAndBrokersThatAreNone) {
  const std::string clip = write_clip(3);
  write_file_atomically(folder_ / "short", "abc\n");
  write_file_atomically(folder_ / "empty", "\n");
  const auto with = [&](const Arguments& more) {
    Arguments words = {"watch", clip, "--output", path("out")};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  };
  if (WatchPage::is_built_in()) {
    expect_failure(ExitCode::kUsage, {"no token", "--http-token-file"},
                   with({"--http", "0.0.0.0:0"}));
    expect_failure(ExitCode::kUsage, {"shorter"},
                   with({"--http", "0.0.0.0:0", "--http-token-file", path("short")}));
  }
  expect_failure(ExitCode::kUsage, {"empty"},
                 with({"--http", "0", "--http-token-file", path("empty")}));
  expect_failure(ExitCode::kInput, {"nowhere"},
                 with({"--http", "0", "--http-token-file", path("nowhere")}));
  expect_failure(ExitCode::kUsage, {"'a b'"}, with({"--mqtt", "a b"}));
  expect_failure(ExitCode::kUsage, {"USER:PASSWORD"},
                 with({"--mqtt", "localhost", "--mqtt-login-file", path("short")}));
  expect_failure(ExitCode::kUsage, {"mqtts://"},
                 with({"--mqtt", "localhost", "--mqtt-ca", path("short")}));
}

// Nobody listens there: nothing waits for it.
TEST_F(Watch, GoesOnWithoutABroker) {
  if (!MqttPublisher::is_built_in()) GTEST_SKIP() << "built without libmosquitto";
  const Outcome outcome = run({"watch", write_clip(30), "--output", path("out"), "--threads", "1",
                               "--mqtt", "127.0.0.1:1", "--mqtt-topic", "garden"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(events_of(read_file(folder_ / "out/events.jsonl")).back().at("frames"), 30);
  EXPECT_THAT(outcome.err, HasSubstr("127.0.0.1:1"));
}

TEST_F(Watch, RefusesWhatMakesNoSense) {
  const std::string clip = write_clip(3);
  const auto with = [&](const Arguments& more) {
    Arguments words = {"watch", clip, "--output", path("out")};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  };
  expect_failure(ExitCode::kUsage, {"--absorb", "'soon'"}, with({"--absorb", "soon"}));
  expect_failure(ExitCode::kUsage, {"--save", "coco"}, with({"--save", "coco"}));
  expect_failure(ExitCode::kUsage, {"background.method"},
                 with({"--set", "background.method=first"}));
  expect_failure(ExitCode::kInput, {"nowhere"},
                 {"watch", path("nowhere"), "--output", path("out")});
}

}  // namespace
}  // namespace proxseg
