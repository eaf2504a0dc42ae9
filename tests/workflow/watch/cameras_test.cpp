// Several cameras in one process, as they fail.
#include <gmock/gmock.h>
#include <sys/wait.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/media/sink.h"
#include "proxseg/workflow/watch.h"
#include "support/expect_error.h"
#include "support/file_server.h"
#include "support/logged.h"
#include "support/temporary_folder.h"
#include "support/video_files.h"

namespace proxseg {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Fails as it is told to at the third frame that it sees of each connection.
class Looker : public WatchObserver {
 public:
  explicit Looker(std::function<void()> fail = [] {}) : fail_(std::move(fail)) {}

  void on_event(const std::string& event, const std::string&) override {
    if (event == "failed") ++failures;
    if (event == "start") frames_ = 0;
  }
  void on_frame(const LiveFrame&) override {
    if (++frames_ == 3) fail_();
  }

  std::atomic<int> failures = 0;

 private:
  std::function<void()> fail_;
  int frames_ = 0;
};

class Cameras : public testing::Test {
 protected:
  Cameras() {
    cv::RNG random(7);
    std::vector<cv::Mat> images;
    for (int i = 0; i < 40; ++i) {
      images.emplace_back(48, 64, CV_8UC3);
      random.fill(images.back(), cv::RNG::UNIFORM, 90, 96);
    }
    write_avi(clip_, images);
    source_.reconnect = 600.0;
  }

  WatchedCamera& add(const std::string& name, const std::string& input) {
    WatchedCamera& camera = cameras_.emplace_back();
    camera.input = {input, name};
    camera.folder = folder_ / name;
    return camera;
  }
  WatchedCamera& add(const std::string& name, const FileServer& server, Looker& looker) {
    WatchedCamera& camera = add(name, server.address_of(name));
    camera.observers = {&looker};
    return camera;
  }

  // Until is_over or, where that never comes, for two minutes.
  void watch_until(const std::function<bool()>& is_over) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(2);
    watch_all(segmenter_, cameras_, source_, options_, /*threads=*/1,
              [&] { return is_over() || std::chrono::steady_clock::now() > end; });
    EXPECT_TRUE(is_over());
  }

  void expect_refused(const std::string& name, const std::string& input,
                      const std::string& reason) {
    cameras_.clear();
    add(name, input);
    watch_all(segmenter_, cameras_, source_, options_, /*threads=*/1, [] { return false; });
    ASSERT_TRUE(cameras_[0].error);
    expect_error(ExitCode::kOutput, {reason, cameras_[0].folder.string()},
                 [&] { std::rethrow_exception(cameras_[0].error); });
  }

  std::vector<std::string> events_of(const WatchedCamera& camera) const {
    std::istringstream lines(read_file(camera.folder / "events.jsonl"));
    std::vector<std::string> events;
    for (std::string line; std::getline(lines, line);) {
      const std::string event = nlohmann::json::parse(line).at("event");
      if (event != "statistics") events.push_back(event);
    }
    return events;
  }

  static NetworkSegmenter small_segmenter() {
    Recipe recipe;
    recipe.model.unet.channels = 4;
    return NetworkSegmenter(Model(recipe, 3));
  }

  const TemporaryFolder folder_;
  const std::string clip_ = (folder_ / "clip.avi").string();
  const NetworkSegmenter segmenter_ = small_segmenter();
  std::deque<WatchedCamera> cameras_;
  SourceOptions source_;
  WatchOptions options_;
};

TEST_F(Cameras, GoOnAfterAFaultOfTheProgram) {
  const FileServer gate(read_file(clip_)), silent("silence", 0);
  Looker looker([] { CV_Error(cv::Error::StsError, "a fault in a library"); }), other;
  const WatchedCamera& failing = add("gate", gate, looker);
  add("yard", silent, other);
  const std::string log = logged([&] { watch_until([&] { return looker.failures >= 2; }); });
  EXPECT_TRUE(failing.pulse.has_failed);
  for (const WatchedCamera& camera : cameras_) EXPECT_FALSE(camera.error);
  EXPECT_THAT(log, HasSubstr("gate: "));
  EXPECT_THAT(log, HasSubstr("a fault in a library"));
  const auto events = events_of(failing);
  EXPECT_THAT(events, testing::Contains("failed"));
  EXPECT_EQ(events.back(), "stop");
  EXPECT_TRUE(std::filesystem::exists(failing.folder / "state/state.json"));
}

