// Boxes with identities, as text of MOTChallenge (Leal-Taixe et al., "MOTChallenge 2015: Towards a
// benchmark for multi-target tracking", arXiv:1504.01942): a row a box,
//   frame,id,left,top,width,height,conf,x,y,z
// in pixels, frames and ids from 1, x, y and z -1 where positions in space are not known.
#pragma once

#include <cstdint>
#include <filesystem>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

namespace proxseg {

struct MotBox {
  int64_t frame = 1;
  int64_t id = 1;
  cv::Rect2d box;
  // Of results, how sure they are; of ground truth, 0 for boxes that do not count.
  double confidence = 1.0;
};

// Rows with at least the first six columns; further ones are left out. Throws InputError naming file
// and line: a row that is none, two boxes of one id in one frame.
std::vector<MotBox> read_motchallenge(const std::filesystem::path& file);

// In that order.
std::string to_motchallenge(const std::vector<MotBox>& boxes);

}  // namespace proxseg
