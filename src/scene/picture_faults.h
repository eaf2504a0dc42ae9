// Pictures that arrive broken, or the same again and again.
#pragma once

#include <opencv2/core.hpp>
#include <vector>

#include "proxseg/scene/follower.h"
#include "scene/picture.h"

namespace proxseg {

class PictureFaults {
 public:
  // What begins or ends with the next frame, 8UC1 or 8UC3. now: in seconds.
  std::vector<SceneEvent> look(const cv::Mat& frame, const cv::Mat& background, double now) {
    constexpr double kFrozen = 3.0;  // seconds
    const bool was_frozen = is_frozen_, was_damaged = is_damaged_;
    const bool is_same = last_.size() == frame.size() && last_.type() == frame.type() &&
                         cv::norm(frame, last_, cv::NORM_INF) == 0.0;
    if (!is_same) {
      last_ = frame.clone();
      still_since_ = now;
    }
    is_frozen_ = now - still_since_ >= kFrozen;
    std::vector<SceneEvent> events;
    if (is_frozen_ != was_frozen) events.push_back({is_frozen_ ? "frozen" : "thawed", now});
    whole_rows_ = rows_above_smear(frame, background);
    is_damaged_ = whole_rows_ < frame.rows;
    if (is_damaged_ != was_damaged) {
      events.push_back(was_damaged ? SceneEvent{"repaired", now}
                                   : SceneEvent{"damaged", now, "the lower part repeats one row"});
    }
    return events;
  }

  bool is_sound() const { return !is_frozen_ && !is_damaged_; }
  bool is_damaged() const { return is_damaged_; }
  // Of the last frame, from the top.
  int whole_rows() const { return whole_rows_; }

 private:
  cv::Mat last_;              // unlike the frame before it
  double still_since_ = 0.0;  // when it came
  bool is_frozen_ = false, is_damaged_ = false;
  int whole_rows_ = 0;
};

}  // namespace proxseg
