// watch, as a user leaves it on cameras.
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <opencv2/imgproc.hpp>
#include <optional>
#include <set>
#include <sstream>
#include <system_error>
#include <thread>

#include "proxseg/media/sink.h"
#include "proxseg/media/source.h"
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

  // Stops it then.
  void watch_until_found_again(const FileServer& server) const {
    const pid_t process =
        start({"watch", server.address_of("gate.avi"), "--output", path("out"), "--threads", "1"});
    // It is uncertain from its first mask on.
    for (int i = 0; i < 3000 && !(has_told("found") && has_told("uncertain")); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    ::kill(process, SIGTERM);
    const Outcome outcome = finish(process);
    EXPECT_EQ(outcome.code, static_cast<int>(ExitCode::kInterrupted)) << outcome.err;
  }

  bool has_told(const std::string& kind) const {
    const fs::path file = folder_ / "out/events.jsonl";
    return fs::exists(file) && read_file(file).find('"' + kind + '"') != std::string::npos;
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

TEST_F(Watch, WritesWhereObjectsAreInTablesOfBoundedLength) {
  const Outcome outcome = run({"watch", write_clip(60), "--output", path("out"), "--segment", "1s",
                               "--save", "tracks", "--threads", "1"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  std::set<int64_t> told;
  for (const json& event : events_of(read_file(folder_ / "out/events.jsonl"))) {
    if (event.at("event") == "object") told.insert(event.at("id").get<int64_t>());
  }
  auto files = files_in(folder_ / "out/tracks");
  std::ranges::sort(files);
  ASSERT_THAT(files.size(), testing::AllOf(testing::Ge(2), testing::Le(4)));
  std::set<int64_t> written;
  double last = 0.0;
  for (const fs::path& file : files) {
    EXPECT_EQ(file.extension(), ".csv");
    std::istringstream table(read_file(file));
    std::string line;
    std::getline(table, line);
    EXPECT_EQ(line, "time,seconds,id,x,y,width,height,state");
    const double first = last;
    while (std::getline(table, line)) {
      char state[16] = {};
      double seconds = 0.0;
      long long id = 0;
      int x = 0, y = 0, width = 0, height = 0;
      ASSERT_EQ(std::sscanf(line.c_str(), "%*[^,],%lf,%lld,%d,%d,%d,%d,%15s", &seconds, &id, &x, &y,
                            &width, &height, state),
                7)
          << line;
      EXPECT_GE(seconds, last);
      EXPECT_LE(seconds - first, first == 0.0 ? 60.0 : 1.1);
      last = seconds;
      EXPECT_TRUE(x >= 0 && y >= 0 && x + width <= 160 && y + height <= 120) << line;
      EXPECT_STREQ(state, "moving");
      written.insert(id);
    }
  }
  EXPECT_FALSE(written.empty());
  EXPECT_EQ(written, told);
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

TEST_F(Watch, SaysAtOnceThatItCannotStartTheProgram) {
  expect_failure(ExitCode::kUsage, {"--on-event", "nosuch", "No such file"},
                 {"watch", write_clip(5), "--output", path("out"), "--on-event", path("nosuch")});
}

TEST_F(Watch, GoesOnWhereAConnectionEndsAndStopsWhenToldTo) {
  const FileServer server(read_file(write_clip(40)));
  watch_until_found_again(server);
  const auto kinds = kinds_of(events_of(read_file(folder_ / "out/events.jsonl")));
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

TEST_F(Watch, TakesCamerasFromAListAndGoesOnWhereOneFails) {
  write_file_atomically(folder_ / "noise.avi", "no video");
  write_file_atomically(folder_ / "cameras",
                        "gate " + write_clip(30) + "  # good\nyard " + path("noise.avi") + "\n");
  const Outcome outcome =
      run({"watch", "--inputs", path("cameras"), "--output", path("out"), "--threads", "2"});
  EXPECT_EQ(outcome.code, static_cast<int>(ExitCode::kInput)) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("noise.avi"));
  const auto good = events_of(read_file(folder_ / "out/gate/events.jsonl"));
  EXPECT_EQ(good.back().at("event"), "stop");
  EXPECT_EQ(good.back().at("frames"), 30);
  const auto bad = events_of(read_file(folder_ / "out/yard/events.jsonl"));
  ASSERT_EQ(kinds_of(bad), std::vector<std::string>{"failed"});
  EXPECT_THAT(bad[0].at("reason").get<std::string>(), HasSubstr("noise.avi"));
}

// Nothing listens at port 9.
TEST_F(Watch, StopsWhileAStreamAmongOthersIsDown) {
  write_file_atomically(folder_ / "cameras",
                        "gate " + write_clip(30) + "\nyard http://127.0.0.1:9/yard.avi\n");
  const pid_t process =
      start({"watch", "--inputs", path("cameras"), "--output", path("out"), "--threads", "1"});
  const auto has_failed = [&] {
    const fs::path file = folder_ / "out/yard/events.jsonl";
    return fs::exists(file) && read_file(file).find("failed") != std::string::npos;
  };
  for (int i = 0; i < 3000 && !has_failed(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_TRUE(has_failed());
  ::kill(process, SIGTERM);
  EXPECT_EQ(finish(process).code, static_cast<int>(ExitCode::kInterrupted));
}

TEST_F(Watch, TellsOfGapsInTheStream) {
  VideoWriter video(folder_ / "gaps.mkv", {64, 48}, 25.0);
  for (int i = 0; i < 60; ++i) {
    video.write(cv::Mat(48, 64, CV_8U, cv::Scalar(60 + i % 3)), 0.04 * i + (i < 40 ? 0.0 : 5.0));
  }
  video.close();
  const Outcome outcome =
      run({"watch", path("gaps.mkv"), "--output", path("out"), "--threads", "1"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  std::vector<double> lengths;
  for (const json& event : events_of(read_file(folder_ / "out/events.jsonl"))) {
    if (event.at("event") == "gap") lengths.push_back(event.at("length"));
  }
  ASSERT_EQ(lengths.size(), 1U);
  EXPECT_NEAR(lengths[0], 5.04, 0.01);
}

TEST_F(Watch, SaysWhichObjectHasBecomeBackground) {
  cv::RNG random(7);
  std::vector<cv::Mat> images;
  for (int i = 0; i < 400; ++i) {
    cv::Mat image(120, 160, CV_8UC3, cv::Scalar(90, 110, 100)), noise(image.size(), CV_8UC3);
    for (int x = 0; x < 160; x += 16) cv::line(image, {x, 0}, {x, 119}, {60, 60, 60}, 2);
    cv::rectangle(image, cv::Rect(std::min(2 * i - 250, 70), 50, 24, 30), {230, 20, 210},
                  cv::FILLED);
    random.fill(noise, cv::RNG::UNIFORM, 0, 6);
    images.push_back(image + noise);
  }
  write_avi(folder_ / "rests.avi", images);
  const Outcome outcome =
      run({"watch", path("rests.avi"), "--output", path("out"), "--absorb", "2s"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  std::set<int64_t> objects;
  std::vector<int64_t> absorbed;
  for (const json& event : events_of(read_file(folder_ / "out/events.jsonl"))) {
    if (event.at("event") == "object") objects.insert(event.at("id").get<int64_t>());
    if (event.at("event") == "absorbed") absorbed.push_back(event.at("id"));
  }
  ASSERT_FALSE(absorbed.empty());
  for (const int64_t id : absorbed) EXPECT_TRUE(objects.contains(id)) << id;
}

// More frames come at once than can be segmented.
TEST_F(Watch, SaysHowManyFramesItHasDroppedAndHowLateMasksAre) {
  const FileServer server(read_file(write_clip(400)));
  watch_until_found_again(server);
  int64_t frames = 0, dropped = 0;
  for (const json& event : events_of(read_file(folder_ / "out/events.jsonl"))) {
    if (event.at("event") != "statistics") continue;
    frames += event.at("frames").get<int64_t>();
    dropped += event.at("dropped").get<int64_t>();
    EXPECT_GT(event.at("delay"), 0.0);
  }
  EXPECT_GT(frames, 0);
  EXPECT_GT(dropped, 0);
}

// The frames of a camera that goes on while the program is killed and started again.
class KilledWatch : public Watch {
 protected:
  KilledWatch() {
    ::mkfifo(path("stdin").c_str(), 0600);
    pipe_.emplace(::open(path("stdin").c_str(), O_RDWR | O_CLOEXEC));
    cv::Mat cells(6, 8, CV_8UC3);
    random_.fill(cells, cv::RNG::UNIFORM, 40, 160);
    cv::resize(cells, scene_, {80, 60}, 0, 0, cv::INTER_CUBIC);
  }

  pid_t start_watch() const {
    return start({"watch", "-", "--size", "80x60", "--output", path("out"), "--segment", "10s",
                  "--save", "mask-video,mask", "--threads", "1"});
  }

  void send(int frames) {
    for (int i = 0; i < frames; ++i) {
      cv::Mat noise(scene_.size(), CV_8UC3);
      random_.fill(noise, cv::RNG::UNIFORM, 0, 6);
      const cv::Mat image = scene_ + noise;
      const char* bytes = image.ptr<char>();
      for (size_t left = image.total() * 3; left > 0;) {
        const ssize_t count = ::write(pipe_->get(), bytes, left);
        if (count <= 0) return;
        bytes += count;
        left -= static_cast<size_t>(count);
      }
    }
  }

  // A minute and more of the stream, whose state has been saved; then it is killed.
  void watch_and_kill() {
    const pid_t process = start_watch();
    send(1700);
    for (int i = 0; i < 1000 && !fs::exists(state()); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    ::kill(process, SIGKILL);
    int status = 0;
    ::waitpid(process, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status));
    ASSERT_TRUE(fs::exists(state()));
  }

  // And stops it. Returns the events since then.
  std::vector<json> watch_again() {
    const size_t before = events_of(read_file(folder_ / "out/events.jsonl")).size();
    const pid_t process = start_watch();
    send(200);
    while (events_of(read_file(folder_ / "out/events.jsonl")).size() == before) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    ::kill(process, SIGTERM);
    const Outcome outcome = finish(process);
    EXPECT_EQ(outcome.code, static_cast<int>(ExitCode::kInterrupted)) << outcome.err;
    messages_ = outcome.err;
    auto events = events_of(read_file(folder_ / "out/events.jsonl"));
    events.erase(events.begin(), events.begin() + static_cast<std::ptrdiff_t>(before));
    return events;
  }

  fs::path state() const { return folder_ / "out/state/state.json"; }

  cv::RNG random_{7};
  cv::Mat scene_;
  std::optional<FileDescriptor> pipe_;
  std::string messages_;
};

TEST_F(KilledWatch, GoesOnWithWhatItKnew) {
  watch_and_kill();
  const auto count_images = [&] {
    return std::ranges::count_if(files_in(folder_ / "out/mask"), [](const fs::path& file) {
      return file.filename().string().starts_with("frame");
    });
  };
  const auto images = count_images();
  const auto events = watch_again();
  const auto kinds = kinds_of(events);
  EXPECT_EQ(events[0].at("event"), "start");
  EXPECT_EQ(events[0].at("resumed"), true);
  EXPECT_GE(events[0].at("seconds"), 59.0);
  EXPECT_EQ(events.back().at("event"), "stop");
  EXPECT_THAT(kinds, Not(Contains("uncertain")));
  EXPECT_THAT(kinds, Not(Contains("relearned")));
  // What was finished is whole, and what was not can be read as far as it went.
  int64_t frames = 0;
  for (const fs::path& video : files_in(folder_ / "out/masks")) {
    EXPECT_FALSE(video.filename().string().starts_with('.')) << video;
    const auto source = open_source(video.string());
    while (source->next()) ++frames;
  }
  EXPECT_GE(frames, 1650);
  EXPECT_EQ(count_images() - images, events.back().at("frames"));
}

TEST_F(KilledWatch, BeginsAfreshWhereItsStateIsCut) {
  watch_and_kill();
  const std::string bytes = read_file(state());
  write_file_atomically(state(), bytes.substr(0, bytes.size() / 2));
  const auto events = watch_again();
  EXPECT_EQ(events[0].at("resumed"), false);
  EXPECT_THAT(kinds_of(events), Contains("uncertain"));
  EXPECT_THAT(messages_, HasSubstr("state.json"));
}

TEST_F(KilledWatch, LetsNoOtherProcessIntoItsFolder) {
  const pid_t process = start_watch();
  send(100);
  for (int i = 0; i < 1000 && !has_told("uncertain"); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  expect_failure(ExitCode::kOutput, {"another process is watching into"},
                 {"watch", write_clip(3), "--output", path("out"), "--threads", "1"});
  ::kill(process, SIGTERM);
  EXPECT_EQ(finish(process).code, static_cast<int>(ExitCode::kInterrupted));
}

// Where systemd would listen.
TEST_F(Watch, TellsTheServiceManagerThatItIsReadyAliveAndStops) {
  const FileDescriptor manager(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name = path("notify");
  ASSERT_LT(name.size(), sizeof address.sun_path);
  name.copy(address.sun_path, name.size());
  ASSERT_EQ(::bind(manager.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  const timeval patience{60, 0};
  ::setsockopt(manager.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  const FileServer server(read_file(write_clip(40)));
  ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
  ::setenv("WATCHDOG_USEC", "400000", 1);
  const pid_t process =
      start({"watch", server.address_of("gate.avi"), "--output", path("out"), "--threads", "1"});
  ::unsetenv("NOTIFY_SOCKET");
  ::unsetenv("WATCHDOG_USEC");
  const auto hear = [&](const std::string& wanted) {
    char text[512];
    for (ssize_t count; (count = ::recv(manager.get(), text, sizeof text, 0)) > 0;) {
      if (std::string(text, static_cast<size_t>(count)).starts_with(wanted)) return true;
    }
    return false;
  };
  EXPECT_TRUE(hear("READY=1"));
  EXPECT_TRUE(hear("WATCHDOG=1"));
  EXPECT_TRUE(hear("WATCHDOG=1"));
  EXPECT_TRUE(hear("STATUS="));
  ::kill(process, SIGTERM);
  EXPECT_TRUE(hear("STOPPING=1"));
  EXPECT_EQ(finish(process).code, static_cast<int>(ExitCode::kInterrupted));
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

TEST_F(Watch, RefusesSettingsOfAPageOrABrokerThatThereIsNot) {
  for (const char* option :
       {"--http-token-file", "--mqtt-topic", "--mqtt-login-file", "--mqtt-ca"}) {
    const std::string needed = std::string(option).starts_with("--http") ? "--http" : "--mqtt";
    expect_failure(ExitCode::kUsage, {option, needed},
                   {"watch", path("none"), "--output", path("out"), option, "x"});
  }
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
  expect_failure(ExitCode::kUsage, {"INPUT is missing"}, {"watch", "--output", path("out")});
  expect_failure(ExitCode::kUsage, {"not both"}, with({"--inputs", path("cameras")}));
}

}  // namespace
}  // namespace proxseg
