#include "segment/products.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <map>
#include <nlohmann/json.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <sstream>

#include "proxseg/core/file.h"
#include "proxseg/core/text.h"
#include "segment/product/drawing.h"
#include "segment/product/outline.h"
#include "support/expect_error.h"
#include "support/sequence_files.h"

namespace proxseg {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const cv::Size kFrame(16, 12);

cv::Mat two_objects() {
  cv::Mat mask(kFrame, CV_8UC1, cv::Scalar(0));
  cv::rectangle(mask, {2, 3}, {4, 6}, 255, cv::FILLED);  // 3 x 4
  cv::circle(mask, {11, 7}, 4, 255, cv::FILLED);         // down to the border
  return mask;
}

cv::Mat ring() {
  cv::Mat mask(kFrame, CV_8UC1, cv::Scalar(0));
  cv::rectangle(mask, {2, 1}, {9, 8}, 255, cv::FILLED);
  cv::rectangle(mask, {4, 3}, {6, 6}, 0, cv::FILLED);
  return mask;
}

Track track_at(int64_t id, cv::Rect box, int64_t frames = 2) {
  Track track;
  track.id = id;
  track.frames = frames;
  track.shape = shape_of(cv::Mat(box.size(), CV_8UC1, cv::Scalar(255)), box.tl());
  track.velocity = {3.0, -4.0};
  return track;
}

// Products of a sequence of small frames.
struct Products : testing::Test {
  // Through a writer, as sequences are. Frames are called in000001, ...
  void write(const std::vector<cv::Mat>& masks, const std::string& save,
             const CountOptions& counts = {}) {
    ExportOptions options;
    options.save = parse_products(save);
    options.counts = counts;
    ProductWriter writer(folder / "", options, sequence, {});
    for (size_t i = 0; i < masks.size(); ++i) {
      writer.write(frame(static_cast<int64_t>(i) + 1), {masks[i], {}, {}, {}});
    }
    writer.finish(/*whole=*/true, {});
  }

  // By itself, of objects that are given.
  void write(OpenProduct* open, bool has_identities,
             const std::vector<std::vector<Track>>& objects_of_frames,
             const cv::Mat& image = cv::Mat(kFrame, CV_8UC1, cv::Scalar(0)),
             const cv::Mat& background = {}) {
    FrameFileQueue queue;
    const Counter counter;
    const ProductContext context{folder / "", sequence, {}, has_identities, queue, counter};
    const auto product = open(context);
    const Segmentation result{cv::Mat(kFrame, CV_8UC1, cv::Scalar(0)), {}, background, {}};
    int64_t number = 0;
    for (const auto& objects : objects_of_frames) {
      Frame now = frame(++number);
      now.image = image;
      product->add({now, result, objects});
    }
    queue.finish();
    product->finish({});
  }

  Frame frame(int64_t number) const {
    Frame frame{fmt::format("in{:06d}", number), number, cv::Mat(kFrame, CV_8UC1, cv::Scalar(9))};
    frame.file = frame.name + ".jpg";
    frame.folder = frames;
    frame.seconds = 0.125 * static_cast<double>(number - 1);
    return frame;
  }

  std::string text(const fs::path& name) const { return read_file(folder / name); }
  json parsed(const fs::path& name) const { return json::parse(text(name)); }

  std::vector<std::string> rows(const fs::path& name) const {
    std::vector<std::string> rows;
    std::istringstream lines(text(name));
    for (std::string row; std::getline(lines, row);) rows.push_back(row);
    return rows;
  }

