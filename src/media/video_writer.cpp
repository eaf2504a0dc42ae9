// By FFmpeg's libraries: cv::VideoWriter knows no times, and a camera's frames don't come evenly.
#include <fmt/format.h>

extern "C" {
#include <libavutil/opt.h>
}

#include <cmath>
#include <stdexcept>
#include <system_error>
#include <utility>
#include <vector>

#include "media/ffmpeg.h"
#include "media/opencv_log.h"
#include "media/video_reader.h"
#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/media/sink.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

struct FreeOutput {
  void operator()(AVFormatContext* context) const {
    avio_closep(&context->pb);
    avformat_free_context(context);
  }
};

// Exact for the usual rates, and no more than MPEG-4 part 2 takes.
constexpr AVRational kTick = {1, 60000};

}  // namespace

class VideoWriter::Impl {
 public:
  Impl(fs::path path, cv::Size size, double fps)
      : path_(std::move(path)),
        // Absolute: FFmpeg takes what comes before a ':' for a protocol.
        temporary_(temporary_path_for(fs::absolute(path_))),
        size_(size),
        fps_(fps),
        lossless_(path_.extension() == ".mkv") {
    if (size.width < 1 || size.height < 1 || !(fps > 0.0)) {
      throw UsageError(fmt::format("a video of {} x {} at {} frames a second cannot be written",
                                   size.width, size.height, fps));
    }
    if (!lossless_ && path_.extension() != ".mp4") {
      throw OutputError(
          fmt::format("cannot write '{}': videos are written as .mp4 or .mkv", path_.string()),
          "Give a name that ends in .mp4, or in .mkv for grey without loss.");
    }
    make_writable_folder(path_.has_parent_path() ? path_.parent_path() : fs::path("."));
    quiet_opencv();
    av_log_set_level(AV_LOG_QUIET);  // every failure becomes an exception
    open_encoder();
    open_file();
  }

  ~Impl() { discard(); }

  void write(const cv::Mat& frame, std::optional<double> seconds) {
    if (!output_) throw std::logic_error("VideoWriter: write() after close()");
    const bool known_type = frame.type() == CV_8UC1 || (frame.type() == CV_8UC3 && !lossless_);
    if (!known_type || frame.size() != size_) {
      throw std::invalid_argument(
          fmt::format("VideoWriter: frame must be 8UC1{} of {} x {}, is type {} of {} x {}",
                      lossless_ ? "" : " or 8UC3", size_.width, size_.height, frame.type(),
                      frame.cols, frame.rows));
    }
    cv::Mat image;
    cv::copyMakeBorder(frame, image, 0, size_.height % 2, 0, size_.width % 2, cv::BORDER_REPLICATE);
    const Picture picture = picture_of(image);
    picture->pts = tick_of(seconds);
    encode(picture.get());
    ++frames_;
  }

  void close(std::optional<double> end) {
    if (!output_) return;
    if (frames_ == 0) fail("no frame was written to it");
    encode(nullptr);
    const double second = 1.0 / av_q2d(kTick);
    put_packet(end && first_seconds_ ? std::llround((*end - *first_seconds_) * second) - last_
                                     : std::llround(second / fps_));
    if (error_ == 0) error_ = std::min(0, av_write_trailer(output_.get()));
    if (error_ == 0) error_ = std::min(0, avio_closep(&output_->pb));
    output_.reset();
    if (error_ < 0) fail(fmt::format("{}; is the disk full?", ffmpeg_reason(error_)));
    if (!is_whole()) fail("the finished video cannot be read back; is the disk full?");
    publish_file(temporary_, path_);
  }

 private:
  using Picture = std::unique_ptr<AVFrame, FfmpegFree<av_frame_free>>;

  void open_encoder() {
    const std::vector<AVCodecID> codecs = lossless_
                                              ? std::vector{AV_CODEC_ID_FFV1}
                                              : std::vector{AV_CODEC_ID_H264, AV_CODEC_ID_MPEG4};
    for (const AVCodecID id : codecs) {
      const AVCodec* codec = avcodec_find_encoder(id);
      if (codec == nullptr) continue;
      encoder_.reset(avcodec_alloc_context3(codec));
      encoder_->width = size_.width + size_.width % 2;
      encoder_->height = size_.height + size_.height % 2;
      encoder_->pix_fmt = lossless_ ? AV_PIX_FMT_GRAY8 : AV_PIX_FMT_YUV420P;
      encoder_->time_base = kTick;
      encoder_->framerate = av_d2q(fps_, 100000);
      encoder_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;  // as both containers want it
      encoder_->thread_count = 0;
      encoder_->max_b_frames = 0;  // in the file in the order of their times, which are exact then
      if (id == AV_CODEC_ID_MPEG4) {
        constexpr int kGoodQuality = 3;  // from 1 (best) to 31
        encoder_->flags |= AV_CODEC_FLAG_QSCALE;
        encoder_->global_quality = FF_QP2LAMBDA * kGoodQuality;
      }
      av_opt_set(encoder_->priv_data, "preset", "veryfast", 0);  // of x264
      av_opt_set(encoder_->priv_data, "crf", "20", 0);
      if (avcodec_open2(encoder_.get(), codec, nullptr) == 0) return;
    }
    throw OutputError(fmt::format("cannot write '{}': FFmpeg can encode {} here", path_.string(),
                                  lossless_ ? "no FFV1" : "neither H.264 nor MPEG-4"),
                      "Install an FFmpeg that can, or write images instead.");
  }

