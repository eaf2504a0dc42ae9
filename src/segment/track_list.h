// The objects of a sequence with their identities, as lists.
#pragma once

#include <cstdint>
#include <map>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "proxseg/media/source.h"
#include "proxseg/track/motchallenge.h"
#include "proxseg/track/tracker.h"

namespace proxseg {

// Objects that are seen in one frame only are left out.
class TrackList {
 public:
  // background: as Segmentation has it, without the objects; may be empty.
  void add(const Frame& frame, const cv::Mat& background, const std::vector<Track>& tracks);

  // A row an object and frame: frame,number,seconds,id,x,y,width,height,centroid_x,centroid_y,area,
  // difference,speed,state,event; in pixels from 0. difference: the mean of frame - background over
  // the object's pixels, in grey levels (luma of ITU-R BT.601). speed: in pixels a second, or a frame
  // where there are no times; empty the first time.
  std::string csv() const;

  // Frames are counted from 1.
  std::string motchallenge() const;

 private:
  struct Row {
    MotBox box;
    std::string csv;
  };
  bool is_listed(const Row& row) const { return rows_of_.at(row.box.id) > 1; }

  int64_t frames_ = 0;
  std::vector<Row> rows_;
  std::map<int64_t, int64_t> rows_of_;  // how many each id has
};

}  // namespace proxseg
