// The container of a video: the packets of its video stream, its index, and what it announces.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "media/ffmpeg.h"
#include "media/ffmpeg_log.h"
#include "media/input_pipe.h"
#include "media/stored.h"
#include "media/video_reader.h"

namespace proxseg {

enum class VideoInput { kFile, kAddress, kPipe };

class VideoContainer final : private FfmpegListener {
 public:
  // address: the file, or the address with its password; not used for a pipe. Throws InputError.
  VideoContainer(VideoInput input, const std::string& address, ShouldStop should_stop);
  VideoContainer(const VideoContainer&) = delete;
  VideoContainer& operator=(const VideoContainer&) = delete;

  VideoInput input() const { return input_; }
  const AVStream& stream() const { return *stream_; }
  std::string format() const { return format_->iformat->name; }
  std::string codec() const { return avcodec_get_name(stream_->codecpar->codec_id); }
  int bits() const;             // of a channel, at least 8
  int count_of_videos() const;  // without cover pictures; the others are left out

  // The next packet of the video. Negative at the end, which note_end() judges.
  int read(AVPacket& packet);
  // A file may be cut, and a camera may go: what came is good. Throws InputError for any other end.
  // frames: that were shown before.
  void note_end(int error, int64_t frames);

  // Goes to the last key frame that is not later; negative where it cannot.
  int seek(int64_t timestamp);
  int64_t first_timestamp() const;
  double seconds_in(int64_t ticks) const;
  // Those of its index.
  std::vector<KeyFrame> key_frames();

  // One image after the other, as many cameras send them: FFmpeg counts them at 25 frames a second, however
  // they come.
  bool is_a_stream_of_images() const;
  // Frames a second, on average; 0 where it does not say.
  double frame_rate() const;
  // Frames that it counts; 0 where it counts none.
  int64_t counted() const;
  // The same, or what its duration and rate make of them.
  int64_t announced() const;
  // When the last frame ends, in seconds since the first; 0 where that is unknown.
  double end_of_stream() const;
  // Whether it says how many frames there are, and how long they last.
  bool is_measured() const { return announced() > 0 && span() > 0.0; }
  // How many there are and when the last one ends, by reading to the end without decoding: no packet
  // comes after that.
  std::pair<int64_t, double> measure();

  // As VideoSource has them; of so many frames, which end at that time.
  std::string difference(int64_t frames, double end) const;
  bool is_cut() const;

  // From any thread.
  void interrupt();
  bool is_called_off() const;

  // The input in messages.
  std::string what() const;
  [[noreturn]] void refuse(const std::string& reason, const std::string& remedy = "") const;

 private:
  struct FreeIo {
    void operator()(AVIOContext* context) const {
      av_freep(&context->buffer);
      avio_context_free(&context);
    }
  };

  void hear(const std::string& text) override;
  static int is_interrupted(void* self);
  static int read_pipe(void* pipe, uint8_t* bytes, int size);
  void make_io();
  void open();
  void choose_stream();
  bool has_gif_trailer() const;
  double span() const;
  double own_length() const;
  double length() const;

  VideoInput input_;
  std::string address_;
  ShouldStop should_stop_;
  std::unique_ptr<InputPipe> pipe_;
  std::atomic<bool> interrupted_ = false;
  std::unique_ptr<AVIOContext, FreeIo> io_;
  std::unique_ptr<AVFormatContext, FfmpegFree<avformat_close_input>> format_;
  AVStream* stream_ = nullptr;  // of format_
  std::atomic<bool> is_cut_ = false;
  int64_t last_end_ = 0;  // of the last packet, in bytes from the start of pipe_
};

}  // namespace proxseg