  const TemporaryFolder folder;
  std::string frames;  // where they lie
  SequenceInfo sequence = [] {
    SequenceInfo info;
    info.name = "gate";
    info.size = kFrame;
    return info;
  }();
};

TEST_F(Products, BoxesAreThoseOfComponents) {
  write({cv::Mat(kFrame, CV_8UC1, cv::Scalar(0)), two_objects()}, "boxes");
  EXPECT_THAT(rows("boxes.csv"),
              testing::ElementsAre(
                  "frame,number,x,y,width,height,area,centroid_x,centroid_y,seconds",
                  "in000002,2,2,3,3,4,12,3.00,4.50,0.125", StartsWith("in000002,2,7,3,9,9,")));
}

TEST_F(Products, ContoursDrawTheMask) {
  write({cv::Mat(kFrame, CV_8UC1, cv::Scalar(0)), ring()}, "contours");
  const json images = parsed("contours.json")["images"];
  EXPECT_TRUE(images[0]["objects"].empty());
  EXPECT_EQ(images[1]["seconds"], 0.125);
  EXPECT_EQ(images[1]["file_name"], "in000002.jpg");
  ASSERT_EQ(images[1]["objects"].size(), 1U);
  const json object = images[1]["objects"][0];
  EXPECT_EQ(object["area"], cv::countNonZero(ring()));
  ASSERT_EQ(object["contours"].size(), 2U);
  std::vector<std::vector<cv::Point>> borders;
  for (const json& contour : object["contours"]) {
    auto& border = borders.emplace_back();
    for (const json& point : contour) border.emplace_back(point[0], point[1]);
  }
  cv::Mat drawn(kFrame, CV_8UC1, cv::Scalar(0)), hole = drawn.clone();
  cv::fillPoly(drawn, std::vector{borders[0]}, cv::Scalar(255));
  cv::fillPoly(hole, std::vector{borders[1]}, cv::Scalar(255));
  cv::polylines(hole, borders[1], /*isClosed=*/true, cv::Scalar(0));  // it runs around the hole
  EXPECT_EQ(cv::countNonZero((drawn & ~hole) != ring()), 0);
}

// The mask that run lengths stand for.
cv::Mat decode(const std::vector<int64_t>& runs) {
  cv::Mat columns(kFrame.width, kFrame.height, CV_8UC1, cv::Scalar(0));  // transposed
  int64_t position = 0;
  for (size_t i = 0; i < runs.size(); ++i) {
    for (int64_t k = 0; k < runs[i]; ++k) columns.data[position++] = i % 2 == 1 ? 255 : 0;
  }
  EXPECT_EQ(position, static_cast<int64_t>(columns.total()));
  return columns.t();
}

TEST_F(Products, CocoHoldsTheMask) {
  cv::Mat corners(kFrame, CV_8UC1, cv::Scalar(0));
  corners.at<uchar>(0, 0) = corners.at<uchar>(11, 15) = 255;
  const std::vector<cv::Mat> masks = {two_objects(), corners, ~corners, ring()};
  write(masks, "coco");
  const json coco = parsed("coco.json");
  std::vector<cv::Mat> decoded(masks.size());
  for (cv::Mat& mask : decoded) mask = cv::Mat(kFrame, CV_8UC1, cv::Scalar(0));
  for (const json& annotation : coco["annotations"]) {
    EXPECT_EQ(annotation["segmentation"]["size"], json({12, 16}));
    const cv::Mat object = decode(annotation["segmentation"]["counts"]);
    EXPECT_EQ(cv::countNonZero(object), annotation["area"]);
    const cv::Rect box = cv::boundingRect(object);
    EXPECT_EQ(annotation["bbox"], json({box.x, box.y, box.width, box.height}));
    EXPECT_EQ(annotation["category_id"], coco["categories"][0]["id"]);
    decoded.at(annotation["image_id"].get<size_t>() - 1) |= object;
  }
  for (size_t i = 0; i < masks.size(); ++i) {
    EXPECT_EQ(cv::countNonZero(decoded[i] != masks[i]), 0) << i;
    EXPECT_EQ(coco["images"][i]["id"], i + 1);
    EXPECT_EQ(coco["images"][i]["file_name"], fmt::format("in{:06d}.jpg", i + 1));
  }
  EXPECT_EQ(coco["annotations"][0]["centroid"], json({3.0, 4.5}));
  EXPECT_FALSE(coco.contains("tracks"));
}

TEST_F(Products, ListsHaveTheIdsOfTracks) {
  write({two_objects(), two_objects()}, "boxes,coco,contours,labelme,tracks");
  EXPECT_THAT(rows("boxes.csv")[0], testing::EndsWith(",seconds,id"));
  EXPECT_THAT(rows("boxes.csv")[4], testing::EndsWith(",0.125,2"));
  const json coco = parsed("coco.json");
  EXPECT_EQ(coco["videos"], json::parse(R"([{"id": 1, "name": "gate"}])"));
  EXPECT_EQ(coco["tracks"].size(), 2U);
  EXPECT_EQ(coco["images"][1]["video_id"], 1);
  EXPECT_EQ(coco["images"][1]["frame_index"], 1);
  ASSERT_EQ(coco["annotations"].size(), 4U);
  EXPECT_EQ(coco["annotations"][3]["track_id"], 2);
  EXPECT_EQ(coco["annotations"][3]["video_id"], 1);
  EXPECT_EQ(coco["annotations"][3]["image_id"], 2);
  EXPECT_EQ(coco["images"][1]["file_name"], "in000002.jpg");
  EXPECT_EQ(parsed("contours.json")["images"][1]["objects"][1]["id"], 2);
  EXPECT_EQ(parsed("labelme/in000002.json")["shapes"][1]["group_id"], 2);
}

TEST_F(Products, ListsKeepTheirFormatsWhateverFramesAreCalled) {
  for (const std::string name : {"a,1", "a\"1", "a\n1", "caf\xe9", "-a", "12:30"}) {
    ExportOptions options;
    options.save = parse_products("boxes,coco,contours,labelme,cvat");
    ProductWriter writer(folder / "", options, sequence, {});
    writer.write({name, 1, two_objects()}, {two_objects(), {}, {}, {}});
    writer.finish(/*whole=*/true, {});
    const std::string boxes = text("boxes.csv");
    EXPECT_THAT(boxes.substr(boxes.find('\n') + 1), StartsWith(csv_field(name) + ",1,2,3,3,4,12,"));
    EXPECT_EQ(parsed("coco.json")["images"].size(), 1U) << name;
    EXPECT_EQ(parsed("contours.json")["images"].size(), 1U) << name;
    EXPECT_EQ(parsed("labelme/" + name + ".json")["shapes"].size(), 2U) << name;
    for (const auto& entry : fs::directory_iterator(folder / "")) fs::remove_all(entry);
  }
}

// As ultralytics reads it: a class, then three corners or more, each from 0 to 1; drawn as it draws
// them.
cv::Mat yolo_mask(const std::string& file) {
  cv::Mat mask(kFrame, CV_8UC1, cv::Scalar(0));
  std::istringstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream row(line);
    int category = -1;
    row >> category;
    EXPECT_EQ(category, 0);
    std::vector<cv::Point> corners;
    for (double x = 0.0, y = 0.0; row >> x >> y;) {
      EXPECT_TRUE(x >= 0.0 && x <= 1.0 && y >= 0.0 && y <= 1.0) << line;
      corners.emplace_back(static_cast<int>(x * kFrame.width), static_cast<int>(y * kFrame.height));
    }
    EXPECT_GE(corners.size(), 3U) << line;
    cv::fillPoly(mask, std::vector{corners}, cv::Scalar(255));
  }
  return mask;
}

