#pragma once

namespace proxseg {

// Switches off what OpenCV and FFmpeg print themselves: every failure becomes an exception with a
// name and a reason.
void quiet_opencv();

}  // namespace proxseg
