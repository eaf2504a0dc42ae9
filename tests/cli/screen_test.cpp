#include <fmt/format.h>
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <opencv2/imgproc.hpp>

#include "support/program.h"
#include "support/sequence_files.h"
#include "support/video_files.h"

namespace proxseg {
namespace {

using nlohmann::json;

class Screen : public Program {
 protected:
  // Noise on a pattern.
  static cv::Mat empty_frame(cv::RNG& random) {
    cv::Mat frame(120, 160, CV_8UC3, cv::Scalar(90, 110, 100));
    cv::rectangle(frame, {20, 20, 60, 30}, cv::Scalar(60, 80, 70), cv::FILLED);
    cv::Mat noise(frame.size(), CV_8UC3);
    random.fill(noise, cv::RNG::UNIFORM, 0, 6);
    frame += noise;
    return frame;
  }

  // A square is seen from `first` to before `last`, at x + step * frame.
  void write_clip(const std::string& name, int first, int last, int x, int step) const {
    std::vector<cv::Mat> frames;
    cv::RNG random(7);
    for (int i = 0; i < 16; ++i) {
      cv::Mat frame = empty_frame(random);
      if (i >= first && i < last) {
        cv::rectangle(frame, {x + step * i, 60, 24, 30}, cv::Scalar(20, 30, 220), cv::FILLED);
      }
      frames.push_back(frame);
    }
    std::filesystem::create_directories(folder_ / "trap");
    write_avi(folder_ / "trap" / name, frames);
  }
};

// What stands still for a whole clip is found by the scene that its neighbours share.
TEST_F(Screen, ClipsInWhichSomethingMovesComeFirst) {
  for (const char* name : {"empty1.avi", "empty2.avi", "empty3.avi"}) write_clip(name, 0, 0, 0, 0);
  write_clip("passes.avi", 4, 10, 10, 8);
  write_clip("stands.avi", 0, 16, 60, 0);
  const Outcome outcome =
      run({"screen", path("trap"), "--output", path("sheet"), "--json", "--threads", "1"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const json clips = json::parse(outcome.out);
  ASSERT_EQ(clips.size(), 5U);
  EXPECT_EQ(clips[0].at("clip"), "stands");
  EXPECT_EQ(clips[0].at("moving"), 16);
  EXPECT_EQ(clips[1].at("clip"), "passes");
  EXPECT_EQ(clips[1].at("first"), 5);
  EXPECT_EQ(clips[1].at("last"), 10);
  EXPECT_NEAR(clips[1].at("coverage"), 24.0 * 30.0 / (120.0 * 160.0), 0.01);
  for (size_t i = 2; i < 5; ++i) {
    EXPECT_EQ(clips[i].at("moving"), 0) << clips[i];
    EXPECT_EQ(clips[i].at("best"), "");
  }
  EXPECT_EQ(json::parse(read_file(path("sheet/screen.json"))), clips);
  const std::string csv = read_file(path("sheet/screen.csv"));
  EXPECT_EQ(std::ranges::count(csv, '\n'), 6);
  const std::string page = read_file(path("sheet/index.html"));
  EXPECT_THAT(page, testing::HasSubstr("Something moves in 2 of 5 clips"));
  EXPECT_THAT(page, testing::HasSubstr("data:image/jpeg;base64,"));
}

// Three images at each trigger; an animal at the second one.
TEST_F(Screen, AFolderOfImagesIsDividedIntoBursts) {
  cv::RNG random(7);
  for (int i = 0; i < 12; ++i) {
    cv::Mat frame = empty_frame(random);
    if (i / 3 == 1) cv::rectangle(frame, {60, 60, 24, 30}, cv::Scalar(20, 30, 220), cv::FILLED);
    save_with_time(folder_ / fmt::format("card/IMG_{:04}.JPG", i + 1), frame,
                   fmt::format("2024:05:01 {:02}:30:0{}", 3 + i / 3, i % 3));
  }
  const Outcome outcome = run({"screen", path("card"), "--output", path("sheet"), "--json"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const json clips = json::parse(outcome.out);
  ASSERT_EQ(clips.size(), 4U);
  EXPECT_EQ(clips[0].at("clip"), "card/IMG_0004");
  EXPECT_EQ(clips[0].at("taken"), "2024-05-01 04:30:00");
  EXPECT_EQ(clips[0].at("frames"), 3);
  EXPECT_EQ(clips[0].at("moving"), 3);
  EXPECT_EQ(clips[0].at("first"), 4);
  for (size_t i = 1; i < 4; ++i) EXPECT_EQ(clips[i].at("moving"), 0) << clips[i];
  EXPECT_THAT(read_file(path("sheet/index.html")), testing::HasSubstr("2024-05-01 04:30:00"));
  save(folder_ / "card/IMG_0013.JPG", cv::Mat(120, 160, CV_8UC3, cv::Scalar(90, 110, 100)));
  const auto whole =
      json::parse(run({"screen", path("card"), "--output", path("s"), "--json"}).out);
  EXPECT_EQ(whole.size(), 1U);  // one does not say when
}

TEST_F(Screen, AClipThatCannotBeReadIsSaidAndTheOthersAreDone) {
  write_clip("passes.avi", 4, 10, 10, 8);
  save_text(folder_ / "trap/broken.mp4", "no video");
  const Outcome outcome = run({"screen", path("trap"), "--output", path("sheet")});
  EXPECT_EQ(outcome.code, static_cast<int>(ExitCode::kInput));
  EXPECT_THAT(outcome.err, testing::HasSubstr("broken"));
  EXPECT_THAT(outcome.err, testing::HasSubstr("1 of 2 clips could not be read"));
  const json clips = json::parse(read_file(path("sheet/screen.json")));
  EXPECT_EQ(clips[1].at("clip"), "broken");
  EXPECT_THAT(clips[1].at("problem").get<std::string>(), testing::HasSubstr("not a video"));
}

// Also where the others share a scene with it.
TEST_F(Screen, AClipWithAFrameOfAnotherSizeIsSaidAndTheOthersAreDone) {
  cv::RNG random(7);
  for (const char* clip : {"a", "b", "c"}) {
    for (int i = 0; i < 8; ++i) {
      cv::Mat frame = empty_frame(random);
      if (*clip == 'b') cv::rectangle(frame, {10 + 12 * i, 60, 24, 30}, {20, 30, 220}, cv::FILLED);
      if (*clip == 'c' && i % 2 == 1) cv::resize(frame, frame, {80, 60});
      save(folder_ / fmt::format("trap/{}/f{:06}.png", clip, i), frame);
    }
  }
  const Outcome outcome = run({"screen", path("trap"), "--output", path("sheet")});
  EXPECT_EQ(outcome.code, static_cast<int>(ExitCode::kInput));
  EXPECT_THAT(outcome.err, testing::HasSubstr("1 of 3 clips could not be read"));
  const json clips = json::parse(read_file(path("sheet/screen.json")));
  EXPECT_EQ(clips[0].at("clip"), "b");
  EXPECT_EQ(clips[0].at("moving"), 8);
  EXPECT_EQ(clips[0].at("first"), 0) << "the number of its first frame";
  EXPECT_EQ(clips[2].at("clip"), "c");
  EXPECT_THAT(clips[2].at("problem").get<std::string>(), testing::HasSubstr("80 x 60"));
}

}  // namespace
}  // namespace proxseg