TEST_F(Cameras, SayTheSameReasonInTheLogAndAsAnEvent) {
  const FileServer gate(read_file(clip_)), silent("silence", 0);
  Looker looker([] { throw std::bad_alloc(); }), other;
  const WatchedCamera& failing = add("gate", gate, looker);
  add("yard", silent, other);
  const std::string log = logged([&] { watch_until([&] { return looker.failures >= 2; }); });
  EXPECT_THAT(log, HasSubstr("gate: not enough memory; it is tried again"));
  EXPECT_THAT(read_file(failing.folder / "events.jsonl"), HasSubstr("\"not enough memory\""));
}

TEST_F(Cameras, TellOnceWhyOneStaysDown) {
  const FileServer noise("no video"), silent("silence", 0);
  std::atomic<int> requests_of_one = 0;
  Looker looker, other;
  const WatchedCamera& down = add("gate", noise, looker);
  add("yard", silent, other);
  // The third connection is tried.
  const auto is_over = [&] {
    if (looker.failures == 1 && requests_of_one == 0) requests_of_one = noise.requests();
    return requests_of_one > 0 && noise.requests() > 2 * requests_of_one;
  };
  const std::string log = logged([&] { watch_until(is_over); });
  EXPECT_THAT(events_of(down), ElementsAre("failed"));
  const size_t said = log.find("it is tried again");
  ASSERT_NE(said, std::string::npos) << log;
  EXPECT_EQ(log.find("it is tried again", said + 1), std::string::npos) << log;
}

TEST_F(Cameras, TellAgainWhereOneHasWorkedSince) {
  const FileServer gate(read_file(clip_));
  Looker looker([] { throw InputError("a broken cable"); });
  add("gate", gate, looker);
  watch_until([&] { return looker.failures >= 2; });
}

TEST_F(Cameras, LeaveTheFramesThatTheyAreMadeOf) {
  const cv::Mat frame(48, 64, CV_8U, cv::Scalar(90));
  for (const char* name : {"000001", "000002"}) {
    write_png(folder_ / "gate/mask" / (std::string(name) + ".png"), frame);
  }
  const std::string before = read_file(folder_ / "gate/mask/000001.png");
  options_.save = {Product::kMask};
  expect_refused("gate", (folder_ / "gate/mask").string(), "lie in");
  EXPECT_TRUE(read_file(folder_ / "gate/mask/000001.png") == before);
}

TEST_F(Cameras, LeaveFoldersOfOtherCommands) {
  for (const std::string name : {"segmentation.json", "provenance.json"}) {
    write_file_atomically(folder_ / name / name, "{}");
    expect_refused(name, clip_, "another command");
  }
}

TEST_F(Cameras, LeaveFoldersOfOtherFiles) {
  std::filesystem::create_directory(folder_ / "other");
  const std::string other = (folder_ / "other/clip.avi").string();
  std::filesystem::copy(clip_, other);
  const auto now = [] { return false; };
  for (int time = 0; time < 2; ++time) {
    cameras_.clear();
    add("gate", clip_);
    watch_all(segmenter_, cameras_, source_, options_, /*threads=*/1, now);
    EXPECT_FALSE(cameras_[0].error) << "the same file again";
  }
  expect_refused("gate", other, clip_);
}

TEST_F(Cameras, TakeAFolderWhoseRecordIsDamaged) {
  for (const char* record : {"", "3", R"({"input": 3, "stream": "x"})", R"({"input": "x"})"}) {
    write_file_atomically(folder_ / "gate/watch.json", record);
    cameras_.clear();
    add("gate", clip_);
    watch_all(segmenter_, cameras_, source_, options_, /*threads=*/1, [] { return false; });
    EXPECT_FALSE(cameras_[0].error) << record;
    EXPECT_NE(read_file(folder_ / "gate/watch.json"), record);
  }
}

TEST_F(Cameras, ClaimNoFolderBeforeTheirFirstFrame) {
  write_file_atomically(folder_ / "broken.avi", "no video");
  cameras_.clear();
  add("gate", (folder_ / "broken.avi").string());
  watch_all(segmenter_, cameras_, source_, options_, /*threads=*/1, [] { return false; });
  EXPECT_TRUE(cameras_[0].error);
  EXPECT_FALSE(is_there(folder_ / "gate/watch.json"));
}

TEST_F(Cameras, LeaveNoEndedProgramBehind) {
  options_.on_event = "true";
  add("gate", clip_);
  watch_all(segmenter_, cameras_, source_, options_, /*threads=*/1, [] { return false; });
  ASSERT_FALSE(cameras_[0].error);
  const auto has_children = [] {
    siginfo_t info{};
    return ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 || errno != ECHILD;
  };
  for (int i = 0; i < 1000 && has_children(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_FALSE(has_children());
}

}  // namespace
}  // namespace proxseg
