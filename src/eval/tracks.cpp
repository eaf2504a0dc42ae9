#include "proxseg/eval/tracks.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <opencv2/core.hpp>

#include "proxseg/core/error.h"
#include "proxseg/track/assignment.h"

namespace proxseg {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr double kHalf = 0.5;        // least IoU of boxes that fit, but for HOTA
constexpr double kRoundOff = 1e-9;   // by which an IoU may miss a threshold
constexpr int kHotaThresholds = 19;  // .05, .1, ..., .95

// The boxes of a frame: identities, counted from 0, of truth (rows of iou) and result (columns).
struct FrameBoxes {
  std::vector<int> truth, result;
  cv::Mat iou;  // 64FC1
};

// All frames, and how many boxes each identity has.
struct Boxes {
  std::vector<FrameBoxes> frames;
  std::vector<double> truth, result;

  cv::Mat table() const {  // a number for each pair of identities
    return cv::Mat::zeros(static_cast<int>(truth.size()), static_cast<int>(result.size()), CV_64F);
  }
};

double box_iou(const cv::Rect2d& a, const cv::Rect2d& b) {
  const double shared = (a & b).area();
  return shared / (a.area() + b.area() - shared);
}

class Identities {
 public:
  int index(int64_t id) {
    return known_.emplace(id, static_cast<int>(known_.size())).first->second;
  }

