#include "proxseg/track/tracker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <stdexcept>

#include "support/expect_error.h"

namespace proxseg {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const cv::Size kFrame(200, 100);

cv::Mat mask_of(const std::vector<cv::Rect>& boxes) {
  cv::Mat mask(kFrame, CV_8UC1, cv::Scalar(0));
  for (const cv::Rect& box : boxes) mask(box & cv::Rect({0, 0}, kFrame)).setTo(255);
  return mask;
}

std::vector<int64_t> ids_of(const std::vector<Track>& tracks) {
  std::vector<int64_t> ids;
  for (const Track& track : tracks) ids.push_back(track.id);
  return ids;
}

std::vector<std::string> events_of(const std::vector<Track>& tracks) {
  std::vector<std::string> events;
  for (const Track& track : tracks) events.push_back(track.event);
  return events;
}

const Track& track_of(const std::vector<Track>& tracks, int64_t id) {
  for (const Track& track : tracks) {
    if (track.id == id) return track;
  }
  throw std::out_of_range("no track " + std::to_string(id));
}

TEST(Tracker, FollowsObjectsAndSaysWhenTheyEnter) {
  Tracker tracker;
  auto tracks = tracker.update(mask_of({{10, 10, 20, 20}}));
  EXPECT_THAT(ids_of(tracks), ElementsAre(1));
  EXPECT_THAT(events_of(tracks), ElementsAre("enter"));
  EXPECT_EQ(tracks[0].frames, 1);
  for (int i = 1; i < 30; ++i) {
    tracks = tracker.update(mask_of({{10 + 3 * i, 10, 20, 20}, {150 - 4 * i, 60, 20, 20}}));
    EXPECT_THAT(ids_of(tracks), ElementsAre(1, 2));
    EXPECT_THAT(events_of(tracks), ElementsAre("", i == 1 ? "enter" : ""));
    EXPECT_EQ(tracks[0].shape.box, cv::Rect(10 + 3 * i, 10, 20, 20));
    EXPECT_EQ(tracks[0].frames, i + 1);
  }
  EXPECT_THAT(tracker.update(mask_of({})), IsEmpty());
}

TEST(Tracker, FollowsWhatDoesNotOverlapItself) {
  Tracker tracker;
  for (int i = 0; i < 20; ++i) {  // first by 7 pixels, then by 9
    EXPECT_THAT(ids_of(tracker.update(mask_of({{2 + 9 * i - 2 * (i > 0), 40, 8, 8}}))),
                ElementsAre(1));
  }
}

// By as many pixels a frame, though frames lie 0.04 to 0.32 seconds apart.
TEST(Tracker, FollowsByOverlapWhatDoesNotMoveAsItsTimesSay) {
  for (const std::vector<double>& steps : {std::vector{0.04, 0.2, 0.1, 0.04}, {0.04, 0.04, 0.32}}) {
    Tracker tracker;
    double seconds = 0.0;
    for (size_t i = 0; i < 24; ++i) {
      const int x = 5 * static_cast<int>(i);
      EXPECT_THAT(
          ids_of(tracker.update(mask_of({{5 + x, 20, 14, 14}, {180 - x, 60, 12, 14}}), seconds)),
          ElementsAre(1, 2))
          << i;
      seconds += steps[i % steps.size()];
    }
  }
}

TEST(Tracker, VelocityIsInPixelsASecondOrAFrame) {
  Tracker with_times, without;
  std::vector<Track> timed, untimed;
  for (int i = 0; i < 30; ++i) {
    const cv::Mat mask = mask_of({{10 + 2 * i, 80 - i, 12, 12}});
    timed = with_times.update(mask, 5.0 + 0.1 * i);
    untimed = without.update(mask);
    if (i == 0) {
      EXPECT_EQ(timed[0].velocity, cv::Point2d());
    }
  }
  EXPECT_NEAR(timed[0].velocity.x, 20.0, 0.5);
  EXPECT_NEAR(timed[0].velocity.y, -10.0, 0.5);
  EXPECT_NEAR(untimed[0].velocity.x, 2.0, 0.05);
  EXPECT_NEAR(untimed[0].velocity.y, -1.0, 0.05);
}

TEST(Tracker, KeepsAnIdentityThroughAnOcclusionOfLessThanASecond) {
  for (const int hidden : {1, 10, 24, 26, 40}) {
    Tracker tracker;
    int i = 0;
    for (; i < 15; ++i) tracker.update(mask_of({{10 + 2 * i, 40, 16, 16}}));
    for (const int until = i + hidden; i < until; ++i) {
      EXPECT_THAT(tracker.update(mask_of({})), IsEmpty());
    }
    const auto tracks = tracker.update(mask_of({{10 + 2 * i, 40, 16, 16}}));
    EXPECT_THAT(ids_of(tracks), ElementsAre(hidden < 25 ? 1 : 2)) << hidden;
    EXPECT_THAT(events_of(tracks), ElementsAre(hidden < 25 ? "return" : "enter")) << hidden;
  }
}

TEST(Tracker, CountsTheSecondOfItsMemoryByTheTimesOfFrames) {
  for (const double step : {0.1, 0.4}) {  // three frames without the object
    Tracker tracker;
    for (int i = 0; i < 10; ++i) tracker.update(mask_of({{60, 40, 16, 16}}), step * i);
    for (int i = 10; i < 13; ++i) tracker.update(mask_of({}), step * i);
    const auto tracks = tracker.update(mask_of({{60, 40, 16, 16}}), step * 13);
    EXPECT_THAT(ids_of(tracks), ElementsAre(step < 0.3 ? 1 : 2)) << step;
  }
}

TEST(Tracker, AnotherObjectFarAwayIsNotTheOneThatIsHidden) {
  Tracker tracker;
  for (int i = 0; i < 10; ++i) tracker.update(mask_of({{60, 40, 10, 10}}));
  tracker.update(mask_of({}));
  EXPECT_THAT(ids_of(tracker.update(mask_of({{150, 80, 10, 10}}))), ElementsAre(2));
}

TEST(Tracker, WhatHasLeftTheFrameDoesNotComeBack) {
  Tracker tracker;
  int x = 150;
  for (; x < 200; x += 4) tracker.update(mask_of({{x, 40, 20, 20}}));
  tracker.update(mask_of({}));
  EXPECT_THAT(ids_of(tracker.update(mask_of({{185, 40, 15, 20}}))), ElementsAre(2));
}

// Two objects that cross at the heights given: one component for a while.
struct Crossing {
  std::vector<std::vector<Track>> frames;
  explicit Crossing(int lower = 50) {
    Tracker tracker;
    for (int i = 0; i < 40; ++i) {
      frames.push_back(
          tracker.update(mask_of({{20 + 3 * i, 40, 24, 20}, {150 - 3 * i, lower, 24, 20}})));
    }
  }
};

TEST(Tracker, GivesTheirIdentitiesBackToObjectsThatCross) {
  const Crossing crossing;
  for (const auto& tracks : crossing.frames) {
    ASSERT_THAT(ids_of(tracks), ElementsAre(1, 2));
    const bool first_is_above = track_of(tracks, 1).shape.box.y < track_of(tracks, 2).shape.box.y;
    EXPECT_TRUE(first_is_above);
  }
  EXPECT_EQ(crossing.frames.back()[0].shape.box, cv::Rect(137, 40, 24, 20));
  EXPECT_EQ(crossing.frames.back()[1].shape.box, cv::Rect(33, 50, 24, 20));
}

TEST(Tracker, SaysWhenObjectsMergeAndPart) {
  std::vector<std::string> first, second;
  for (const auto& tracks : Crossing().frames) {
    if (!tracks.at(0).event.empty()) first.push_back(tracks[0].event);
    if (!tracks.at(1).event.empty()) second.push_back(tracks[1].event);
  }
  EXPECT_THAT(first, ElementsAre("enter", "merge with 2", "part from 2"));
  EXPECT_THAT(second, ElementsAre("enter", "merge with 1", "part from 1"));
}

TEST(Tracker, ObjectsOfOneComponentShareItsPixels) {
  for (const auto& tracks : Crossing().frames) {
    EXPECT_EQ(overlap(tracks.at(0).shape, tracks.at(1).shape), 0);
    EXPECT_EQ(tracks[1].shape.area, 24 * 20) << "the one in front shows all of itself";
    EXPECT_GE(tracks[0].shape.area, 24 * 10) << "ten rows of the one behind it are never covered";
  }
}

TEST(Tracker, AnObjectThatPassesWhollyBehindAnotherReturns) {
  Tracker tracker;
  std::set<int64_t> ids;
  std::vector<Track> tracks;
  int64_t away = 0;
  for (int i = 0; i < 45; ++i) {
    tracks = tracker.update(mask_of({{80, 30, 30, 50}, {30 + 3 * i, 45, 16, 16}}));
    for (const Track& track : tracks) ids.insert(track.id);
    away += tracks.size() < 2 ? 1 : 0;
  }
  EXPECT_THAT(ids, SizeIs(2));
  EXPECT_GT(away, 0);
  EXPECT_EQ(track_of(tracks, 1).shape.box, cv::Rect(80, 30, 30, 50));
  EXPECT_EQ(track_of(tracks, 2).shape.box, cv::Rect(162, 45, 16, 16));
}

TEST(Tracker, SaysOfWhichObjectANewOneWasAPart) {
  Tracker tracker;
  std::map<int64_t, std::string> first_events;
  std::vector<Track> tracks;
  for (int i = 0; i < 40; ++i) {  // two that come in as one; the smaller stays behind
    const int apart = std::max(0, i - 10);
    tracks = tracker.update(mask_of({{20 + 3 * i, 40, 30, 20}, {20 + 3 * i - apart, 60, 10, 8}}));
    for (const Track& track : tracks) first_events.emplace(track.id, track.event);
  }
  EXPECT_EQ(first_events, (std::map<int64_t, std::string>{{1, "enter"}, {2, "split from 1"}}));
  EXPECT_EQ(track_of(tracks, 1).parent, 0);
  EXPECT_EQ(track_of(tracks, 2).parent, 1);
  EXPECT_EQ(track_of(tracks, 1).shape.box, cv::Rect(137, 40, 30, 20));
}

TEST(Tracker, PiecesOfAMomentAreOneObject) {
  Tracker tracker;
  for (int i = 0; i < 30; ++i) {
    std::vector<cv::Rect> boxes = {{20 + 2 * i, 10, 20, 80}};
    if (i % 10 == 5) boxes = {{20 + 2 * i, 10, 20, 38}, {20 + 2 * i, 51, 20, 39}};
    const auto tracks = tracker.update(mask_of(boxes));
    ASSERT_THAT(ids_of(tracks), ElementsAre(1)) << i;
    EXPECT_EQ(tracks[0].shape.box, cv::Rect(20 + 2 * i, 10, 20, 80)) << i;
  }
}

TEST(Tracker, WhatIsFurtherApartThanPiecesAreIsTwoObjectsAtOnce) {
  Tracker tracker;
  for (int i = 0; i < 30; ++i) {  // two that come in as one; the first is faster from frame 10 on
    const int apart = 5 * std::max(0, i - 9);
    const cv::Rect first(20 + 2 * i + apart, 40, 20, 20), second(2 * i, 40, 20, 20);
    const auto tracks = tracker.update(mask_of({first, second}));
    if (apart == 0) continue;
    ASSERT_THAT(tracks, SizeIs(2)) << i;
    std::set<int> places;
    for (const Track& track : tracks) places.insert(track.shape.box.x);
    EXPECT_EQ(places, (std::set<int>{first.x, second.x})) << i;
  }
}

TEST(Tracker, WhatComesIntoTheFrameIsAsFastAsItsFront) {
  for (const int side : {1, -1}) {
    Tracker tracker;
    for (int i = 1; i <= 15; ++i) {
      const int x = side > 0 ? 3 * i - 60 : kFrame.width - 3 * i;
      const auto tracks = tracker.update(mask_of({{x, 40, 60, 20}}));
      ASSERT_THAT(ids_of(tracks), ElementsAre(1));
      if (i > 8) {
        EXPECT_NEAR(tracks[0].velocity.x, 3.0 * side, 0.1) << i;
      }
    }
  }
}

// What is beyond the one in front, which was seen as a whole before, is the other's.
TEST(Tracker, WhatComesIntoTheFrameBehindAnotherHasAllThatIsSeenOfIt) {
  Tracker tracker;
  for (int i = 0; i < 50; ++i) {
    const cv::Rect in_front(30 + i / 3, 30, 10, 50), behind(3 * i - 70, 30, 64, 24);
    const auto tracks = tracker.update(mask_of({in_front, behind}));
    const cv::Rect first = track_of(tracks, 1).shape.box;
    EXPECT_LE((first | in_front).width, 2 * in_front.width) << i;
    if (i < 45) continue;
    ASSERT_THAT(ids_of(tracks), ElementsAre(1, 2)) << i;
    EXPECT_EQ(first, in_front);
    EXPECT_EQ(tracks[1].shape.box, behind);
  }
}

// First its hood, then all of it, which touches the other.
TEST(Tracker, WhatComesInBesideAnotherThatLeavesKeepsItsIdentity) {
  Tracker tracker;
  std::vector<Track> tracks;
  for (int i = 0; i < 55; ++i) {
    const cv::Rect leaving(140 + 2 * i, 40, 50, 24);
    const cv::Rect hood(230 - 3 * i, 28, 10, 6), body(239 - 3 * i, 20, 51, 20);
    tracks = tracker.update(mask_of({leaving, hood, body}));
    if (i < 16) continue;
    const cv::Rect seen = (hood | body) & cv::Rect({0, 0}, kFrame);
    const cv::Rect found = track_of(tracks, 2).shape.box;
    if (tracks.size() < 2) continue;
    EXPECT_GE((found & seen).area(), 0.8 * (found | seen).area()) << i;
  }
  EXPECT_THAT(ids_of(tracks), ElementsAre(2));
  EXPECT_EQ(tracks[0].shape.box, cv::Rect(68, 20, 60, 20));
}

TEST(Tracker, WhatComesInWhereAnotherLeavesIsNotThatOne) {
  Tracker tracker;
  std::vector<Track> tracks;
  std::set<int64_t> ids;
  for (int i = 0; i < 70; ++i) {  // one component from the first to the last
    tracks = tracker.update(mask_of({{20 - i, 30, 12, 50}, {2 * i - 100, 40, 60, 24}}));
    for (const Track& track : tracks) ids.insert(track.id);
    if (i <= 24) {
      EXPECT_THAT(ids_of(tracks), ElementsAre(1)) << i;
    }
  }
  EXPECT_THAT(ids, SizeIs(2));
  EXPECT_THAT(ids_of(tracks), ElementsAre(2));
  EXPECT_EQ(tracks[0].shape.box, cv::Rect(38, 40, 60, 24));
}

TEST(Tracker, APieceThatIsTakenBackLosesItsIdentity) {
  Tracker tracker;
  std::vector<size_t> counts;
  for (int i = 0; i < 60; ++i) {
    std::vector<cv::Rect> boxes = {{20 + 2 * i, 20, 14, 50}};
    if (i >= 10 && i < 30) boxes = {{20 + 2 * i, 20, 14, 20}, {20 + 2 * i, 45, 14, 25}};
    counts.push_back(tracker.update(mask_of(boxes)).size());
  }
  EXPECT_EQ(counts[29], 2U);
  EXPECT_EQ(counts[31], 1U);
  EXPECT_EQ(counts.back(), 1U);
}

TEST(Tracker, WhatComesIntoTheFramePieceByPieceIsOneObject) {
  Tracker tracker;
  std::vector<Track> tracks;
  for (int i = 0; i < 40; ++i) {  // legs first, then the head, then what joins them
    std::vector<cv::Rect> boxes = {{i - 20, 60, 21, 20}};
    if (i >= 4) boxes.push_back({i - 20, 20, 16, 16});
    if (i >= 14) boxes.push_back({i - 24, 30, 16, 40});
    tracks = tracker.update(mask_of(boxes));
  }
  EXPECT_THAT(ids_of(tracks), ElementsAre(1));
  EXPECT_EQ(tracks[0].shape.box, cv::Rect(15, 20, 25, 60));
}

TEST(Tracker, GoesOnWithTheObjectsOfAnotherOne) {
  const cv::Rect still(10, 10, 20, 20), gone(60, 60, 20, 20), fresh(150, 10, 20, 20);
  Tracker before;
  std::vector<Track> tracks;
  for (int i = 0; i < 5; ++i) tracks = before.update(mask_of({still, gone}), 0.1 * i);
  Tracker after;
  after.go_on_with(tracks, before.last_id());
  EXPECT_EQ(after.last_id(), 2);
  EXPECT_THAT(ids_of(after.update(mask_of({still, fresh}), 70.0)), ElementsAre(1, 3));
  tracks = after.update(mask_of({still, fresh}), 70.1);
  EXPECT_THAT(ids_of(tracks), ElementsAre(1, 3));
  EXPECT_EQ(tracks[0].frames, 7);
}

TEST(Tracker, TellsRestFromMotion) {
  Tracker tracker;
  std::vector<TrackState> states;
  for (int i = 0; i < 150; ++i) {
    const int x = 20 + std::min(i, 50) + std::max(0, i - 100), jitter = i % 2;
    const auto tracks = tracker.update(mask_of({{x, 30, 20 + jitter, 40}}));
    states.push_back(tracks.at(0).state);
  }
  for (int i = 0; i < 50; ++i) EXPECT_EQ(states[static_cast<size_t>(i)], TrackState::kMoving) << i;
  for (int i = 85; i < 100; ++i) EXPECT_EQ(states[static_cast<size_t>(i)], TrackState::kRest) << i;
  for (int i = 110; i < 150; ++i) {
    EXPECT_EQ(states[static_cast<size_t>(i)], TrackState::kMoving) << i;
  }
}

TEST(Tracker, RowsOfAFrameDependOnEarlierFramesAlone) {
  const Crossing whole;
  Tracker tracker;
  for (int i = 0; i < 20; ++i) {
    const auto tracks =
        tracker.update(mask_of({{20 + 3 * i, 40, 24, 20}, {150 - 3 * i, 50, 24, 20}}));
    const auto& same = whole.frames[static_cast<size_t>(i)];
    ASSERT_EQ(ids_of(tracks), ids_of(same));
    for (size_t k = 0; k < tracks.size(); ++k) {
      EXPECT_EQ(tracks[k].shape.box, same[k].shape.box);
      EXPECT_EQ(tracks[k].velocity, same[k].velocity);
      EXPECT_EQ(tracks[k].event, same[k].event);
    }
  }
}

// A frame every ten minutes, as microscopes take them.
TEST(Tracker, KeepsIdentitiesThroughTimeLapse) {
  Tracker tracker(tracker_options_for(1.0 / 600.0));
  for (int i = 0; i < 12; ++i) {
    const bool is_hidden = i == 6 || i == 7;
    std::vector<cv::Rect> boxes = {{10 + 10 * i, 10, 20, 20}};
    if (!is_hidden) boxes.emplace_back(150 - 10 * i, 60, 20, 20);
    const auto tracks = tracker.update(mask_of(boxes), 600.0 * i);
    if (is_hidden) continue;
    EXPECT_THAT(ids_of(tracks), ElementsAre(1, 2)) << i;
    if (i > 2) {
      EXPECT_NEAR(tracks[0].velocity.x, 10.0 / 600.0, 1e-3) << i;
    }
  }
}

TEST(Tracker, GoesByTheTimesOfFramesThatComeOftenEnough) {
  EXPECT_EQ(tracker_options_for(0.0).clock, 1.0);
  EXPECT_EQ(tracker_options_for(25.0).clock, 1.0);
  EXPECT_EQ(tracker_options_for(1.0).clock, 0.2);
}

TEST(Tracker, RefusesOptionsThatMakeNoSense) {
  for (const TrackerOptions& options :
       {TrackerOptions{.memory = 0.0}, TrackerOptions{.frame_rate = -25.0},
        TrackerOptions{.clock = 0.0}}) {
    expect_error(ExitCode::kUsage, {"above 0"}, [&] { Tracker tracker(options); });
  }
}

}  // namespace
}  // namespace proxseg
