// Tracks against true ones: boxes with identities, measured as MOTChallenge does.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "proxseg/track/motchallenge.h"

namespace proxseg {

// In [0, 1] where nothing else is said. Boxes fit by their intersection over union (IoU).
struct TrackMeasures {
  // Higher order tracking accuracy (Luiten et al., IJCV 2021): the mean over thresholds of IoU of .05,
  // .1, ..., .95 of sqrt(DetA AssA); and the means of these two.
  double hota = 0.0;
  double detection = 0.0;    // DetA: TP / (TP + FN + FP)
  double association = 0.0;  // AssA: the mean over TP of TPA / (TPA + FNA + FPA)
  // 2 IDTP / (2 IDTP + IDFN + IDFP), IoU >= .5, of the one pairing of all identities that is best
  // (Ristani et al., ECCV Workshops 2016).
  double idf1 = 0.0;
  // 1 - (FN + FP + switches) / boxes of the truth, IoU >= .5; at most 1, may be below 0 (Bernardin and
  // Stiefelhagen, EURASIP JIVP 2008).
  double mota = 0.0;
  int64_t switches = 0;  // true objects that take another identity, as counted for MOTA
  int64_t misses = 0;    // FN of MOTA
  int64_t false_positives = 0;
  int64_t boxes = 0;    // of the truth
  int64_t objects = 0;  // identities of the truth
};

// Frames belong together by their numbers. Boxes of the truth whose confidence is 0 don't count, nor do
// those of the result that fit them (IoU >= .5) and no other: a frame's boxes are paired, as many as fit.
// Throws InputError if no box of the truth is left.
TrackMeasures measure_tracks(const std::vector<MotBox>& result, const std::vector<MotBox>& truth);

// columns: of a terminal that the table has to fit; 0: any.
std::string to_text(const TrackMeasures& measures, size_t columns = 0);
std::string to_markdown(const TrackMeasures& measures);
std::string to_csv(const TrackMeasures& measures);
std::string to_json(const TrackMeasures& measures);

}  // namespace proxseg