TEST_F(Products, YoloDrawsTheObjects) {
  cv::Mat pixel(kFrame, CV_8UC1, cv::Scalar(0));
  pixel.at<uchar>(5, 7) = 255;
  write({two_objects(), pixel, pixel * 0}, "yolo");
  EXPECT_EQ(cv::countNonZero(yolo_mask(text("yolo/labels/in000001.txt")) != two_objects()), 0);
  EXPECT_EQ(cv::countNonZero(yolo_mask(text("yolo/labels/in000002.txt")) != pixel), 0);
  EXPECT_EQ(text("yolo/labels/in000003.txt"), "");
  EXPECT_THAT(text("yolo/data.yaml"), HasSubstr("names:\n  0: moving object\n"));
}

// Two pieces of 3 x 3 pixels.
Track in_pieces() {
  Track track = track_at(5, {2, 4, 11, 3});
  track.shape.mask.colRange(3, 8).setTo(0);
  track.shape = shape_of(track.shape.mask, track.shape.box.tl());
  return track;
}

TEST_F(Products, AnObjectInPiecesIsOneOfYolosAndCvats) {
  write(open_yolo, /*has_identities=*/true, {{in_pieces()}});
  const auto labels = rows("yolo/labels/in000001.txt");
  ASSERT_EQ(labels.size(), 1U);
  const cv::Mat drawn = yolo_mask(labels[0] + '\n');
  EXPECT_GE(cv::countNonZero(drawn(in_pieces().shape.box) & in_pieces().shape.mask), 18);
  EXPECT_LE(cv::countNonZero(drawn), 18 + 5);  // and a bridge
  write(open_cvat, /*has_identities=*/true, {{in_pieces()}});
  EXPECT_THAT(text("cvat.xml"), HasSubstr("<track id=\"5\""));
  EXPECT_THAT(text("cvat.xml"), Not(HasSubstr(" frame=\"1\"")));  // the sequence ends before
  EXPECT_EQ(rows("cvat.xml").size(), 20U + 3U);
}

