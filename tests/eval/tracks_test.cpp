#include "proxseg/eval/tracks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "support/expect_error.h"

namespace proxseg {
namespace {

// Objects 1 and 2 side by side for ten frames.
std::vector<MotBox> two_objects_of_ten_frames() {
  std::vector<MotBox> boxes;
  for (int64_t frame = 1; frame <= 10; ++frame) {
    boxes.push_back({frame, 1, {1.0 * static_cast<double>(frame), 10, 20, 20}});
    boxes.push_back({frame, 2, {60, 50, 10, 30}});
  }
  return boxes;
}

template <class Which>
std::vector<MotBox> without(std::vector<MotBox> boxes, Which&& which) {
  std::erase_if(boxes, which);
  return boxes;
}

TEST(MeasureTracks, PerfectTracksAreOneWhateverTheirIdsAndOrder) {
  const auto truth = two_objects_of_ten_frames();
  auto result = truth;
  for (MotBox& box : result) box.id = box.id == 1 ? 77 : 5;
  std::reverse(result.begin(), result.end());
  for (const auto& tracks : {truth, result}) {
    const TrackMeasures m = measure_tracks(tracks, truth);
    for (const double value : {m.hota, m.detection, m.association, m.idf1, m.mota}) {
      EXPECT_DOUBLE_EQ(value, 1.0);
    }
    EXPECT_EQ(m.switches + m.misses + m.false_positives, 0);
    EXPECT_EQ(m.boxes, 20);
    EXPECT_EQ(m.objects, 2);
  }
}

// Object 1 is called 1 for six frames, then 3 for four.
TEST(MeasureTracks, OneSwitchOfIdentity) {
  const auto truth = two_objects_of_ten_frames();
  auto result = truth;
  for (MotBox& box : result) {
    if (box.id == 1 && box.frame > 6) box.id = 3;
  }
  const TrackMeasures m = measure_tracks(result, truth);
  EXPECT_EQ(m.switches, 1);
  EXPECT_DOUBLE_EQ(m.mota, 1.0 - 1.0 / 20.0);
  EXPECT_DOUBLE_EQ(m.idf1, 2.0 * 16.0 / 40.0);
  EXPECT_DOUBLE_EQ(m.detection, 1.0);
  // Of 20 TP, ten have A = 1, six 6 / 10, four 4 / 10.
  const double association = (10.0 + 6.0 * 0.6 + 4.0 * 0.4) / 20.0;
  EXPECT_DOUBLE_EQ(m.association, association);
  EXPECT_DOUBLE_EQ(m.hota, std::sqrt(association));
}

TEST(MeasureTracks, AMissedObject) {
  const auto truth = two_objects_of_ten_frames();
  const TrackMeasures m =
      measure_tracks(without(truth, [](const MotBox& box) { return box.id == 2; }), truth);
  EXPECT_EQ(m.misses, 10);
  EXPECT_EQ(m.switches, 0);
  EXPECT_DOUBLE_EQ(m.mota, 0.5);
  EXPECT_DOUBLE_EQ(m.idf1, 2.0 * 10.0 / 30.0);
  EXPECT_DOUBLE_EQ(m.detection, 0.5);
  EXPECT_DOUBLE_EQ(m.association, 1.0);
  EXPECT_DOUBLE_EQ(m.hota, std::sqrt(0.5));
}

TEST(MeasureTracks, AFalseObject) {
  const auto truth = two_objects_of_ten_frames();
  auto result = truth;
  for (int64_t frame = 1; frame <= 10; ++frame) result.push_back({frame, 9, {100, 0, 5, 5}});
  const TrackMeasures m = measure_tracks(result, truth);
  EXPECT_EQ(m.false_positives, 10);
  EXPECT_DOUBLE_EQ(m.mota, 0.5);
  EXPECT_DOUBLE_EQ(m.idf1, 2.0 * 20.0 / 50.0);
  EXPECT_DOUBLE_EQ(m.detection, 20.0 / 30.0);
  EXPECT_DOUBLE_EQ(m.association, 1.0);
}

// IoU of 6 / 10: matched at the twelve thresholds up to .6.
TEST(MeasureTracks, BoxesThatFitInPart) {
  const std::vector<MotBox> truth = {{1, 1, {0, 0, 10, 10}}};
  const TrackMeasures m = measure_tracks({{1, 4, {0, 0, 6, 10}}}, truth);
  EXPECT_NEAR(m.hota, 12.0 / 19.0, 1e-12);
  EXPECT_DOUBLE_EQ(m.idf1, 1.0);
  EXPECT_DOUBLE_EQ(m.mota, 1.0);
  const TrackMeasures poor = measure_tracks({{1, 4, {0, 0, 4.9, 10}}}, truth);
  EXPECT_NEAR(poor.hota, 9.0 / 19.0, 1e-12);
  EXPECT_DOUBLE_EQ(poor.idf1, 0.0);
  EXPECT_DOUBLE_EQ(poor.mota, -1.0);
}

// Where two boxes fit, the one of the frame before goes on: no switch, though the other fits better.
TEST(MeasureTracks, MotaKeepsPairsThatStillFit) {
  std::vector<MotBox> truth, result;
  for (int64_t frame = 1; frame <= 4; ++frame) {
    truth.push_back({frame, 1, {0, 0, 10, 10}});
    result.push_back({frame, 1, {0, 0, 8, 10}});
    if (frame > 2) result.push_back({frame, 2, {0, 0, 10, 10}});
  }
  EXPECT_EQ(measure_tracks(result, truth).switches, 0);
  EXPECT_EQ(measure_tracks(result, truth).false_positives, 2);
}

TEST(MeasureTracks, ASwitchAcrossAGapCounts) {
  const auto truth = two_objects_of_ten_frames();
  auto result = without(truth, [](const MotBox& b) { return b.frame > 3 && b.frame < 8; });
  for (MotBox& box : result) box.id += box.frame > 5 ? 10 : 0;
  EXPECT_EQ(measure_tracks(result, truth).switches, 2);
}

TEST(MeasureTracks, NothingFound) {
  const TrackMeasures m = measure_tracks({}, two_objects_of_ten_frames());
  for (const double value : {m.hota, m.association, m.idf1, m.mota}) EXPECT_EQ(value, 0.0);
  EXPECT_EQ(m.misses, 20);
}

TEST(MeasureTracks, BoxesThatDoNotCountAreLeftOut) {
  auto truth = two_objects_of_ten_frames();
  for (MotBox& box : truth) box.confidence = box.id == 2 ? 0.0 : 1.0;
  EXPECT_EQ(measure_tracks({}, truth).boxes, 10);
  for (MotBox& box : truth) box.confidence = 0.0;
  expect_error(ExitCode::kInput, {"no box"}, [&] { measure_tracks({}, truth); });
}

TEST(MeasureTracks, WhatFitsABoxThatDoesNotCountDoesNotCountEither) {
  auto truth = two_objects_of_ten_frames();
  const auto result = truth;
  for (MotBox& box : truth) box.confidence = box.id == 2 ? 0.0 : 1.0;
  EXPECT_DOUBLE_EQ(measure_tracks(result, truth).hota, 1.0);
  EXPECT_DOUBLE_EQ(measure_tracks(result, truth).idf1, 1.0);
  auto moved = result;
  for (MotBox& box : moved) box.box.y += 25.0;
  EXPECT_EQ(measure_tracks(moved, truth).false_positives, 20);
}

TEST(MeasureTracks, ABoxThatDoesNotCountLeavesOthersTheirs) {
  const std::vector<MotBox> truth = {{1, 1, {10, 10, 20, 20}, 1.0}, {1, 2, {14, 10, 20, 20}, 0.0}};
  const std::vector<MotBox> result = {{1, 5, {10, 10, 20, 20}}, {1, 6, {15, 10, 20, 20}}};
  const TrackMeasures m = measure_tracks(result, truth);
  EXPECT_EQ(m.misses + m.false_positives, 0);
}

TEST(MeasureTracks, ReportsHaveTheNamesOfMotChallenge) {
  const auto truth = two_objects_of_ten_frames();
  const TrackMeasures m = measure_tracks(truth, truth);
  EXPECT_EQ(to_csv(m), "HOTA,DetA,AssA,IDF1,MOTA,IDSW,FN,FP,boxes,objects\n1,1,1,1,1,0,0,0,20,2\n");
  EXPECT_EQ(nlohmann::json::parse(to_json(m)).at("IDF1"), 1.0);
  EXPECT_NE(to_text(m).find("1.0000"), std::string::npos);
  EXPECT_EQ(to_markdown(m).substr(0, 6), "| HOTA");
}

}  // namespace
}  // namespace proxseg
