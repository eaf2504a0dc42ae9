// The objects in masks, and lists of them over a sequence.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "proxseg/media/source.h"
#include "proxseg/segment/segmenter.h"
#include "proxseg/track/tracker.h"

namespace proxseg {

struct MaskObject {
  int64_t id = 0;  // of its track; 0: not known
  cv::Rect box;
  int area = 0;  // pixels
  cv::Point2d centroid;
  // COCO's run lengths: pixels down the columns of the whole mask, outside, inside, outside, ...;
  // the outside at its end included.
  std::vector<int64_t> runs;
  // Border pixels in order, those on straight lines left out: the outer border, then those of
  // holes, each of which runs over the pixels around the hole.
  std::vector<std::vector<cv::Point>> contours;
};

// The 8-connected components of mask, 8UC1, 0 outside; in the order of their first pixels.
std::vector<MaskObject> find_objects(const cv::Mat& mask);

// The tracks of a frame of that size.
std::vector<MaskObject> objects_of(const std::vector<Track>& tracks, cv::Size frame);

class ObjectList {
 public:
  // lists: kBoxes for csv(), kContours, kCoco; the others stay empty.
  explicit ObjectList(std::set<Product> lists = {Product::kBoxes, Product::kContours,
                                                 Product::kCoco},
                      std::string sequence = {})
      : lists_(std::move(lists)), sequence_(std::move(sequence)) {}

  // All frames by one of the two. The objects of the second have identities.
  void add(const Frame& frame, const cv::Mat& mask);
  void add(const Frame& frame, cv::Size size, const std::vector<Track>& tracks);

  // A row an object: frame,number,x,y,width,height,area,centroid_x,centroid_y,seconds; in pixels from
  // 0 and seconds since the first frame of the input, empty where it knows no times.
  const std::string& csv() const { return csv_; }

  // COCO's JSON: every frame as an image, "file_name" with its extension where it is a file; every
  // object as an annotation with uncompressed RLE, and with its centroid, which COCO doesn't have. Of
  // tracks, as TAO (Dave et al., ECCV 2020) adds to it: "videos", of which this sequence is the first,
  // and "tracks"; "video_id" and "frame_index", from 0, of images, "video_id" and "track_id" of
  // annotations.
  std::string coco() const;

  // {"images": [{"file_name", "number", "seconds", "width", "height", "objects": [{"box": [x, y, width,
  // height], "area", "centroid": [x, y], "contours": [[[x, y], ...], ...]}]}]}, in pixels from 0. The
  // objects of tracks begin with "id".
  std::string contours() const;

 private:
  void add_to_csv(const Frame& frame, const std::vector<MaskObject>& objects);
  void add(const Frame& frame, cv::Size size, const std::vector<MaskObject>& objects);
  void add_to_contours(const Frame& frame, cv::Size size, const std::vector<MaskObject>& objects);
  void add_to_coco(const Frame& frame, cv::Size size, const std::vector<MaskObject>& objects);

  std::set<Product> lists_;
  std::string sequence_;
  bool has_identities_ = false;
  std::set<int64_t> ids_;  // of objects in coco()
  std::string csv_ = "frame,number,x,y,width,height,area,centroid_x,centroid_y,seconds\n";
  nlohmann::ordered_json images_ = nlohmann::ordered_json::array();
  nlohmann::ordered_json annotations_ = nlohmann::ordered_json::array();
  nlohmann::ordered_json outlined_ = nlohmann::ordered_json::array();  // images with their contours
};

}  // namespace proxseg