TEST_F(Products, LabelmeHasAPolygonForEachPiece) {
  frames = (folder / "frames").string();
  write(open_labelme, /*has_identities=*/true, {{in_pieces(), track_at(6, {1, 9, 1, 1})}, {}});
  const json file = parsed("labelme/in000001.json");
  for (const char* key : {"version", "flags", "imageData"}) EXPECT_TRUE(file.contains(key)) << key;
  EXPECT_EQ(file["imageHeight"], 12);
  EXPECT_EQ(file["imageWidth"], 16);
  EXPECT_EQ(file["imagePath"], "../frames/in000001.jpg");
  ASSERT_EQ(file["shapes"].size(), 3U);
  std::map<int, int> pieces;
  for (const json& shape : file["shapes"]) {
    EXPECT_EQ(shape["label"], "moving object");
    EXPECT_EQ(shape["shape_type"], "polygon");
    EXPECT_GE(shape["points"].size(), 3U);
    ++pieces[shape["group_id"]];
  }
  EXPECT_EQ(pieces, (std::map<int, int>{{5, 2}, {6, 1}}));
  EXPECT_TRUE(parsed("labelme/in000002.json")["shapes"].empty());
  EXPECT_EQ(text("labelme/labels.txt"), "__ignore__\nmoving object\n");
}

// Of a disc, a corner in some pixels is enough; of a small object, every one counts.
TEST(Outlines, HaveFewCornersForHandsAndAreTheShapeStill) {
  for (const int radius : {2, 5, 60}) {
    cv::Mat mask(200, 200, CV_8UC1, cv::Scalar(0));
    cv::circle(mask, {100, 100}, radius, 255, cv::FILLED);
    const Shape shape = shape_of(mask);
    const auto drawn = [&](Corners corners) {
      std::vector<cv::Point> outline;
      for (const cv::Point2d& corner : outline_of(shape, corners)) {
        outline.emplace_back(static_cast<int>(corner.x), static_cast<int>(corner.y));
      }
      cv::Mat drawing(mask.size(), CV_8UC1, cv::Scalar(0));
      cv::fillPoly(drawing, std::vector{outline}, cv::Scalar(255));
      return std::pair(shape_of(drawing), outline.size());
    };
    const auto [all, corners] = drawn(Corners::kAll);
    const auto [few, fewer_corners] = drawn(Corners::kFew);
    EXPECT_EQ(overlap(all, shape), united(all, shape).area);
    EXPECT_GT(overlap(few, shape), 0.95 * united(few, shape).area) << radius;
    EXPECT_LE(radius == 60 ? 3 * fewer_corners : fewer_corners, corners) << radius;
  }
}

TEST_F(Products, FramesThatAreNoFilesLieBesideTheirLabels) {
  ExportOptions options;
  options.save = parse_products("yolo,labelme,coco");
  ProductWriter writer(folder / "", options, sequence, {});
  const cv::Mat image(kFrame, CV_8UC3, cv::Scalar(10, 20, 30));
  writer.write({"frame000001", 1, image}, {two_objects(), {}, {}, {}});
  writer.finish(/*whole=*/true, {});
  EXPECT_EQ(parsed("labelme/frame000001.json")["imagePath"], "frame000001.png");
  EXPECT_EQ(parsed("coco.json")["images"][0]["file_name"], "frame000001.png");
  for (const char* file : {"labelme/frame000001.png", "yolo/images/frame000001.png"}) {
    EXPECT_EQ(cv::norm(cv::imread((folder / file).string()), image, cv::NORM_INF), 0.0) << file;
  }
}

