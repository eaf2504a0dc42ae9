// Packets of a video in, pictures out.
#pragma once

#include <atomic>
#include <memory>
#include <opencv2/core.hpp>
#include <string>

#include "media/ffmpeg.h"
#include "media/ffmpeg_log.h"
#include "media/orientation.h"
#include "media/video_container.h"

namespace proxseg {

class VideoDecoder final : private FfmpegListener {
 public:
  // On as many threads as there are cores, or on one alone. Throws InputError where there is no decoder for the
  // container's video.
  enum class Threads { kAll, kOne };
  explicit VideoDecoder(const VideoContainer& container, Threads threads = Threads::kAll);
  VideoDecoder(const VideoDecoder&) = delete;
  VideoDecoder& operator=(const VideoDecoder&) = delete;

  // As FFmpeg answers: 0, or a negative number. send(nullptr): that was the last.
  int send(const AVPacket* packet);
  int receive();
  // Forgets what it was sent.
  void flush();

  // Of the picture received last: in the stream's ticks, AV_NOPTS_VALUE where nobody knows.
  int64_t time() const { return frame_->best_effort_timestamp; }
  // What is wrong with it all the same; "" where nothing is. To be asked once for each picture, and
  // where receive() fails. is_alone: the decoder was sent nothing else.
  std::string take_damage(bool is_alone = false);
  // Whether it works on several pictures at once. It can't tell then which one is damaged once it has trouble: the last
  // one, or one that is still to come. Those before are whole.
  bool works_on_several() const;
  bool has_trouble() const { return has_complained_ || is_flagged(); }
  // 8UC1 or 8UC3 BGR, the right way up; empty where its pixels cannot be converted.
  cv::Mat image();

  const Orientation& orientation() const { return orientation_; }

 private:
  bool is_flagged() const;
  void hear(const std::string& text) override;

  std::unique_ptr<AVFrame, FfmpegFree<av_frame_free>> frame_;
  std::unique_ptr<SwsContext, FreeScaler> scaler_;
  Orientation orientation_;
  std::atomic<bool> has_complained_ = false;  // since take_damage()
  std::unique_ptr<AVCodecContext, FfmpegFree<avcodec_free_context>>
      codec_;  // last: its threads use the complaint
};

}  // namespace proxseg