 private:
  std::map<int64_t, int> known_;
};

void count(std::vector<double>& boxes_of, int identity) {
  const auto i = static_cast<size_t>(identity);
  if (i >= boxes_of.size()) boxes_of.resize(i + 1);
  ++boxes_of[i];
}

struct BoxLists {
  std::vector<const MotBox*> truth, result;
};

// 64FC1: truth in rows, result in columns.
cv::Mat iou_of(const BoxLists& list) {
  cv::Mat iou(static_cast<int>(list.truth.size()), static_cast<int>(list.result.size()), CV_64F);
  for (int i = 0; i < iou.rows; ++i) {
    for (int j = 0; j < iou.cols; ++j) {
      iou.at<double>(i, j) = box_iou(list.truth[static_cast<size_t>(i)]->box,
                                     list.result[static_cast<size_t>(j)]->box);
    }
  }
  return iou;
}

bool counts(const MotBox* box) { return box->confidence != 0.0; }

// Boxes of the truth that do not count, and those of the result that are theirs: paired with all boxes
// of the truth, as many as fit and then for the highest IoU, they get one that does not count.
void leave_out_what_does_not_count(BoxLists& list) {
  if (std::all_of(list.truth.begin(), list.truth.end(), counts)) return;
  cv::Mat cost = iou_of(list);
  std::transform(cost.begin<double>(), cost.end<double>(), cost.begin<double>(),
                 [](double iou) { return iou >= kHalf - kRoundOff ? -iou : kNever; });
  const std::vector<int> pairs = assign(cost);
  for (size_t i = 0; i < pairs.size(); ++i) {
    if (pairs[i] < 0 || counts(list.truth[i])) continue;
    list.result[static_cast<size_t>(pairs[i])] = nullptr;
  }
  std::erase(list.result, nullptr);
  std::erase_if(list.truth, [](const MotBox* box) { return !counts(box); });
}

Boxes boxes_by_frame(const std::vector<MotBox>& result, const std::vector<MotBox>& truth) {
  std::map<int64_t, BoxLists> lists;
  for (const MotBox& box : truth) lists[box.frame].truth.push_back(&box);
  for (const MotBox& box : result) lists[box.frame].result.push_back(&box);
  Boxes boxes;
  Identities of_truth, of_result;
  for (auto& [number, list] : lists) {
    leave_out_what_does_not_count(list);
    FrameBoxes frame;
    for (const MotBox* box : list.truth) frame.truth.push_back(of_truth.index(box->id));
    for (const MotBox* box : list.result) frame.result.push_back(of_result.index(box->id));
    for (const int i : frame.truth) count(boxes.truth, i);
    for (const int j : frame.result) count(boxes.result, j);
    frame.iou = iou_of(list);
    boxes.frames.push_back(std::move(frame));
  }
  return boxes;
}

// Calls visit(identity of truth, identity of result, row, column) for all pairs of boxes of a frame.
template <class Visit>
void for_each_pair(const FrameBoxes& frame, Visit&& visit) {
  for (int i = 0; i < frame.iou.rows; ++i) {
    for (int j = 0; j < frame.iou.cols; ++j) {
      visit(frame.truth[static_cast<size_t>(i)], frame.result[static_cast<size_t>(j)], i, j);
    }
  }
}

bool fits(const FrameBoxes& frame, int i, int j) {
  return frame.iou.at<double>(i, j) >= kHalf - kRoundOff;
}

double sum(const std::vector<double>& values) {
  double total = 0.0;
  for (const double value : values) total += value;
  return total;
}

// IDF1 = 2 IDTP / (boxes of the truth + boxes of the result), IDTP: the most boxes that fit under
// one pairing of identities.
double idf1_of(const Boxes& boxes) {
  cv::Mat cost = boxes.table();  // boxes that fit, negative
  for (const FrameBoxes& frame : boxes.frames) {
    for_each_pair(frame, [&](int truth, int result, int i, int j) {
      if (fits(frame, i, j)) --cost.at<double>(truth, result);
    });
  }
  const std::vector<int> pairs = assign(cost);
  double matched = 0.0;
  for (size_t i = 0; i < pairs.size(); ++i) {
    if (pairs[i] >= 0) matched -= cost.at<double>(static_cast<int>(i), pairs[i]);
  }
  return 2.0 * matched / (sum(boxes.truth) + sum(boxes.result));
}

// How well two identities fit as a whole, for the pairing of boxes within frames: the Jaccard index of
// their boxes, where a pair in a frame counts by its part of all the IoU of both boxes,
//   s = IoU / (sum of its row + sum of its column - IoU).
// This is how TrackEval, the measure's reference code, finds the pairing that is best for HOTA.
cv::Mat alignment_of(const Boxes& boxes) {
  cv::Mat shared = boxes.table();
  for (const FrameBoxes& frame : boxes.frames) {
    if (frame.iou.empty()) continue;
    cv::Mat rows, columns;
    cv::reduce(frame.iou, rows, 1, cv::REDUCE_SUM);
    cv::reduce(frame.iou, columns, 0, cv::REDUCE_SUM);
    for_each_pair(frame, [&](int truth, int result, int i, int j) {
      const double iou = frame.iou.at<double>(i, j);
      const double all = rows.at<double>(i) + columns.at<double>(j) - iou;
      if (all > 0.0) shared.at<double>(truth, result) += iou / all;
    });
  }
  for (int i = 0; i < shared.rows; ++i) {
    for (int j = 0; j < shared.cols; ++j) {
      double& value = shared.at<double>(i, j);
      value /= boxes.truth[static_cast<size_t>(i)] + boxes.result[static_cast<size_t>(j)] - value;
    }
  }
  return shared;
}

// At each threshold, how often each pair of identities is matched.
std::vector<cv::Mat> matches_of(const Boxes& boxes) {
  const cv::Mat alignment = alignment_of(boxes);
  std::vector<cv::Mat> matches;
  for (int k = 0; k < kHotaThresholds; ++k) matches.push_back(boxes.table());
  for (const FrameBoxes& frame : boxes.frames) {
    cv::Mat cost(frame.iou.size(), CV_64F);
    for_each_pair(frame, [&](int truth, int result, int i, int j) {
      cost.at<double>(i, j) = -alignment.at<double>(truth, result) * frame.iou.at<double>(i, j);
    });
    const std::vector<int> pairs = assign(cost);
    for (size_t i = 0; i < pairs.size(); ++i) {
      if (pairs[i] < 0) continue;
      const double iou = frame.iou.at<double>(static_cast<int>(i), pairs[i]);
      const int truth = frame.truth[i], result = frame.result[static_cast<size_t>(pairs[i])];
      for (int k = 0; k < kHotaThresholds && iou >= 0.05 * (k + 1) - kRoundOff; ++k) {
        ++matches[static_cast<size_t>(k)].at<double>(truth, result);
      }
    }
  }
  return matches;
}

// DetA = TP / (TP + FN + FP)
// AssA = 1 / TP sum over TP c of TPA(c) / (TPA(c) + FNA(c) + FPA(c)); for a pair of identities that is
//        matched n times, of a and b boxes, each of these is n / (a + b - n)
// HOTA = sqrt(DetA AssA)
void add_hota(const Boxes& boxes, TrackMeasures& measures) {
  const double all = sum(boxes.truth) + sum(boxes.result);
  for (const cv::Mat& matches : matches_of(boxes)) {
    const double tp = cv::sum(matches)[0];
    double association = 0.0;
    for (int i = 0; i < matches.rows; ++i) {
      for (int j = 0; j < matches.cols; ++j) {
        const double n = matches.at<double>(i, j);
        association +=
            n * n /
            (boxes.truth[static_cast<size_t>(i)] + boxes.result[static_cast<size_t>(j)] - n);
      }
    }
    association /= std::max(tp, 1.0);
    const double detection = tp / (all - tp);
    measures.hota += std::sqrt(detection * association);
    measures.detection += detection;
    measures.association += association;
  }
  for (double* value : {&measures.hota, &measures.detection, &measures.association}) {
    *value /= kHotaThresholds;
  }
}

// Frame by frame, boxes that fit are paired: those of one identity in the frame before first, then as
// many as can be, then for the highest IoU.
class Clear {
 public:
  explicit Clear(const Boxes& boxes)
      : last_(boxes.truth.size(), -1), in_frame_before_(boxes.truth.size(), -1) {
    for (const FrameBoxes& frame : boxes.frames) add(frame);
  }