TEST_F(Products, CvatEndsATrackWhereItIsNotSeen) {
  const Track a = track_at(1, {2, 4, 5, 2}), b = track_at(2, {9, 4, 3, 3});
  write(open_cvat, /*has_identities=*/true, {{a, b}, {b}, {a, b}});
  std::vector<std::string> seen;
  for (const std::string& row : rows("cvat.xml")) {
    const size_t at = row.find("frame=");
    if (row.find("<track ") != std::string::npos) seen.push_back(row.substr(2, 14));
    if (at != std::string::npos) seen.push_back(row.substr(at, row.find(" occluded") - at));
  }
  EXPECT_THAT(seen,
              testing::ElementsAre("<track id=\"1\" ", "frame=\"0\" keyframe=\"1\" outside=\"0\"",
                                   "frame=\"1\" keyframe=\"1\" outside=\"1\"",
                                   "frame=\"2\" keyframe=\"1\" outside=\"0\"", "<track id=\"2\" ",
                                   "frame=\"0\" keyframe=\"1\" outside=\"0\"",
                                   "frame=\"1\" keyframe=\"1\" outside=\"0\"",
                                   "frame=\"2\" keyframe=\"1\" outside=\"0\""));
  EXPECT_THAT(text("cvat.xml"), HasSubstr("points=\"2.5,4.5;2.5,5.5;6.5,5.5;6.5,4.5\""));
  EXPECT_THAT(text("cvat.xml"), HasSubstr("<size>3</size>"));
}

TEST_F(Products, TracksHaveARowForEachObjectAndFrame) {
  Track first = track_at(3, {2, 4, 5, 2}, 1);
  first.velocity = {};
  first.event = "enter";
  Track second = track_at(3, {3, 4, 5, 2});
  second.state = TrackState::kRest;
  write(open_tracks, /*has_identities=*/true, {{first}, {second}});
  EXPECT_THAT(rows("tracks.csv"),
              testing::ElementsAre("frame,number,seconds,id,x,y,width,height,centroid_x,centroid_y,"
                                   "area,difference,speed,state,event",
                                   "in000001,1,0,3,2,4,5,2,4.00,4.50,10,,,moving,enter",
                                   "in000002,2,0.125,3,3,4,5,2,5.00,4.50,10,,5.00,rest,"));
  EXPECT_EQ(text("tracks.txt"), "1,3,2,4,5,2,1,-1,-1,-1\n2,3,3,4,5,2,1,-1,-1,-1\n");
}

TEST_F(Products, TracksLeaveOutWhatIsSeenInOneFrameOnly) {
  const Track lasting = track_at(1, {2, 4, 5, 2}), brief = track_at(2, {9, 4, 1, 1}, 1);
  write(open_tracks, /*has_identities=*/true, {{lasting, brief}, {lasting}});
  EXPECT_THAT(text("tracks.csv"), Not(HasSubstr(",0,2,9,")));
  EXPECT_EQ(text("tracks.txt"), "1,1,2,4,5,2,1,-1,-1,-1\n2,1,2,4,5,2,1,-1,-1,-1\n");
}

// .299 40 + .587 20 - .114 10, where the object is; elsewhere frame and background differ by more.
TEST_F(Products, DifferenceIsThatOfLumaOverTheObject) {
  cv::Mat image(kFrame, CV_8UC3, cv::Scalar(0, 0, 0));
  const cv::Mat background(kFrame, CV_8UC3, cv::Scalar(100, 100, 100));
  image(cv::Rect(2, 4, 5, 2)).setTo(cv::Scalar(90, 120, 140));
  const std::vector<Track> object = {track_at(1, {2, 4, 5, 2})};
  write(open_tracks, /*has_identities=*/true, {object, object}, image, background);
  EXPECT_THAT(text("tracks.csv"), HasSubstr(",10,22.56,5.00,moving,"));
  write(open_tracks, /*has_identities=*/true, {object, object},
        cv::Mat(kFrame, CV_8UC1, cv::Scalar(30)), background);
  EXPECT_THAT(text("tracks.csv"), HasSubstr(",10,-70.00,5.00,moving,"));
}

