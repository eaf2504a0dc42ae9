// Videos, decoded by FFmpeg's libraries. cv::VideoCapture decodes the same pixels, but it stops at
// the frame count of the container, turns portrait videos the wrong way up to OpenCV 4.6, hides
// what the decoder says, gives one reason for every failure, and cannot be interrupted.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "media/stored.h"

namespace proxseg {

// Where the index of a container says that a key frame is.
struct KeyFrame {
  int64_t place;   // in its ticks
  double seconds;  // since the first frame, to within some frames
};

class VideoSource : public FrameSource {
 public:
  virtual std::string codec() const = 0;  // FFmpeg's short name, such as "h264"
  // How its container says that pictures are turned: "90 degrees clockwise"; "" where they are not.
  virtual std::string orientation() const = 0;
  virtual std::string container() const = 0;  // likewise, such as "mov,mp4,m4a,3gp,3g2,mj2"
  // Frames that the container counts, 0 where it counts none: info().frames is then what its duration
  // and rate make of them, or how many are in it.
  virtual int64_t counted() const = 0;
  // After the last frame: "announces 300 frames, but 30 are in it", or likewise of seconds where it
  // counts none; "" where it announces what is there.
  virtual std::string difference() const = 0;
  // After the last frame: whether the file ends before its data does, as far as the container shows.
  virtual bool is_cut() const = 0;
  // Those of its index; none where it has none. To be asked before any frame.
  virtual std::vector<KeyFrame> key_frames() = 0;
  // The one at such a place, decoded; next() does not go on from any useful place then. Throws InputError where
  // there is none, or none that can be shown without others.
  virtual Frame key_frame(int64_t place) = 0;
  // Before any frame: leaves out most of those before that time, in seconds since the first frame. Positions and names
  // then count from the first that is left. False where the container leads beyond that time: to be opened again.
  virtual bool skip_to(double seconds) = 0;
  virtual int bits() const = 0;  // of a channel, before frames are converted to 8
};

// A video file; info().frames is what its container announces, or how many are in it where it
// announces nothing. Throws InputError that says what stands in the way: permission, an empty file,
// no video in it, an unknown codec.
std::unique_ptr<VideoSource> open_video_file(const std::string& path);

// A video behind the address that is info.path, as it comes. Throws InputError.
std::unique_ptr<VideoSource> open_video_address(SequenceInfo info, ShouldStop should_stop);

// A video in any container that needs no seeking, from standard input. Throws InputError.
std::unique_ptr<VideoSource> open_video_pipe(SequenceInfo info, ShouldStop should_stop);

}  // namespace proxseg
