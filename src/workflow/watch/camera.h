// One camera, from when it is opened until it ends or fails.
#pragma once

#include <functional>
#include <string>

#include "proxseg/workflow/watch.h"
#include "workflow/watch/event_program.h"

namespace proxseg {

// What outlasts the attempts to watch a camera.
struct CameraRecord {
  EventProgram program;
  std::string failure{};  // the reason of the last one; "" once there was a frame since
};

// Watches it until it ends or should_stop: a stream, which source.reconnect opens again, or a file,
// whose frames all count. segmenter: its settled background is followed. What ends it is told as an event,
// unless record.failure says the same. Throws InputError for an input that cannot be opened or breaks;
// OutputError.
WatchResult watch_camera(NetworkSegmenter& segmenter, WatchedCamera& camera, CameraRecord& record,
                         const SourceOptions& source, const WatchOptions& options,
                         const std::function<bool()>& should_stop);

}  // namespace proxseg
