// Counting objects: who crosses a line, and who is in a zone, when and for how long. An object is
// where its centroid is.
#pragma once

#include <cstdint>
#include <map>
#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <vector>

#include "proxseg/track/tracker.h"

namespace proxseg {

// From one point to another, in pixels of the frame. Left and right are as seen from `from` towards
// `to` in the picture.
struct CountLine {
  std::string name;
  cv::Point2d from, to;
};

struct CountZone {
  std::string name;
  std::vector<cv::Point2d> polygon;  // three corners or more, in pixels of the frame
};

// "NAME=X,Y,X,Y" or "X,Y,X,Y", whose name stays empty. Throws UsageError.
CountLine parse_line(const std::string& text);

// "NAME=X,Y,X,Y,X,Y,...". Throws UsageError.
CountZone parse_zone(const std::string& text);

struct CountOptions {
  std::vector<CountLine> lines;
  std::vector<CountZone> zones;

  bool empty() const { return lines.empty() && zones.empty(); }
};

enum class Direction { kLeftToRight, kRightToLeft };

struct LineCrossing {
  int64_t frame = 0;                // the first in which the object is beyond the line, from 0
  std::optional<double> seconds{};  // of that frame
  size_t line = 0;                  // index in CountOptions::lines
  int64_t id = 0;                   // of the object
  Direction direction = Direction::kLeftToRight;
};

// An object's stay in a zone, from one frame to another, both in it; frames from 0.
struct Visit {
  size_t zone = 0;  // index in CountOptions::zones
  int64_t id = 0;   // of the object
  int64_t first = 0, last = 0;
  std::optional<double> from{}, to{};  // seconds

  // 0 for an object that is seen there in one frame only; nothing where frames have no times.
  std::optional<double> seconds() const;
};

struct LineCount {
  CountLine line;
  int64_t left_to_right = 0, right_to_left = 0;
};

struct ZoneCount {
  CountZone zone;
  int64_t visits = 0;
  int64_t objects = 0;                // different ones
  int64_t most = 0;                   // at the same time
  double mean = 0.0;                  // at the same time, over all frames
  std::optional<double> mean_stay{};  // seconds of a visit; nothing without visits or times
};

struct Counts {
  std::vector<LineCount> lines;
  std::vector<ZoneCount> zones;
};

// Objects count once they are seen in three frames, and then with all of them: what is seen in
// fewer may be noise or a splinter of another object. One that stands on a line or on the border of
// a zone does not count again and again: it has changed sides once it is beyond by a tenth of its
// size (the square root of its area). An object that crosses while it is hidden counts where it is
// seen again; one that is no longer seen in a zone has left it where it was last seen.
class Counter {
 public:
  // Lines without a name become "line 1", "line 2", ... Throws UsageError for two of one name,
  // lines without length, zones of fewer than three corners or without area.
  explicit Counter(CountOptions options = {});

  const CountOptions& options() const { return options_; }

  // tracks: of the next frame, as Tracker gives them.
  void update(const std::vector<Track>& tracks, std::optional<double> seconds = std::nullopt);

  // In the order of their frames.
  std::vector<LineCrossing> crossings() const;

  // In the order of their ends; those that last until now are given last.
  std::vector<Visit> visits() const;

  // How many have crossed each line until now.
  const std::vector<LineCount>& line_counts() const { return line_counts_; }

  // How many objects are in each zone, for each frame until now; objects that don't count yet are
  // added to the frames in which they were seen once they do.
  const std::vector<std::vector<int64_t>>& occupancies() const { return occupancies_; }

  // The same of the last frame; 0 before the first.
  std::vector<int64_t> occupancy() const;

  Counts counts() const;

 private:
  struct Stay {
    bool is_inside = false;
    Visit visit{};
  };
  // Of an object in one frame.
  struct Sighting {
    int64_t frame;
    std::optional<double> seconds;
    cv::Point2d place;
    double margin;  // by which it must be beyond a line or border
  };
  struct Whereabouts {
    std::vector<Sighting> pending;                  // from before it counts
    std::vector<std::optional<cv::Point2d>> sides;  // of each line: the last place surely beside it
    std::vector<Stay> stays;                        // of each zone
  };

  void look_at_lines(int64_t id, const Sighting& sighting, Whereabouts& object);
  void look_at_zones(int64_t id, const Sighting& sighting, Whereabouts& object);

  CountOptions options_;
  std::map<int64_t, Whereabouts> objects_;  // by id
  std::vector<LineCrossing> crossings_;     // as they were found
  std::vector<LineCount> line_counts_;
  std::vector<Visit> visits_;  // that are over
  std::vector<std::vector<int64_t>> occupancies_;
};

}  // namespace proxseg
