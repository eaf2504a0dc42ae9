#include "media/video_decoder.h"

#include <fmt/format.h>

extern "C" {
#include <libavutil/pixdesc.h>
}

namespace proxseg {
namespace {

bool is_gray(AVPixelFormat format) {
  const AVPixFmtDescriptor* description = av_pix_fmt_desc_get(format);
  constexpr uint64_t kOther = AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM |
                              AV_PIX_FMT_FLAG_BAYER | AV_PIX_FMT_FLAG_HWACCEL;
  return description != nullptr && description->nb_components == 1 &&
         (description->flags & kOther) == 0;
}

}  // namespace

VideoDecoder::VideoDecoder(const VideoContainer& container, Threads threads)
    : frame_(av_frame_alloc()), orientation_(container.stream()) {
  const AVStream& stream = container.stream();
  const AVCodec* codec = avcodec_find_decoder(stream.codecpar->codec_id);
  if (codec == nullptr) {
    container.refuse(fmt::format("FFmpeg has no decoder here for its codec, {}", container.codec()),
                     "Convert it, for example with ffmpeg -i VIDEO -c:v libx264 clip.mp4.");
  }
  codec_.reset(avcodec_alloc_context3(codec));
  avcodec_parameters_to_context(codec_.get(), stream.codecpar);
  codec_->opaque = static_cast<FfmpegListener*>(this);
  codec_->thread_count = threads == Threads::kOne ? 1 : 0;  // 0: as many as there are cores
  codec_->pkt_timebase = stream.time_base;
  if (const int error = avcodec_open2(codec_.get(), codec, nullptr); error < 0) {
    container.refuse(fmt::format("its codec, {}: {}", container.codec(), ffmpeg_reason(error)));
  }
}

int VideoDecoder::send(const AVPacket* packet) { return avcodec_send_packet(codec_.get(), packet); }
int VideoDecoder::receive() { return avcodec_receive_frame(codec_.get(), frame_.get()); }
void VideoDecoder::flush() { avcodec_flush_buffers(codec_.get()); }

// Some decoders (MJPEG) say only in FFmpeg's log what is wrong with data that they decode all the
// same; others flag the picture. Where pictures are decoded on several threads, the flags of one may be copied before
// they are set, and the log may be of a later one.
std::string VideoDecoder::take_damage(bool is_alone) {
  const bool is_of_it = is_alone || !works_on_several();
  const bool has_complained = is_of_it && has_complained_.exchange(false);
  return has_complained || is_flagged() ? "parts of its data are broken or missing" : "";
}

bool VideoDecoder::is_flagged() const {
  return frame_->decode_error_flags != 0 || (frame_->flags & AV_FRAME_FLAG_CORRUPT) != 0;
}

bool VideoDecoder::works_on_several() const {
  return (codec_->active_thread_type & FF_THREAD_FRAME) != 0;
}

cv::Mat VideoDecoder::image() {
  const auto format = static_cast<AVPixelFormat>(frame_->format);
  const bool gray = is_gray(format);
  // The scaler's vector instructions write whole blocks, beyond the end of a row.
  constexpr int kBlock = 64;
  cv::Mat rows(frame_->height, (frame_->width + kBlock - 1) / kBlock * kBlock,
               gray ? CV_8UC1 : CV_8UC3);
  scaler_.reset(sws_getCachedContext(
      scaler_.release(), frame_->width, frame_->height, format, frame_->width, frame_->height,
      gray ? AV_PIX_FMT_GRAY8 : AV_PIX_FMT_BGR24, SWS_BICUBIC, nullptr, nullptr, nullptr));
  if (!scaler_) return {};
  uint8_t* const planes[] = {rows.data};
  const int strides[] = {static_cast<int>(rows.step)};
  sws_scale(scaler_.get(), frame_->data, frame_->linesize, 0, frame_->height, planes, strides);
  const bool is_wider = rows.cols > frame_->width;
  return orientation_.apply(is_wider ? rows.colRange(0, frame_->width).clone() : rows);
}

// "unable to decode APP fields", say, is no damage.
void VideoDecoder::hear(const std::string& text) {
  const bool is_damage =
      text.find("rror") != std::string::npos || text.find("damaged") != std::string::npos;
  if (is_damage) has_complained_ = true;
}

}  // namespace proxseg