  void open_file() {
    AVFormatContext* context = nullptr;
    const std::string url = "file:" + temporary_.string();
    avformat_alloc_output_context2(&context, nullptr, nullptr, url.c_str());
    output_.reset(context);
    if (!output_) fail("FFmpeg does not write such files here");
    stream_ = avformat_new_stream(context, nullptr);
    avcodec_parameters_from_context(stream_->codecpar, encoder_.get());
    stream_->time_base = kTick;
    stream_->avg_frame_rate = encoder_->framerate;
    int error = avio_open(&context->pb, url.c_str(), AVIO_FLAG_WRITE);
    AVDictionary* options = nullptr;
    if (lossless_) {  // Matroska: all but the last second can be read where the process is killed
      context->flags |= AVFMT_FLAG_FLUSH_PACKETS;
      av_dict_set(&options, "cluster_time_limit", "1000", 0);
    }
    if (error >= 0) error = avformat_write_header(context, &options);
    av_dict_free(&options);
    if (error < 0) fail(ffmpeg_reason(error));
  }

  // frame: 8UC1 or 8UC3 of the encoder's size.
  Picture picture_of(const cv::Mat& frame) {
    Picture picture(av_frame_alloc());
    picture->format = encoder_->pix_fmt;
    picture->width = frame.cols;
    picture->height = frame.rows;
    if (av_frame_get_buffer(picture.get(), 0) < 0) throw std::bad_alloc();
    const AVPixelFormat given = frame.channels() == 1 ? AV_PIX_FMT_GRAY8 : AV_PIX_FMT_BGR24;
    scaler_.reset(sws_getCachedContext(scaler_.release(), frame.cols, frame.rows, given, frame.cols,
                                       frame.rows, encoder_->pix_fmt, SWS_BICUBIC, nullptr, nullptr,
                                       nullptr));
    const uint8_t* const planes[] = {frame.data};
    const int strides[] = {static_cast<int>(frame.step)};
    sws_scale(scaler_.get(), planes, strides, 0, frame.rows, picture->data, picture->linesize);
    return picture;
  }

  // The first frame is at 0, and each later than the one before.
  int64_t tick_of(std::optional<double> seconds) {
    const double even = last_ < 0 ? 0.0 : static_cast<double>(last_) * av_q2d(kTick) + 1.0 / fps_;
    if (seconds && !first_seconds_) first_seconds_ = *seconds - even;
    const double time = seconds ? *seconds - *first_seconds_ : even;
    last_ = std::max<int64_t>(last_ + 1, std::llround(time / av_q2d(kTick)));
    return last_;
  }

  // picture: null at the end. Errors are kept for close(): what else is written goes on.
  void encode(const AVFrame* picture) {
    if (error_ < 0) return;
    error_ = std::min(0, avcodec_send_frame(encoder_.get(), picture));
    std::unique_ptr<AVPacket, FfmpegFree<av_packet_free>> packet(av_packet_alloc());
    while (error_ == 0 && avcodec_receive_packet(encoder_.get(), packet.get()) == 0) {
      put_packet(std::llround(1.0 / fps_ / av_q2d(kTick)));
      packet_ = std::exchange(packet, decltype(packet)(av_packet_alloc()));
    }
  }

  // Writes the one that waits; ticks: how long it is shown, which counts for the last one alone.
  void put_packet(int64_t ticks) {
    const auto packet = std::move(packet_);
    if (!packet || error_ < 0) return;
    packet->stream_index = stream_->index;
    packet->duration = std::max<int64_t>(1, ticks);
    av_packet_rescale_ts(packet.get(), kTick, stream_->time_base);
    error_ = std::min(0, av_interleaved_write_frame(output_.get(), packet.get()));
  }

  // Matroska does not count frames.
  bool is_whole() const {
    try {
      const auto video = open_video_file(temporary_.string());
      return (lossless_ || video->info().frames >= frames_) && video->grab();
    } catch (const InputError&) {
      return false;
    }
  }

  [[noreturn]] void fail(const std::string& reason) {
    discard();
    throw OutputError(fmt::format("cannot write '{}': {}", path_.string(), reason));
  }

  void discard() {
    output_.reset();
    std::error_code ignored;
    fs::remove(temporary_, ignored);
  }

  fs::path path_;
  fs::path temporary_;
  cv::Size size_;
  double fps_;
  bool lossless_;
  std::unique_ptr<AVCodecContext, FfmpegFree<avcodec_free_context>> encoder_;
  std::unique_ptr<AVFormatContext, FreeOutput> output_;  // null once it is closed
  AVStream* stream_ = nullptr;                           // of output_
  std::unique_ptr<SwsContext, FreeScaler> scaler_;
  std::optional<double> first_seconds_;
  int64_t last_ = -1;                                             // tick of the frame written last
  std::unique_ptr<AVPacket, FfmpegFree<av_packet_free>> packet_;  // not in the file yet
  int64_t frames_ = 0;
  int error_ = 0;
};

VideoWriter::VideoWriter(const fs::path& path, cv::Size size, double fps)
    : impl_(std::make_unique<Impl>(path, size, fps)) {}

VideoWriter::~VideoWriter() = default;

void VideoWriter::write(const cv::Mat& frame, std::optional<double> seconds) {
  impl_->write(frame, seconds);
}

void VideoWriter::close(std::optional<double> end) { impl_->close(end); }

}  // namespace proxseg
