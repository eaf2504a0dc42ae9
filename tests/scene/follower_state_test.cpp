#include "proxseg/scene/follower_state.h"

#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <opencv2/imgproc.hpp>
#include <set>

#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/scene/follower.h"
#include "scene/standing_object.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace proxseg {
namespace {

using nlohmann::ordered_json;

const cv::Size kWatchedSize{160, 120};

// A follower before a camera whose picture the test paints; it can be put away and taken up again.
class Watched : public testing::Test {
 protected:
  static cv::Mat room(uint64_t seed) { return furnished_room(kWatchedSize, seed); }

  void begin() {
    std::vector<cv::Mat> first;
    for (int i = 0; i < 50; ++i) first.push_back(noisy());
    follower_ = std::make_unique<SceneFollower>(first, BackgroundOptions(), FollowOptions());
  }

  void show(double seconds, const cv::Rect& object = {}) {
    constexpr double kFrame = 0.04;
    for (int i = 0; i < static_cast<int>(seconds / kFrame); ++i) {
      cv::Mat image = noisy(), mask = cv::Mat::zeros(kWatchedSize, CV_8U);
      image(object).setTo(cv::Scalar(230, 20, 210));
      mask(object) = 255;
      now_ += kFrame;
      follower_->look(image, now_);
      follower_->learn(mask);
      if (!follower_->is_certain()) uncertain_ += kFrame;
      for (const SceneEvent& event : follower_->take_events()) kinds_.insert(event.kind);
    }
  }

  // Through a folder, as another process would do.
  void put_away_for(double seconds) {
    ImageStore store(folder_ / "state");
    const std::string text = to_json(follower_->state(), store).dump();
    const FollowerState state =
        follower_state_from(ordered_json::parse(text), ImageStore(folder_ / "state"), kWatchedSize);
    follower_ = std::make_unique<SceneFollower>(state, BackgroundOptions(), FollowOptions());
    now_ += seconds;
    kinds_.clear();
    uncertain_ = 0.0;
  }

  double error() const {
    return cv::norm(follower_->scene().background, room_, cv::NORM_L1) /
           static_cast<double>(room_.total() * 3);
  }

  cv::Mat noisy() {
    cv::Mat noise(kWatchedSize, CV_16SC3), sum;
    random_.fill(noise, cv::RNG::NORMAL, 0, 2);
    cv::add(room_, noise, sum, {}, CV_8UC3);
    return sum;
  }

  TemporaryFolder folder_;
  cv::Mat room_ = room(1);
  std::unique_ptr<SceneFollower> follower_;
  std::set<std::string> kinds_;
  double now_ = 0.0, uncertain_ = 0.0;
  cv::RNG random_{7};
};

TEST_F(Watched, GoesOnWithoutLearningAnew) {
  begin();
  show(20.0);
  put_away_for(60.0);
  EXPECT_LT(error(), 2.0);
  show(10.0);
  EXPECT_TRUE(kinds_.empty()) << *kinds_.begin();
  EXPECT_EQ(uncertain_, 0.0);
}

TEST_F(Watched, AnObjectAtRestIsNoOtherOneAfterwards) {
  const cv::Rect object(60, 50, 20, 30);
  begin();
  show(12.0);
  show(80.0, object);
  EXPECT_FALSE(kinds_.contains("absorbed"));
  put_away_for(10.0);
  show(20.0, object);
  EXPECT_FALSE(kinds_.contains("absorbed"));
  show(20.0, object);  // 130 seconds in all
  EXPECT_TRUE(kinds_.contains("absorbed"));
}

TEST_F(Watched, KnowsTheOtherSceneThatTimeHasBrought) {
  begin();
  show(12.0);
  room_ = room(2);
  show(12.0);
  put_away_for(3600.0);
  room_ = room(1);
  show(0.2);
  EXPECT_TRUE(kinds_.contains("returned"));
  EXPECT_LT(error(), 2.0);
}

TEST_F(Watched, LearnsAnewWhatItHasNotSeenYet) {
  begin();
  show(12.0);
  put_away_for(3600.0);
  room_ = room(3);
  show(0.2);
  EXPECT_TRUE(kinds_.contains("changed"));
  EXPECT_FALSE(follower_->is_certain());
  show(5.0);
  EXPECT_TRUE(kinds_.contains("relearned"));
  EXPECT_LT(error(), 4.0);
}

TEST_F(Watched, KnowsHowItSeesFramesFullOfNoise) {
  begin();
  FollowerState state = follower_->state();
  state.known.at(0).scene.smoothing = 1.0;
  state.known.at(0).scene.turbulence = 2;
  state.known.at(0).scene.range = 90.0;
  ImageStore store(folder_ / "state");
  const ordered_json json = to_json(state, store);
  const FollowerState read = follower_state_from(json, store, kWatchedSize);
  EXPECT_EQ(read.known.at(0).scene.smoothing, 1.0);
  EXPECT_EQ(read.known.at(0).scene.turbulence, 2);
  EXPECT_EQ(read.known.at(0).scene.range, 90.0);
}

TEST_F(Watched, IsOfBoundedSize) {
  begin();
  show(60.0);
  ImageStore store(folder_ / "state");
  const ordered_json json = to_json(follower_->state(), store);
  ASSERT_EQ(json.at("known").size(), 1U);
  EXPECT_EQ(json.at("known")[0].at("samples").size(), 24U);
}

TEST_F(Watched, RefusesWhatIsNotAsItWasWritten) {
  begin();
  show(4.0);
  ImageStore store(folder_ / "state");
  const ordered_json json = to_json(follower_->state(), store);
  const auto expect_refusal = [&](const ordered_json& changed, cv::Size size = kWatchedSize) {
    expect_error(ExitCode::kInput, {}, [&] { follower_state_from(changed, store, size); });
  };
  expect_refusal(json, {320, 240});
  for (const char* key : {"now", "known", "standing"}) {
    ordered_json changed = json;
    changed.erase(key);
    expect_refusal(changed);
    changed[key] = "text";
    expect_refusal(changed);
  }
  ordered_json changed = json;
  changed["known"][0]["scene"]["margin"] = {40, 40};
  expect_refusal(changed);
  changed = json;
  changed["known"][0]["scene"]["scale"] = changed["known"][0]["scene"]["background"];
  expect_refusal(changed);
  changed = json;
  changed["known"][0]["scene"]["smoothing"] = -1.0;
  expect_refusal(changed);
  changed = json;
  changed["known"][0]["scene"]["turbulence"] = -1;
  expect_refusal(changed);
  changed = json;
  changed["known"][0]["scene"]["range"] = 256.0;
  expect_refusal(changed);
  changed = json;
  changed["known"][0]["gain"] = 0.0;
  expect_refusal(changed);
  std::filesystem::remove(folder_ / "state" /
                          json["known"][0]["samples"][0]["image"].get<std::string>());
  expect_refusal(json);
}

TEST(FollowerStateTest, WithoutAnythingIsNothingToGoOnWith) {
  expect_error(ExitCode::kUsage, {"nothing"},
               [] { SceneFollower(FollowerState(), BackgroundOptions(), FollowOptions()); });
}

}  // namespace
}  // namespace proxseg
