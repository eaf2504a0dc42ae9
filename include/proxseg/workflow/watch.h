// Cameras that are left alone: masks, objects and what happens, for weeks. For each a folder:
//   DIR/events.jsonl           what happens, one JSON object a line (docs/inputs-outputs.md has the fields); where it
//                              grows beyond 16 MiB it becomes events.1.jsonl, whose earlier content goes
//   DIR/watch.json             what is watched there: one input
//   DIR/masks/TIME.mkv         masks, in files of bounded length and number
//   DIR/overlays/TIME.mp4      the frames with their objects, likewise
//   DIR/tracks/TIME.csv        where objects are, likewise
//   DIR/mask/NAME.png          masks of single frames
//   DIR/state/                 of a stream: scene and objects, each minute and at the end, to go on with
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <exception>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "proxseg/media/sequences.h"
#include "proxseg/media/source_options.h"
#include "proxseg/segment/network_segmenter.h"
#include "proxseg/workflow/watch/observer.h"

namespace proxseg {

struct WatchOptions {
  // Of kMask, kMaskVideo, kOverlay and kTracks.
  std::set<Product> save = {Product::kMaskVideo};
  double segment = 600.0;       // seconds of each video and table
  double keep = 7.0 * 86400.0;  // seconds after which it is removed
  // A program that is started for each event, with the line as its only argument; "": none.
  std::string on_event{};
  bool prints_events = false;  // to standard output, too
  FollowOptions follow{};      // beside: cameras and addresses are, whatever it says
};

struct WatchResult {
  int64_t frames = 0;
  int64_t uncertain = 0;  // of the frames
  int64_t objects = 0;
};

// What one camera does now: written by the thread that watches it, read by any.
struct CameraPulse {
  std::atomic<int64_t> frames = 0;  // that have been segmented
  std::atomic<bool> is_connected = false;
  std::atomic<bool> has_failed = false;  // at least once
  // Since when a frame is being worked on, by now(); 0 while one is waited for.
  std::atomic<int64_t> busy_since = 0;

  // Nanoseconds of a clock that does not run back.
  static int64_t now();
};

struct WatchedCamera {
  NamedSequence input;
  std::filesystem::path folder;
  std::vector<WatchObserver*> observers{};
  CameraPulse pulse{};
  WatchResult result{};           // of all its connections; after watch_all()
  std::exception_ptr error = {};  // likewise: what has ended it, if anything did
};

// Each camera on a thread of its own, which computes with so many more, until all have ended or should_stop.
// They share the network of segmenter, whose settled background each follows. should_stop is asked by
// several threads. What ends one is logged at once where there are others, which it does not end. A stream
// that fails, among others or after its first frame, is tried again after pauses of 1, 2, 4, ... and at
// most 60 s, which begin anew where it went well for a minute.
void watch_all(const NetworkSegmenter& segmenter, std::deque<WatchedCamera>& cameras,
               const SourceOptions& source, const WatchOptions& options, int64_t threads,
               const std::function<bool()>& should_stop);

}  // namespace proxseg
