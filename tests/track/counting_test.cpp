#include "proxseg/track/counting.h"

#include <gmock/gmock.h>

#include "support/expect_error.h"

namespace proxseg {
namespace {

using testing::ElementsAre;

// A square of 10 x 10 pixels, whose margin is 1.
Track square_at(int64_t id, double x, double y, int64_t frames = 3) {
  Track track;
  track.id = id;
  track.frames = frames;
  track.shape.area = 100;
  track.shape.centroid = {x, y};
  return track;
}

// The square's way along y = 50.
Counts counted(const CountOptions& options, const std::vector<double>& way) {
  Counter counter(options);
  for (const double x : way) counter.update({square_at(1, x, 50.0)});
  return counter.counts();
}

CountOptions line_of(const std::string& text) { return {{parse_line(text)}, {}}; }
CountOptions zone_of(const std::string& text) { return {{}, {parse_zone(text)}}; }

std::pair<int64_t, int64_t> crossings(const std::string& line, const std::vector<double>& way) {
  const LineCount count = counted(line_of(line), way).lines.at(0);
  return {count.left_to_right, count.right_to_left};
}

TEST(CountLine, TellsDirectionsAsSeenFromItsFirstPoint) {
  EXPECT_EQ(crossings("50,100,50,0", {40, 45, 55}), std::pair(1L, 0L));  // upwards
  EXPECT_EQ(crossings("50,0,50,100", {40, 45, 55}), std::pair(0L, 1L));
  EXPECT_EQ(crossings("50,100,50,0", {55, 45}), std::pair(0L, 1L));
  EXPECT_EQ(crossings("50,100,50,0", {40, 60, 40, 60}), std::pair(2L, 1L));
}

TEST(CountLine, EndsAtItsPoints) {
  EXPECT_EQ(crossings("50,100,50,51", {40, 60}), std::pair(0L, 0L));
  EXPECT_EQ(crossings("50,100,50,49", {40, 60}), std::pair(1L, 0L));
}

TEST(CountLine, IsNotCrossedByWhatTremblesOnIt) {
  EXPECT_EQ(crossings("50,100,50,0", {45, 50.5, 49.5, 50.9, 49.1, 50.5}), std::pair(0L, 0L));
  EXPECT_EQ(crossings("50,100,50,0", {45, 50.5, 49.5, 51.1, 49.1}), std::pair(1L, 0L));
}

TEST(CountLine, IsCrossedByWhatGoesAroundItsEndOnTheWayBackOnly) {
  Counter counter(line_of("50,100,50,40"));
  for (const cv::Point2d p : {cv::Point2d(40, 50), {40, 20}, {60, 20}, {60, 50}, {40, 50}}) {
    counter.update({square_at(1, p.x, p.y)});
  }
  const LineCount count = counter.counts().lines.at(0);
  EXPECT_EQ(count.left_to_right, 0);
  EXPECT_EQ(count.right_to_left, 1);
}

TEST(CountLine, IsCrossedBySomethingHidden) {
  Counter counter(line_of("50,100,50,0"));
  counter.update({square_at(1, 40.0, 50.0)}, 0.0);
  counter.update({}, 0.5);
  counter.update({square_at(1, 60.0, 50.0)}, 1.0);
  ASSERT_EQ(counter.crossings().size(), 1U);
  EXPECT_EQ(counter.crossings()[0].frame, 2);
  EXPECT_EQ(counter.crossings()[0].seconds, 1.0);
  EXPECT_EQ(counter.crossings()[0].id, 1);
}

TEST(CountLine, CountsEachObjectThatIsSeenInThreeFramesWithTheFirstOnes) {
  Counter counter(line_of("50,100,50,0"));
  counter.update({square_at(1, 40.0, 50.0, 1), square_at(2, 40.0, 50.0, 1)}, 0.0);
  counter.update({square_at(1, 60.0, 50.0, 2), square_at(2, 60.0, 50.0, 2)}, 0.5);
  EXPECT_EQ(counter.counts().lines.at(0).left_to_right, 0);
  counter.update({square_at(2, 70.0, 50.0, 3)}, 1.0);
  ASSERT_EQ(counter.crossings().size(), 1U);
  EXPECT_EQ(counter.crossings()[0].id, 2);
  EXPECT_EQ(counter.crossings()[0].frame, 1);
  EXPECT_EQ(counter.crossings()[0].seconds, 0.5);
}

TEST(CountZone, CountsEachObjectThatIsSeenInThreeFramesWithTheFirstOnes) {
  Counter counter(zone_of("door=50,0,100,0,100,100,50,100"));
  for (int64_t i = 0; i < 4; ++i) {
    std::vector<Track> tracks = {square_at(1, 60.0, 50.0, i + 1)};
    if (i > 1) tracks.push_back(square_at(2, 70.0, 50.0, i - 1));  // a splinter of two frames
    counter.update(tracks, 0.5 * static_cast<double>(i));
  }
  ASSERT_EQ(counter.visits().size(), 1U);
  EXPECT_EQ(counter.visits()[0].first, 0);
  EXPECT_EQ(*counter.visits()[0].seconds(), 1.5);
  EXPECT_THAT(counter.occupancies(),
              ElementsAre(ElementsAre(1), ElementsAre(1), ElementsAre(1), ElementsAre(1)));
  const ZoneCount count = counter.counts().zones.at(0);
  EXPECT_EQ(count.objects, 1);
  EXPECT_EQ(count.most, 1);
  EXPECT_EQ(count.mean, 1.0);
}

TEST(CountZone, CountsVisitsObjectsAndTheirTime) {
  Counter counter(zone_of("door=50,0,100,0,100,100,50,100"));
  const std::vector<std::vector<double>> places = {
      {40, 90}, {60, 90}, {70, 110}, {40, 110}, {60, 120}};
  for (size_t i = 0; i < places.size(); ++i) {
    counter.update({square_at(1, places[i][0], 50.0), square_at(2, places[i][1], 50.0)},
                   0.5 * static_cast<double>(i));
  }
  const ZoneCount count = counter.counts().zones.at(0);
  EXPECT_EQ(count.visits, 3);
  EXPECT_EQ(count.objects, 2);
  EXPECT_EQ(count.most, 2);
  EXPECT_DOUBLE_EQ(count.mean, 1.0);
  EXPECT_DOUBLE_EQ(*count.mean_stay, (0.5 + 0.5 + 0.0) / 3.0);
  const auto visits = counter.visits();
  ASSERT_EQ(visits.size(), 3U);
  EXPECT_EQ(visits[0].id, 2);
  EXPECT_EQ(visits[2].first, 4);  // it lasts until now
  EXPECT_THAT(counter.occupancy(), ElementsAre(1));
}

TEST(CountZone, IsNotLeftByWhatTremblesOnItsBorder) {
  const auto visits = [](const std::vector<double>& way) {
    return counted(zone_of("door=50,0,100,0,100,100,50,100"), way).zones.at(0).visits;
  };
  EXPECT_EQ(visits({45, 50.5, 49.5, 50.9}), 0);
  EXPECT_EQ(visits({45, 51.5, 49.5, 50.5, 49.1}), 1);
  EXPECT_EQ(visits({45, 51.5, 48.5, 51.5}), 2);
}

TEST(CountZone, IsLeftByWhatIsNoLongerSeenWhereItWasSeenLast) {
  Counter counter(zone_of("door=50,0,100,0,100,100,50,100"));
  counter.update({square_at(1, 60.0, 50.0)});
  counter.update({square_at(1, 60.0, 50.0)});
  counter.update({});
  EXPECT_THAT(counter.occupancy(), ElementsAre(0));
  ASSERT_EQ(counter.visits().size(), 1U);
  EXPECT_EQ(counter.visits()[0].last, 1);
  EXPECT_FALSE(counter.counts().zones.at(0).mean_stay);  // no times
}

TEST(ParseLine, ReadsPointsAndRefusesOtherText) {
  EXPECT_EQ(parse_line("a=b=1,2.5,-3,4").name, "a=b");
  EXPECT_EQ(parse_line("1,2.5,-3,4").to, cv::Point2d(-3.0, 4.0));
  for (const char* text :
       {"", "gate", "gate=", "1,2,3", "1,2,3,", "1,2,3,x", "1;2;3;4", "1,2,3,nan"}) {
    expect_error(ExitCode::kUsage, {"--line", "no list of points"}, [&] { parse_line(text); });
  }
  expect_error(ExitCode::kUsage, {"--line", "empty name"}, [] { parse_line("=1,2,3,4"); });
  expect_error(ExitCode::kUsage, {"has 3 points, not two"}, [] { parse_line("1,2,3,4,5,6"); });
  expect_error(ExitCode::kUsage, {"no name"}, [] { parse_zone("1,2,3,4,5,6"); });
}

TEST(Counter, RefusesWhatCannotBeCounted) {
  const auto refuses = [](const std::vector<std::string>& fragments, const CountOptions& options) {
    expect_error(ExitCode::kUsage, fragments, [&] { Counter counter(options); });
  };
  refuses({"'line 1'", "no length"}, line_of("1,2,1,2"));
  refuses({"'a' has 2 corners"}, zone_of("a=1,2,3,4"));
  refuses({"'a' has no area"}, zone_of("a=1,1,5,5,9,9"));
  refuses({"two of the name 'a'"}, {{parse_line("a=1,2,3,4"), parse_line("a=1,2,3,5")}, {}});
  EXPECT_EQ(Counter({{parse_line("a=1,2,3,4"), parse_line("1,2,3,5")}, {}}).options().lines[1].name,
            "line 2");
}

}  // namespace
}  // namespace proxseg
