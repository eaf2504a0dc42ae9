#include "proxseg/scene/states.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "scene/standing_object.h"

namespace proxseg {
namespace {

using Groups = std::vector<std::vector<size_t>>;

// The same camera turned to another place.
std::vector<cv::Mat> elsewhere(const std::vector<cv::Mat>& images) {
  std::vector<cv::Mat> turned;
  for (const cv::Mat& image : images) {
    cv::Mat flipped;
    cv::flip(~image, flipped, -1);
    turned.push_back(flipped);
  }
  return turned;
}

// Indices of the images for which home is false go first where they are more.
Groups expected(const std::vector<bool>& away) {
  Groups groups(2);
  for (size_t i = 0; i < away.size(); ++i) groups[away[i] ? 1 : 0].push_back(i);
  if (groups[1].size() > groups[0].size()) std::swap(groups[0], groups[1]);
  return groups;
}

TEST(GroupByState, TellsThePresetsOfACameraApart) {
  for (const int type : {CV_8UC1, CV_8UC3}) {
    auto images = StandingObject{.type = type}.images();
    const auto others = elsewhere(images);
    std::vector<bool> away;
    for (size_t i = 0; i < images.size(); ++i) {
      away.push_back(i / 5 % 3 == 1);
      if (away[i]) images[i] = others[i];
    }
    EXPECT_EQ(group_by_state(images), expected(away));
  }
}

TEST(GroupByState, AnObjectThatStandsForHalfOfTheClipIsNoState) {
  const StandingObject scene{.place = {40, 20, 60, 70}, .standing = 20};
  EXPECT_EQ(group_by_state(scene.images()).size(), 1U);
}

TEST(GroupByState, AFewOddFramesAreNoState) {
  auto images = StandingObject{}.images();
  const auto others = elsewhere(images);
  for (size_t i = 10; i < 12; ++i) images[i] = others[i];
  EXPECT_EQ(group_by_state(images).size(), 1U);
}

TEST(GroupByState, ExposureIsNoState) {
  auto images = StandingObject{}.images();
  for (size_t i = 0; i < images.size() / 2; ++i) images[i] *= 0.75;
  EXPECT_EQ(group_by_state(images).size(), 1U);
}

TEST(GroupByState, OfOneImageIsOneGroup) {
  EXPECT_EQ(group_by_state({StandingObject{}.background()}), (Groups{{0}}));
}

TEST(LookOf, IsNoLargerThanWhatIsLookedAt) {
  const std::vector<cv::Mat> narrow(6, cv::Mat(3000, 2, CV_8UC3, cv::Scalar(50, 60, 70)));
  for (const cv::Mat& image : look_of(narrow)) EXPECT_LE(image.total(), narrow[0].total());
  EXPECT_EQ(group_by_state(narrow).size(), 1U);
}

TEST(NearestLook, IsThatOfTheFramesState) {
  const auto images = StandingObject{}.images(), others = elsewhere(images);
  const std::vector<Look> looks = {look_of(images), look_of(others)};
  EXPECT_EQ(nearest_look(images[7], looks), 0U);
  EXPECT_EQ(nearest_look(others[7], looks), 1U);
}

}  // namespace
}  // namespace proxseg
