// A camera that is left alone: masks, objects and what happens, for weeks.
//   DIR/events.jsonl           what happens, one JSON object a line (docs/inputs-outputs.md has the fields); where it
//                              grows beyond 16 MiB it becomes events.1.jsonl, whose earlier content goes
//   DIR/masks/TIME.mkv         masks, in files of bounded length and number
//   DIR/overlays/TIME.mp4      the frames with their objects, likewise
//   DIR/mask/NAME.png          masks of single frames
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "proxseg/media/sequences.h"
#include "proxseg/media/source.h"
#include "proxseg/segment/network_segmenter.h"
#include "proxseg/workflow/watch/observer.h"

namespace proxseg {

struct WatchOptions {
  std::set<Product> save = {Product::kMaskVideo};  // of kMask, kMaskVideo and kOverlay
  double segment = 600.0;                          // seconds of each video
  double keep = 7.0 * 86400.0;                     // seconds after which it is removed
  // A program that is started for each event, with the line as its only argument; "": none.
  std::string on_event{};
  bool prints_events = false;  // to standard output, too
};

struct WatchResult {
  int64_t frames = 0;
  int64_t uncertain = 0;  // of them
  int64_t objects = 0;
  double seconds = 0.0;
};

struct WatchCallbacks {
  std::function<bool()> should_stop = [] { return false; };
  std::function<void(int64_t frames)> on_frames = [](int64_t) {};
  std::vector<WatchObserver*> observers{};
};

// Watches one input until it ends or should_stop: a stream, which source.reconnect opens again, or
// a file, whose frames all count. segmenter: one that was told to follow(). Throws InputError for
// an input that cannot be opened or breaks; OutputError.
WatchResult watch(NetworkSegmenter& segmenter, const NamedSequence& input,
                  const std::filesystem::path& folder, const SourceOptions& source,
                  const WatchOptions& options, const WatchCallbacks& callbacks = {});

}  // namespace proxseg
