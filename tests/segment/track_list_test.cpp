#include "segment/track_list.h"

#include <gtest/gtest.h>

#include "segment/track_overlay.h"

namespace proxseg {
namespace {

Track track_at(int64_t id, cv::Rect box, int64_t frames = 2) {
  Track track{id, frames, shape_of(cv::Mat(box.size(), CV_8UC1, cv::Scalar(255)), box.tl())};
  track.velocity = {3.0, -4.0};
  return track;
}

Frame frame_of(const cv::Mat& image) { return {"in000007", 7, image}; }

std::string row_of(const std::string& csv, size_t row) {
  size_t from = 0;
  for (size_t i = 0; i < row; ++i) from = csv.find('\n', from) + 1;
  return csv.substr(from, csv.find('\n', from) - from);
}

TEST(TrackList, HasARowForEachObjectAndFrame) {
  const cv::Mat image(12, 16, CV_8UC3, cv::Scalar(10, 20, 30));
  Track first = track_at(3, {2, 4, 5, 2}, 1);
  first.velocity = {};
  first.event = "enter";
  Track second = track_at(3, {3, 4, 5, 2});
  second.state = TrackState::kRest;
  TrackList list;
  list.add(frame_of(image), {}, {first});
  Frame later = frame_of(image);
  later.seconds = 0.125;
  list.add(later, {}, {second});
  EXPECT_EQ(row_of(list.csv(), 0),
            "frame,number,seconds,id,x,y,width,height,centroid_x,centroid_y,area,difference,speed,"
            "state,event");
  EXPECT_EQ(row_of(list.csv(), 1), "in000007,7,,3,2,4,5,2,4.00,4.50,10,,,moving,enter");
  EXPECT_EQ(row_of(list.csv(), 2), "in000007,7,0.125,3,3,4,5,2,5.00,4.50,10,,5.00,rest,");
  EXPECT_EQ(list.motchallenge(), "1,3,2,4,5,2,1,-1,-1,-1\n2,3,3,4,5,2,1,-1,-1,-1\n");
}

TEST(TrackList, LeavesOutWhatIsSeenInOneFrameOnly) {
  const cv::Mat image(12, 16, CV_8UC1, cv::Scalar(0));
  TrackList list;
  list.add(frame_of(image), {}, {track_at(1, {2, 4, 5, 2}), track_at(2, {9, 4, 1, 1})});
  list.add(frame_of(image), {}, {track_at(1, {2, 4, 5, 2})});
  EXPECT_EQ(list.csv().find(",,2,9,"), std::string::npos);
  EXPECT_EQ(list.motchallenge(), "1,1,2,4,5,2,1,-1,-1,-1\n2,1,2,4,5,2,1,-1,-1,-1\n");
}

// .299 40 + .587 20 - .114 10, where the object is; elsewhere frame and background differ by more.
TEST(TrackList, DifferenceIsThatOfLumaOverTheObject) {
  cv::Mat image(12, 16, CV_8UC3, cv::Scalar(0, 0, 0));
  const cv::Mat background(12, 16, CV_8UC3, cv::Scalar(100, 100, 100));
  image(cv::Rect(2, 4, 5, 2)).setTo(cv::Scalar(90, 120, 140));
  TrackList list;
  for (int i = 0; i < 2; ++i) {
    list.add(frame_of(image), background, {track_at(1, {2, 4, 5, 2})});
  }
  EXPECT_NE(list.csv().find(",10,22.56,5.00,moving,"), std::string::npos) << list.csv();
  TrackList gray;
  for (int i = 0; i < 2; ++i) {
    gray.add(frame_of(cv::Mat(12, 16, CV_8UC1, cv::Scalar(30))), background,
             {track_at(1, {2, 4, 5, 2})});
  }
  EXPECT_NE(gray.csv().find(",10,-70.00,5.00,moving,"), std::string::npos) << gray.csv();
}

TEST(DrawTracks, ColoursByIdAndChangesNothingElse) {
  const cv::Mat frame(60, 80, CV_8UC1, cv::Scalar(100));
  const Track a = track_at(1, {5, 30, 10, 10}, 1), b = track_at(2, {40, 30, 10, 10}, 1);
  const cv::Mat drawn = draw_tracks(frame, {a, b});
  ASSERT_EQ(drawn.type(), CV_8UC3);
  EXPECT_NE(drawn.at<cv::Vec3b>(35, 10), drawn.at<cv::Vec3b>(35, 45));
  EXPECT_EQ(drawn.at<cv::Vec3b>(10, 10), cv::Vec3b(100, 100, 100));
  EXPECT_EQ(cv::norm(draw_tracks(frame, {a}), draw_tracks(frame, {a})), 0.0);
  const cv::Mat labelled = draw_tracks(frame, {track_at(1, {5, 30, 10, 10})});
  EXPECT_GT(
      cv::norm(labelled(cv::Rect(0, 0, 80, 29)), draw_tracks(frame, {})(cv::Rect(0, 0, 80, 29))),
      0.0);
}

}  // namespace
}  // namespace proxseg
