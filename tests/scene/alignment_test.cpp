#include "proxseg/scene/alignment.h"

#include <gtest/gtest.h>

#include <cmath>
#include <opencv2/imgproc.hpp>

namespace proxseg {
namespace {

constexpr int kMargin = 24;

// A world with structure to hold on to, larger than what the camera sees of it.
cv::Mat world(int type) {
  cv::Mat image(160 + 2 * kMargin, 200 + 2 * kMargin, type, cv::Scalar::all(90));
  cv::RNG random(7);
  for (int i = 0; i < 160; ++i) {
    const cv::Point corner(random.uniform(0, image.cols), random.uniform(0, image.rows));
    cv::rectangle(
        image, {corner, cv::Size(random.uniform(6, 30), random.uniform(6, 30))},
        cv::Scalar(random.uniform(0, 256), random.uniform(0, 256), random.uniform(0, 256)),
        cv::FILLED);
  }
  cv::GaussianBlur(image, image, {3, 3}, 0);
  return image;
}

cv::Mat seen_from(const cv::Mat& world, int dx, int dy) {
  return world(cv::Rect(kMargin + dx, kMargin + dy, 200, 160)).clone();
}

std::vector<cv::Mat> shaken(int count, int by, int type = CV_8UC3) {
  const cv::Mat scene = world(type);
  cv::RNG random(11);
  std::vector<cv::Mat> frames;
  for (int i = 0; i < count; ++i) {
    frames.push_back(seen_from(scene, random.uniform(-by, by + 1), random.uniform(-by, by + 1)));
  }
  return frames;
}

TEST(Alignment, FindsTheShift) {
  for (const int type : {CV_8UC1, CV_8UC3}) {
    const cv::Mat scene = world(type);
    const Alignment alignment(seen_from(scene, 0, 0));
    const cv::Mat transform = alignment.transform_of(seen_from(scene, 9, -5));
    EXPECT_NEAR(transform.at<double>(0, 2), 9.0, 0.2);
    EXPECT_NEAR(transform.at<double>(1, 2), -5.0, 0.2);
    EXPECT_NEAR(transform.at<double>(0, 0), 1.0, 0.01);
    EXPECT_NEAR(transform.at<double>(0, 1), 0.0, 0.01);
  }
}

TEST(Alignment, IsNotMovedByAnObject) {
  const cv::Mat scene = world(CV_8UC3);
  cv::Mat frame = seen_from(scene, 4, 3);
  seen_from(scene, -20, -20)(cv::Rect(60, 40, 60, 60)).copyTo(frame(cv::Rect(70, 50, 60, 60)));
  const cv::Mat transform = Alignment(seen_from(scene, 0, 0)).transform_of(frame);
  EXPECT_NEAR(transform.at<double>(0, 2), 4.0, 0.3);
  EXPECT_NEAR(transform.at<double>(1, 2), 3.0, 0.3);
}

TEST(Alignment, OfAnImageWithoutStructureIsTheIdentity) {
  const cv::Mat flat(120, 160, CV_8UC1, cv::Scalar(80));
  const cv::Mat transform = Alignment(flat).transform_of(flat);
  EXPECT_EQ(cv::norm(transform, cv::Mat::eye(2, 3, CV_64F), cv::NORM_INF), 0.0);
}

TEST(Alignment, MeasuresInPixelsOfTheFramesWhateverTheirSize) {
  cv::Mat scene;
  cv::resize(world(CV_8UC1), scene, {}, 3, 3, cv::INTER_CUBIC);
  const cv::Rect view(3 * kMargin, 3 * kMargin, 600, 480);
  const cv::Mat transform =
      Alignment(scene(view)).transform_of(scene(view + cv::Point(30, -18)).clone());
  EXPECT_NEAR(transform.at<double>(0, 2), 30.0, 0.6);
  EXPECT_NEAR(transform.at<double>(1, 2), -18.0, 0.6);
}

TEST(Align, BringsAFrameOntoTheReferenceAndBack) {
  const cv::Mat scene = world(CV_8UC3);
  const cv::Mat reference = seen_from(scene, 0, 0), frame = seen_from(scene, 8, 6);
  const cv::Mat transform = Alignment(reference).transform_of(frame);
  const cv::Rect shared(20, 20, 160, 120);
  EXPECT_LT(
      cv::norm(align(frame, transform, frame.size())(shared), reference(shared), cv::NORM_L1) /
          static_cast<double>(shared.area() * 3),
      2.0);
  EXPECT_LT(
      cv::norm(unalign(reference, transform, frame.size())(shared), frame(shared), cv::NORM_L1) /
          static_cast<double>(shared.area() * 3),
      2.0);
}

TEST(Align, ShowsTheBackgroundWhereTheFrameShowsNothing) {
  const cv::Mat frame(40, 50, CV_8UC1, cv::Scalar(100)), background(40, 50, CV_8UC1, cv::Scalar(7));
  const cv::Mat shift = (cv::Mat_<double>(2, 3) << 1, 0, 10, 0, 1, 0);
  const cv::Mat aligned = align(frame, shift, background);
  EXPECT_EQ(cv::countNonZero(aligned.colRange(0, 9) == 7), 9 * 40);
  EXPECT_EQ(cv::countNonZero(aligned(cv::Rect(11, 1, 38, 38)) == 100), 38 * 38);
  EXPECT_EQ(cv::countNonZero(background == 7), 50 * 40);
}

TEST(FindMotion, AnObjectThatIsAllThereIsToHoldOnToIsNoCamera) {
  // Waves of noise, and on them a drifting thing with corners.
  std::vector<cv::Mat> frames;
  cv::RNG random(3);
  const cv::Mat thing = seen_from(world(CV_8UC1), 0, 0)(cv::Rect(40, 40, 50, 30));
  for (int i = 0; i < 20; ++i) {
    cv::Mat frame(160, 200, CV_8UC1), waves(40, 50, CV_8UC1);
    random.fill(waves, cv::RNG::NORMAL, 120, 25);
    cv::resize(waves, frame, frame.size(), 0, 0, cv::INTER_CUBIC);
    thing.copyTo(frame(cv::Rect(20 + 4 * i, 60 + i, 50, 30)));
    frames.push_back(frame);
  }
  EXPECT_EQ(find_motion(frames), nullptr);
}

TEST(FindMotion, FindsACameraThatWasKnocked) {
  const cv::Mat scene = world(CV_8UC3);
  std::vector<cv::Mat> frames;
  for (int i = 0; i < 20; ++i)
    frames.push_back(i < 12 ? seen_from(scene, 0, 0) : seen_from(scene, 7, 4));
  const auto alignment = find_motion(frames);
  ASSERT_NE(alignment, nullptr);
  const cv::Mat by = alignment->transform_of(frames[15]) - alignment->transform_of(frames[2]);
  EXPECT_NEAR(by.at<double>(0, 2), 7.0, 0.5);
  EXPECT_NEAR(by.at<double>(1, 2), 4.0, 0.5);
}

// A background that is given as a file has the size of a frame.
TEST(FindMotion, OntoAPictureTakesNoMargin) {
  const auto frames = shaken(20, 8);
  EXPECT_GE(find_motion(frames)->margin().width, 5);
  const auto alignment = find_motion_onto(frames[3], frames);
  ASSERT_NE(alignment, nullptr);
  EXPECT_EQ(alignment->margin(), cv::Size());
  EXPECT_LT(largest_shift(alignment->transform_of(frames[3]), frames[3].size()), 0.5);
}

TEST(Alignment, FindsTheShiftInWhateverExposure) {
  const cv::Mat scene = world(CV_8UC3);
  const Alignment alignment(seen_from(scene, 0, 0));
  for (const double gain : {0.8, 0.9, 1.1, 1.2}) {
    const cv::Mat transform = alignment.transform_of(seen_from(scene, 9, -5) * gain);
    EXPECT_NEAR(transform.at<double>(0, 2), 9.0, 0.3) << gain;
    EXPECT_NEAR(transform.at<double>(1, 2), -5.0, 0.3) << gain;
  }
}

TEST(FindMotion, GivesUpACameraThatShowsOneThingAfterTheOther) {
  std::vector<cv::Mat> frames;
  for (int i = 0; i < 20; ++i) {
    cv::Mat frame(160, 200, CV_8UC3);
    cv::RNG(static_cast<uint64_t>(i)).fill(frame, cv::RNG::UNIFORM, 0, 255);
    cv::blur(frame, frame, {7, 7});
    frames.push_back(frame);
  }
  EXPECT_EQ(find_motion(frames), nullptr);
}

TEST(Align, MarksNothingWhereTheReferenceShowsNothing) {
  const cv::Mat full(40, 50, CV_8UC1, cv::Scalar(255));
  const cv::Mat shift = (cv::Mat_<double>(2, 3) << 1, 0, 10, 0, 1, 0);
  const cv::Mat back = unalign(full, shift, full.size());
  EXPECT_EQ(cv::countNonZero(back.colRange(0, 40)), 40 * 40);
  EXPECT_EQ(cv::countNonZero(back.colRange(41, 50)), 0);
}

TEST(FindMotion, FollowsACameraThatZooms) {
  cv::Mat scene;
  cv::resize(world(CV_8UC3), scene, {}, 2, 2, cv::INTER_CUBIC);
  std::vector<cv::Mat> frames;
  for (int i = 0; i < 40; ++i) {
    const cv::Size view(200 + 4 * i, 160 + 3 * i);
    const cv::Point corner((scene.cols - view.width) / 2, (scene.rows - view.height) / 2);
    cv::Mat frame;
    cv::resize(scene(cv::Rect(corner, view)), frame, {200, 160}, 0, 0, cv::INTER_AREA);
    frames.push_back(frame);
  }
  const auto alignment = find_motion(frames);
  ASSERT_NE(alignment, nullptr);
  for (const size_t i : {3U, 20U, 36U}) {
    const double zoom = (200.0 + 4.0 * static_cast<double>(i)) / 280.0;
    EXPECT_NEAR(alignment->transform_of(frames[i]).at<double>(0, 0), zoom, 0.05) << i;
  }
}

TEST(FindMotion, LeavesACameraThatStandsStillAlone) {
  EXPECT_EQ(find_motion(shaken(12, 0)), nullptr);
  EXPECT_EQ(find_motion(shaken(12, 1)), nullptr);
  EXPECT_EQ(find_motion({seen_from(world(CV_8UC1), 0, 0)}), nullptr);
}

TEST(FindMotion, BringsShakenFramesTogether) {
  const auto frames = shaken(20, 8);
  const auto alignment = find_motion(frames);
  ASSERT_NE(alignment, nullptr);
  const cv::Rect shared(30, 30, 140, 100);
  const cv::Mat first =
      align(frames[0], alignment->transform_of(frames[0]), frames[0].size())(shared).clone();
  for (const cv::Mat& frame : frames) {
    const cv::Mat aligned = align(frame, alignment->transform_of(frame), frame.size())(shared);
    EXPECT_LT(cv::norm(aligned, first, cv::NORM_L1) / static_cast<double>(shared.area() * 3), 4.0);
  }
}

}  // namespace
}  // namespace proxseg
