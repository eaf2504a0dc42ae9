#pragma once

#include <cstdlib>
#include <mutex>
#include <opencv2/core/utils/logger.hpp>

namespace proxseg {

// Switches off what OpenCV and FFmpeg print themselves: every failure becomes an exception with a
// name and a reason.
inline void quiet_opencv() {
  static std::once_flag once;
  std::call_once(once, [] {
    cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
    // -8 is AV_LOG_QUIET. OpenCV reads it when it opens its first video; a user's own setting is
    // kept.
    ::setenv("OPENCV_FFMPEG_LOGLEVEL", "-8", 0);
  });
}

}  // namespace proxseg
