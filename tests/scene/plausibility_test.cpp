#include "proxseg/scene/plausibility.h"

#include <gmock/gmock.h>

namespace proxseg {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Masks of 10 x 10 pixels with so many of foreground, one after the other.
MaskFacts facts_of(const std::vector<int>& foreground) {
  MaskFacts facts;
  for (const int pixels : foreground) {
    cv::Mat mask = cv::Mat::zeros(10, 10, CV_8UC1);
    for (int i = 0; i < pixels; ++i) mask.at<uchar>(i) = 255;
    facts.add(mask);
    ++facts.frames;
  }
  return facts;
}

std::vector<std::string> doubts(const std::vector<int>& foreground) {
  return doubts_about(facts_of(foreground), MaskMaker::kNetwork);
}

TEST(MaskFacts, CountMasksAndTheirForeground) {
  const MaskFacts facts = facts_of({0, 10, 0, 50});
  EXPECT_EQ(facts.masks, 4);
  EXPECT_EQ(facts.empty, 2);
  EXPECT_DOUBLE_EQ(facts.share, 0.15);
}

TEST(DoubtsAboutMasks, AreNoneWhereTheyLookAsMasksDo) {
  EXPECT_THAT(doubts({0, 0, 0, 1}), IsEmpty());
  EXPECT_THAT(doubts({33, 33, 33, 33}), IsEmpty());
  EXPECT_THAT(doubts({100, 0, 0, 0}), IsEmpty());
  EXPECT_THAT(doubts({}), IsEmpty());
}

TEST(DoubtsAboutMasks, NameTheReasonAndTheSetting) {
  EXPECT_THAT(doubts({0, 0, 0, 0}),
              ElementsAre(testing::AllOf(HasSubstr("no mask in any of 4 frames"),
                                         HasSubstr("lower loss.l1.weight"))));
  EXPECT_THAT(doubts({34, 34, 34, 34}),
              ElementsAre(testing::AllOf(HasSubstr("cover 34 %"), HasSubstr("input.range"))));
  EXPECT_THAT(doubts({20}), ElementsAre(HasSubstr("only 1 frame:")));
  EXPECT_THAT(doubts({0, 20, 0}), ElementsAre(HasSubstr("only 3 frames:")));
}

TEST(DoubtsAboutMasks, NameNoSettingOfTrainingWhereNothingWasTrained) {
  for (const int foreground : {0, 90}) {
    const MaskFacts facts = facts_of(std::vector<int>(4, foreground));
    EXPECT_THAT(doubts_about(facts, MaskMaker::kClassicalMethod),
                ElementsAre(testing::Not(HasSubstr("loss."))));
  }
}

TEST(DoubtsAboutMasks, OfAContinuedSequenceCountAllItsFrames) {
  MaskFacts facts = facts_of({10, 10});
  facts.frames = 60;  // 58 of which were there already
  EXPECT_THAT(doubts_about(facts, MaskMaker::kNetwork), IsEmpty());
}

TEST(DoubtAboutSize, NamesTheRecipeForObjectsNearTheSmallestThatAreKept) {
  const auto doubt = doubt_about_size(0.0009, 0.0005, {400, 250});
  ASSERT_TRUE(doubt.has_value());
  for (const char* part : {"about 90 pixels", "400 x 250", "fewer than 50", "--config small"}) {
    EXPECT_THAT(*doubt, HasSubstr(part));
  }
  EXPECT_FALSE(doubt_about_size(0.0021, 0.0005, {400, 250}));
  EXPECT_FALSE(doubt_about_size(0.0, 0.0005, {400, 250}));
}

}  // namespace
}  // namespace proxseg
