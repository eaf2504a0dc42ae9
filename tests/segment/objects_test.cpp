#include "segment/objects.h"

#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

#include "proxseg/core/text.h"

namespace proxseg {
namespace {

// The mask that run lengths stand for.
cv::Mat decode(const std::vector<int64_t>& runs, cv::Size size) {
  cv::Mat columns(size.width, size.height, CV_8UC1, cv::Scalar(0));  // transposed
  int64_t position = 0;
  for (size_t i = 0; i < runs.size(); ++i) {
    for (int64_t k = 0; k < runs[i]; ++k) columns.data[position++] = i % 2 == 1 ? 255 : 0;
  }
  EXPECT_EQ(position, static_cast<int64_t>(columns.total()));
  return columns.t();
}

cv::Mat two_objects() {
  cv::Mat mask(12, 16, CV_8UC1, cv::Scalar(0));
  cv::rectangle(mask, {2, 3}, {4, 6}, 255, cv::FILLED);  // 3 x 4
  cv::circle(mask, {11, 7}, 4, 255, cv::FILLED);         // down to the border
  return mask;
}

TEST(FindObjects, GivesBoxAreaAndCentroid) {
  const auto objects = find_objects(two_objects());
  ASSERT_EQ(objects.size(), 2U);
  EXPECT_EQ(objects[0].box, cv::Rect(2, 3, 3, 4));
  EXPECT_EQ(objects[0].area, 12);
  EXPECT_EQ(objects[0].centroid, cv::Point2d(3.0, 4.5));
  EXPECT_EQ(objects[1].box, cv::Rect(7, 3, 9, 9));
}

TEST(FindObjects, RunsDecodeToTheMask) {
  cv::Mat corners(3, 4, CV_8UC1, cv::Scalar(0));
  corners.at<uchar>(0, 0) = corners.at<uchar>(2, 3) = 255;
  for (const cv::Mat& mask : {two_objects(), corners, cv::Mat(3, 4, CV_8UC1, cv::Scalar(255))}) {
    cv::Mat all(mask.size(), CV_8UC1, cv::Scalar(0));
    for (const MaskObject& object : find_objects(mask)) {
      const cv::Mat decoded = decode(object.runs, mask.size());
      EXPECT_EQ(cv::countNonZero(decoded), object.area);
      all |= decoded;
    }
    EXPECT_EQ(cv::countNonZero(all != mask), 0);
  }
}

TEST(FindObjects, ContoursDrawTheMask) {
  cv::Mat ring(12, 16, CV_8UC1, cv::Scalar(0));
  cv::rectangle(ring, {2, 1}, {9, 8}, 255, cv::FILLED);
  cv::rectangle(ring, {4, 3}, {6, 6}, 0, cv::FILLED);
  cv::Mat drawn(ring.size(), CV_8UC1, cv::Scalar(0));
  const auto objects = find_objects(ring);
  ASSERT_EQ(objects.size(), 1U);
  ASSERT_EQ(objects[0].contours.size(), 2U);
  EXPECT_EQ(cv::boundingRect(objects[0].contours[0]), cv::Rect(2, 1, 8, 8));
  EXPECT_EQ(cv::boundingRect(objects[0].contours[1]), cv::Rect(3, 2, 5, 6));
  cv::fillPoly(drawn, std::vector{objects[0].contours[0]}, cv::Scalar(255));
  drawn(cv::Rect(4, 3, 3, 4)).setTo(0);
  EXPECT_EQ(cv::countNonZero(drawn != ring), 0);
}

TEST(FindObjects, CountsColumnsFromTheFirstPixel) {
  cv::Mat mask(3, 4, CV_8UC1, cv::Scalar(0));
  mask.colRange(1, 3) = 255;
  EXPECT_EQ(find_objects(mask).at(0).runs, (std::vector<int64_t>{3, 6, 3}));
  EXPECT_TRUE(find_objects(mask * 0).empty());
}

TEST(ObjectList, WritesEveryFrameAndObject) {
  ObjectList list;
  list.add({"in000007", 7, {}}, cv::Mat(12, 16, CV_8UC1, cv::Scalar(0)));
  list.add({"in000008", 8, {}, "", 1.25}, two_objects());
  EXPECT_EQ(list.csv().substr(0, list.csv().find("in000008,8,7")),
            "frame,number,x,y,width,height,area,centroid_x,centroid_y,seconds\n"
            "in000008,8,2,3,3,4,12,3.00,4.50,1.25\n");
  const auto coco = nlohmann::json::parse(list.coco());
  EXPECT_EQ(coco["images"].size(), 2U);
  ASSERT_EQ(coco["annotations"].size(), 2U);
  const auto& first = coco["annotations"][0];
  EXPECT_EQ(first["image_id"], 2);
  EXPECT_EQ(first["bbox"], nlohmann::json({2, 3, 3, 4}));
  EXPECT_EQ(first["centroid"], nlohmann::json({3.0, 4.5}));
  EXPECT_EQ(first["segmentation"]["size"], nlohmann::json({12, 16}));
  EXPECT_EQ(first["segmentation"]["counts"][0], 27);
  EXPECT_EQ(coco["categories"][0]["id"], 1);
  const auto contours = nlohmann::json::parse(list.contours());
  EXPECT_TRUE(contours["images"][0]["objects"].empty());
  EXPECT_TRUE(contours["images"][0]["seconds"].is_null());
  EXPECT_EQ(contours["images"][1]["seconds"], 1.25);
  const auto& object = contours["images"][1]["objects"][0];
  EXPECT_EQ(object["area"], 12);
  EXPECT_EQ(object["contours"], nlohmann::json({{{2, 3}, {2, 6}, {4, 6}, {4, 3}}}));
}

TEST(ObjectList, ObjectsOfTracksHaveTheirIds) {
  Tracker tracker;
  ObjectList list({Product::kContours, Product::kCoco}, "gate");
  for (int i = 0; i < 2; ++i) {
    list.add({"in000008", 8, {}, "in000008.jpg"}, {16, 12}, tracker.update(two_objects()));
  }
  const auto plain = find_objects(two_objects());
  const auto coco = nlohmann::json::parse(list.coco());
  EXPECT_EQ(coco["videos"], nlohmann::json::parse(R"([{"id": 1, "name": "gate"}])"));
  EXPECT_EQ(coco["tracks"].size(), 2U);
  EXPECT_EQ(coco["images"][1]["video_id"], 1);
  EXPECT_EQ(coco["images"][1]["frame_index"], 1);
  EXPECT_EQ(coco["images"][1]["file_name"], "in000008.jpg");
  ASSERT_EQ(coco["annotations"].size(), 4U);
  const auto& last = coco["annotations"][3];
  EXPECT_EQ(last["track_id"], 2);
  EXPECT_EQ(last["video_id"], 1);
  EXPECT_EQ(last["image_id"], 2);
  EXPECT_EQ(last["segmentation"]["counts"], nlohmann::json(plain[1].runs));
  const auto contours = nlohmann::json::parse(list.contours());
  EXPECT_EQ(contours["images"][1]["objects"][0]["id"], 1);
  EXPECT_EQ(contours["images"][1]["objects"][1]["id"], 2);
  EXPECT_EQ(contours["images"][1]["objects"][1]["area"], plain[1].area);
}

TEST(ObjectList, KeepsItsFormatsWhateverFramesAreCalled) {
  for (const std::string name : {"a,1", "a\"1", "a\n1", "caf\xe9", "-a", "12:30"}) {
    ObjectList list;
    list.add({name, 1, {}}, two_objects());
    const std::string row = list.csv().substr(list.csv().find('\n') + 1);
    EXPECT_EQ(row.find(csv_field(name) + ",1,2,3,3,4,12,"), 0U) << row;
    for (const std::string& json : {list.coco(), list.contours()}) {
      EXPECT_EQ(nlohmann::json::parse(json)["images"].size(), 1U) << name;
    }
  }
}

}  // namespace
}  // namespace proxseg
