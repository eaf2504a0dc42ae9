// What FFmpeg's libraries write to their log about a container or a codec, given to its owner.
#pragma once

#include <string>

namespace proxseg {

// The owner: `opaque` of an AVFormatContext or AVCodecContext is a FfmpegListener*.
class FfmpegListener {
 public:
  virtual ~FfmpegListener() = default;
  // An error's text, without a line feed at its end; from any thread.
  virtual void hear(const std::string& text) = 0;
};

// From now on, for all of the process. What has no owner is silent.
void listen_to_ffmpeg();

}  // namespace proxseg