  int64_t matched() const { return matched_; }
  int64_t switches() const { return switches_; }

 private:
  void add(const FrameBoxes& frame) {
    if (frame.iou.empty()) return;
    const std::vector<int> pairs = assign(cost_of(frame));
    std::fill(in_frame_before_.begin(), in_frame_before_.end(), -1);
    for (size_t i = 0; i < pairs.size(); ++i) {
      if (pairs[i] < 0 || !fits(frame, static_cast<int>(i), pairs[i])) continue;
      const auto truth = static_cast<size_t>(frame.truth[i]);
      const int result = frame.result[static_cast<size_t>(pairs[i])];
      ++matched_;
      if (last_[truth] >= 0 && last_[truth] != result) ++switches_;
      last_[truth] = in_frame_before_[truth] = result;
    }
  }

  cv::Mat cost_of(const FrameBoxes& frame) const {
    constexpr double kStays = 1000.0;  // more than all IoU of a frame
    cv::Mat cost = cv::Mat::zeros(frame.iou.size(), CV_64F);
    for_each_pair(frame, [&](int truth, int result, int i, int j) {
      if (!fits(frame, i, j)) return;
      const bool stays = in_frame_before_[static_cast<size_t>(truth)] == result;
      cost.at<double>(i, j) = -frame.iou.at<double>(i, j) - (stays ? kStays : 0.0);
    });
    return cost;
  }

  std::vector<int> last_, in_frame_before_;  // identity of the result, of each true one; -1: none
  int64_t matched_ = 0, switches_ = 0;
};

void add_clear(const Boxes& boxes, TrackMeasures& measures) {
  const Clear clear(boxes);
  measures.boxes = static_cast<int64_t>(sum(boxes.truth));
  measures.switches = clear.switches();
  measures.misses = measures.boxes - clear.matched();
  measures.false_positives = static_cast<int64_t>(sum(boxes.result)) - clear.matched();
  const int64_t errors = measures.misses + measures.false_positives + measures.switches;
  measures.mota = 1.0 - static_cast<double>(errors) / static_cast<double>(measures.boxes);
}

}  // namespace

TrackMeasures measure_tracks(const std::vector<MotBox>& result, const std::vector<MotBox>& truth) {
  const Boxes boxes = boxes_by_frame(result, truth);
  if (boxes.truth.empty()) throw InputError("the true tracks have no box that counts");
  TrackMeasures measures;
  measures.objects = static_cast<int64_t>(boxes.truth.size());
  measures.idf1 = idf1_of(boxes);
  add_hota(boxes, measures);
  add_clear(boxes, measures);
  return measures;
}

}  // namespace proxseg
