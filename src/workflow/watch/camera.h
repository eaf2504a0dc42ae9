// One camera, from when it is opened until it ends or fails.
#pragma once

#include <functional>

#include "proxseg/workflow/watch.h"

namespace proxseg {

// Watches it until it ends or should_stop: a stream, which source.reconnect opens again, or a file,
// whose frames all count. segmenter: its settled background is followed. Throws InputError for an
// input that cannot be opened or breaks; OutputError.
WatchResult watch_camera(NetworkSegmenter& segmenter, WatchedCamera& camera,
                         const SourceOptions& source, const WatchOptions& options,
                         const std::function<bool()>& should_stop);

}  // namespace proxseg