TEST_F(Products, LabelsAreIdsInSixteenBits) {
  Track part = track_at(300, {9, 4, 3, 3});
  part.parent = 1;
  write(open_labels, /*has_identities=*/true,
        {{track_at(1, {2, 4, 5, 2})}, {track_at(1, {2, 4, 5, 2}), part}, {part}});
  const cv::Mat labels =
      cv::imread((folder / "labels/in000002.png").string(), cv::IMREAD_UNCHANGED);
  ASSERT_EQ(labels.type(), CV_16UC1);
  EXPECT_EQ(cv::countNonZero(labels == 1), 10);
  EXPECT_EQ(cv::countNonZero(labels == 300), 9);
  EXPECT_EQ(cv::countNonZero(labels), 19);
  EXPECT_EQ(text("labels.csv"), "id,first,last,parent\n1,0,1,0\n300,1,2,1\n");
  expect_error(ExitCode::kOutput, {"16 bits", "65535"}, [&] {
    write(open_labels, /*has_identities=*/true, {{track_at(65536, {2, 4, 5, 2})}});
  });
}

// A square that goes from left to right through the frame, 1 pixel a frame.
std::vector<cv::Mat> crossing_square() {
  std::vector<cv::Mat> masks;
  for (int x = 0; x < 12; ++x) {
    masks.emplace_back(kFrame, CV_8UC1, cv::Scalar(0));
    masks.back()(cv::Rect(x, 4, 3, 3)).setTo(255);
  }
  return masks;
}

TEST_F(Products, CountsSayWhoCrossedAndWhoStayed) {
  write(crossing_square(), "counts,overlay",
        {{parse_line("gate=8,12,8,0")}, {parse_zone("left, side=0,0,6,0,6,12,0,12")}});
  const json counts = parsed("counts.json");
  EXPECT_EQ(counts["lines"], json::parse(R"([{"name": "gate", "points": [[8.0, 12.0], [8.0, 0.0]],
                             "left_to_right": 1, "right_to_left": 0}])"));
  const json zone = counts["zones"][0];
  EXPECT_EQ(zone["visits"], 1);
  EXPECT_EQ(zone["most_at_once"], 1);
  const auto crossings = rows("crossings.csv");
  ASSERT_EQ(crossings.size(), 2U);
  // The centre is at frame number - 0, and beyond 8 by more than .3 in the ninth frame.
  EXPECT_EQ(crossings[1], "in000009,9,1,gate,1,left-to-right");
  // Inside by .3 from the first frame on, and no longer where it is .3 outside of 6.
  EXPECT_EQ(rows("visits.csv")[1], "\"left, side\",1,in000001,in000006,0,0.625,0.625");
  const auto occupancy = rows("occupancy.csv");
  ASSERT_EQ(occupancy.size(), 13U);
  EXPECT_EQ(occupancy[0], "frame,number,seconds,\"left, side\"");
  EXPECT_EQ(occupancy[3], "in000003,3,0.25,1");
  EXPECT_EQ(occupancy[12], "in000012,12,1.375,0");
  EXPECT_GT(fs::file_size(folder / "overlay.mp4"), 0U);
}

TEST_F(Products, CountingRefusesPlacesOutsideOfTheFrame) {
  const auto refuses = [&](const std::string& what, const CountOptions& counts) {
    expect_error(ExitCode::kUsage, {what, "outside of the frame", "16 x 12"},
                 [&] { write({}, "counts", counts); });
  };
  refuses("--line: 'line 1'", {{parse_line("17,0,20,12")}, {}});
  refuses("--line: 'by a corner'", {{parse_line("by a corner=13,-9,29,7")}, {}});
  refuses("--zone: 'a'", {{}, {parse_zone("a=0,-9,9,-9,9,-1")}});
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

TEST(DrawCounts, ShowsLinesAndZones) {
  const cv::Mat plain(120, 160, CV_8UC3, cv::Scalar(100, 100, 100));
  cv::Mat drawn = plain.clone();
  draw_counts(drawn, Counter());
  EXPECT_EQ(cv::norm(drawn, plain), 0.0);
  draw_counts(drawn, Counter({{parse_line("10,60,150,60")}, {parse_zone("a=20,80,60,80,60,110")}}));
  EXPECT_NE(drawn.at<cv::Vec3b>(60, 80), plain.at<cv::Vec3b>(60, 80));
  EXPECT_NE(drawn.at<cv::Vec3b>(95, 60), plain.at<cv::Vec3b>(95, 60));
  EXPECT_EQ(drawn.at<cv::Vec3b>(10, 80), plain.at<cv::Vec3b>(10, 80));
}

}  // namespace
}  // namespace proxseg
