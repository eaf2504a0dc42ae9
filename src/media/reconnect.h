// Cameras that come and go.
#pragma once

#include <functional>
#include <memory>

#include "media/stored.h"
#include "proxseg/media/stream.h"

namespace proxseg {

// Opens the stream; it ends where the function says so.
using OpenConnection = std::function<std::unique_ptr<FrameSource>(ShouldStop)>;

// The frames of one connection after the other, until should_stop. A connection is lost when it
// ends, fails, or sends no frame for `silence` seconds; it is opened again after pauses of 1, 2, 4,
// ... and at most 60 s, all of which a warning says. Frames count on, and their times go on by the
// clock of this machine: seconds since the first frame, which never run back, and leap by ten seconds
// at most where the stream's do. on_connection may be empty. Throws what
// open throws the first time.
std::unique_ptr<FrameSource> reconnecting(OpenConnection open, double silence,
                                          ShouldStop should_stop, OnConnection on_connection);

}  // namespace proxseg
