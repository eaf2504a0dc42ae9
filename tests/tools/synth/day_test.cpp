#include <gtest/gtest.h>

#include <opencv2/core.hpp>

#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/media/cdnet.h"
#include "proxseg/tools/synth.h"
#include "support/temporary_folder.h"

namespace proxseg {
namespace {

SynthOptions short_day() {
  SynthOptions options;
  options.frames = 1000;
  options.width = 96;
  options.height = 72;
  options.objects = 6;
  return options;
}

const Stretch& stretch(const SynthDay& day, const std::string& name) {
  for (const Stretch& one : day.stretches()) {
    if (one.name == name) return one;
  }
  throw std::runtime_error("no stretch " + name);
}

cv::Scalar mean_of(const SynthDay& day, int64_t frame) { return cv::mean(day.frame(frame).image); }

TEST(SynthDay, StretchesHoldEveryFrameOnce) {
  const SynthDay day(short_day());
  int64_t next = 0;
  for (const Stretch& one : day.stretches()) {
    EXPECT_EQ(one.first, next) << one.name;
    EXPECT_GE(one.last, one.first) << one.name;
    next = one.last + 1;
  }
  EXPECT_EQ(next, 1000);
}

TEST(SynthDay, IsWhatItsStretchesSay) {
  const SynthDay day(short_day());
  EXPECT_GT(mean_of(day, stretch(day, "dawn").last)[1], 1.8 * mean_of(day, 0)[1]);
  const cv::Scalar night = mean_of(day, stretch(day, "night").first);
  EXPECT_DOUBLE_EQ(night[0], night[1]);
  EXPECT_DOUBLE_EQ(night[0], night[2]);
  const int64_t tour = stretch(day, "tour").first;
  const cv::Mat before = day.frame(tour).image, turned = day.frame(tour + 20).image;
  EXPECT_GT(cv::norm(before, turned, cv::NORM_L1) / static_cast<double>(before.total() * 3), 15.0);
}

TEST(SynthDay, ACarThatParksIsAnObjectAndThenUnknown) {
  SynthOptions options = short_day();
  options.objects = 0;
  const SynthDay day(options);
  const auto share = [&](int64_t frame, int value) {
    const cv::Mat labels = day.frame(frame).labels;
    return cv::countNonZero(labels == value) / static_cast<double>(labels.total());
  };
  EXPECT_EQ(share(265, label::kMoving), 0.0);
  EXPECT_GT(share(345, label::kMoving), 0.01);
  EXPECT_EQ(share(355, label::kMoving), 0.0);
  EXPECT_GT(share(355, label::kUnknown), 0.01);
}

TEST(SynthDay, ACarThatLeavesWasBackground) {
  SynthOptions options = short_day();
  options.objects = 0;
  const SynthDay day(options);
  const cv::Mat standing = day.frame(100).labels, driving = day.frame(390).labels;
  EXPECT_EQ(cv::countNonZero(standing == label::kMoving), 0);
  EXPECT_GT(cv::countNonZero(driving == label::kMoving), 0);
}

TEST(SynthDay, WritesItsStretches) {
  const TemporaryFolder folder;
  SynthOptions options = short_day();
  options.frames = 400;
  options.width = 48;
  options.height = 36;
  generate_day(options, folder / "day");
  const std::string rows = read_file(folder / "day/stretches.csv");
  EXPECT_EQ(rows.find("name,first,last\ndawn,1,32\n"), 0U) << rows;
  EXPECT_NE(rows.find("smear,369,400\n"), std::string::npos) << rows;
  EXPECT_TRUE(std::filesystem::exists(folder / "day/groundtruth/gt000400.png"));
}

TEST(SynthDay, RefusesADayThatIsTooShort) {
  SynthOptions options = short_day();
  options.frames = 399;
  EXPECT_THROW(SynthDay{options}, UsageError);
}

}  // namespace
}  // namespace proxseg
