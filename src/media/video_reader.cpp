#include "media/video_reader.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

extern "C" {
#include <libavutil/pixdesc.h>
}

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <mutex>
#include <opencv2/imgproc.hpp>
#include <set>
#include <string_view>
#include <utility>

#include "media/ffmpeg.h"
#include "media/input_pipe.h"
#include "media/opencv_log.h"
#include "media/orientation.h"
#include "proxseg/core/error.h"
#include "proxseg/media/stream.h"

namespace proxseg {
namespace {

struct FreeIo {
  void operator()(AVIOContext* context) const {
    av_freep(&context->buffer);
    avio_context_free(&context);
  }
};
double value_of(AVRational rational) { return rational.den == 0 ? 0.0 : av_q2d(rational); }

bool is_gray(AVPixelFormat format) {
  const AVPixFmtDescriptor* description = av_pix_fmt_desc_get(format);
  constexpr uint64_t kOther = AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM |
                              AV_PIX_FMT_FLAG_BAYER | AV_PIX_FMT_FLAG_HWACCEL;
  return description != nullptr && description->nb_components == 1 &&
         (description->flags & kOther) == 0;
}

enum class Input { kFile, kAddress, kPipe };

const char* remedy_of(Input input) {
  switch (input) {
    case Input::kFile:
      return "Give a folder of images, or a video that ffplay shows.";
    case Input::kAddress:
      return "Check the address; ffplay must be able to show it.";
    case Input::kPipe:
      return "Pipe a video, for example from ffmpeg -i VIDEO -pix_fmt yuv420p -f yuv4mpegpipe -, "
             "or raw frames (-pix_fmt bgr24 -f rawvideo) with --size WIDTHxHEIGHT.";
  }
  return "";
}

class FfmpegSource final : public VideoSource {
 public:
  FfmpegSource(Input input, SequenceInfo info, ShouldStop should_stop = {})
      : input_(input),
        info_(std::move(info)),
        address_(info_.path),
        should_stop_(std::move(should_stop)),
        packet_(av_packet_alloc()),
        frame_(av_frame_alloc()) {
    info_.path = without_password(info_.path);
    quiet_opencv();
    listen_to_libraries();
    if (input_ == Input::kPipe) make_io();
    open_container();
    open_decoder();
    has_times_ = input_ != Input::kAddress || !is_a_stream_of_images();
    const double average = value_of(stream_->avg_frame_rate);
    info_.fps = average > 0.0 ? average : std::max(0.0, value_of(stream_->r_frame_rate));
    if (!has_times_) info_.fps = 0.0;
    if (input_ != Input::kFile) return;
    info_.frames = announced();
    info_.seconds = end_of_stream();
  }

  const SequenceInfo& info() const override { return info_; }

  std::optional<Frame> grab() override {
    if (!std::exchange(has_advanced_, false) && !advance()) {
      warn_of_missing_frames();
      return std::nullopt;
    }
    Frame frame = frame_at(++position_);
    if (has_times_) frame.seconds = seconds_;
    frame.damage = damage_;
    if (seconds_ && info_.fps > 0.0) end_ = *seconds_ + 1.0 / info_.fps;
    return frame;
  }

  void decode(Frame& frame) override {
    if (!failure_.empty()) throw_at_frame(failure_);
    const auto format = static_cast<AVPixelFormat>(frame_->format);
    const bool gray = is_gray(format);
    // The scaler's vector instructions write whole blocks, beyond the end of a row.
    constexpr int kBlock = 64;
    cv::Mat rows(frame_->height, (frame_->width + kBlock - 1) / kBlock * kBlock,
                 gray ? CV_8UC1 : CV_8UC3);
    scaler_.reset(sws_getCachedContext(
        scaler_.release(), frame_->width, frame_->height, format, frame_->width, frame_->height,
        gray ? AV_PIX_FMT_GRAY8 : AV_PIX_FMT_BGR24, SWS_BICUBIC, nullptr, nullptr, nullptr));
    if (!scaler_) throw_at_frame("its pixels cannot be converted");
    uint8_t* const planes[] = {rows.data};
    const int strides[] = {static_cast<int>(rows.step)};
    sws_scale(scaler_.get(), frame_->data, frame_->linesize, 0, frame_->height, planes, strides);
    const bool is_wider = rows.cols > frame_->width;
    frame.image = orientation_.apply(is_wider ? rows.colRange(0, frame_->width).clone() : rows);
  }

  // How many frames there are and when the last one ends, in seconds since the first, by reading to the
  // end without decoding.
  std::pair<int64_t, double> measure_packets() {
    int64_t count = 0, first = INT64_MAX, end = 0;
    for (; av_read_frame(format_.get(), packet_.get()) >= 0; av_packet_unref(packet_.get())) {
      if (packet_->stream_index != stream_->index) continue;
      ++count;
      if (packet_->pts == AV_NOPTS_VALUE) continue;
      first = std::min(first, packet_->pts);
      end = std::max(end, packet_->pts + packet_->duration);
    }
    return {count,
            end > first ? static_cast<double>(end - first) * value_of(stream_->time_base) : 0.0};
  }
  // Whether the container says how many frames there are, and how long they last.
  bool is_measured() const { return info_.frames > 0 && span() > 0.0; }
  void set_announced(const std::pair<int64_t, double>& announced) {
    info_.frames = announced.first;
    info_.seconds = announced.second;
  }

  void interrupt() override {
    interrupted_ = true;
    if (pipe_) pipe_->interrupt();
  }

  std::string codec() const override { return avcodec_get_name(stream_->codecpar->codec_id); }
  std::string orientation() const override { return orientation_.text(); }
  std::string container() const override { return format_->iformat->name; }

  // The index counts what is there; headers may say less. One without a header may list key frames
  // alone. That of an MP4 lists what its edit list shows, of which the header knows nothing.
  int64_t counted() const override {
    if (stream_->nb_frames <= 0) return 0;
    const int entries = avformat_index_get_entries_count(stream_);
    int64_t shown = 0;
    for (int i = 0; i < entries; ++i) {
      if ((avformat_index_get_entry(stream_, i)->flags & AVINDEX_DISCARD_FRAME) == 0) ++shown;
    }
    const bool goes_by_edits = container().starts_with("mov,") && shown > 0;
    return goes_by_edits ? shown : std::max<int64_t>(stream_->nb_frames, entries);
  }

  std::vector<KeyFrame> key_frames() override {
    // Matroska's index is read where it is needed first.
    if (avformat_index_get_entries_count(stream_) <= 1) seek(first_timestamp());
    std::vector<KeyFrame> frames;
    for (int i = 0; i < avformat_index_get_entries_count(stream_); ++i) {
      const AVIndexEntry* entry = avformat_index_get_entry(stream_, i);
      const bool is_shown = (entry->flags & AVINDEX_DISCARD_FRAME) == 0;
      if ((entry->flags & AVINDEX_KEYFRAME) == 0 || !is_shown) continue;
      const auto since = static_cast<double>(entry->timestamp - first_timestamp());
      frames.push_back({entry->timestamp, since * value_of(stream_->time_base)});
    }
    return frames;
  }

  // The decoder gets this frame alone, and is asked for all that it has.
  Frame key_frame(int64_t place) override {
    failure_.clear();
    int error = seek(place);
    while (error >= 0) {
      av_packet_unref(packet_.get());
      error = av_read_frame(format_.get(), packet_.get());
      if (error < 0 || packet_->stream_index != stream_->index || packet_->size == 0) continue;
      // Some containers name the time at which it is decoded, others that at which it is shown.
      const bool is_there = packet_->dts == place || packet_->pts == place;
      if (is_there && (packet_->flags & AV_PKT_FLAG_KEY) != 0) break;
      const int64_t time = packet_->dts == AV_NOPTS_VALUE ? packet_->pts : packet_->dts;
      if (time == AV_NOPTS_VALUE || time > place) error = AVERROR_INVALIDDATA;
    }
    if (error >= 0) error = avcodec_send_packet(decoder_.get(), packet_.get());
    if (error >= 0) error = avcodec_send_packet(decoder_.get(), nullptr);
    if (error >= 0) error = avcodec_receive_frame(decoder_.get(), frame_.get());
    if (error < 0) failure_ = ffmpeg_reason(error);
    Frame frame = frame_at(++position_);
    damage_.clear();
    if (failure_.empty()) note_frame();
    if (failure_.empty()) failure_ = damage_;
    decode(frame);
    return frame;
  }

  bool skip_to(double seconds) override {
    constexpr double kAhead = 10.0;  // without an index the place may be one between two key frames
    if (seconds <= kAhead) return true;
    const double ticks = (seconds - kAhead) / value_of(stream_->time_base);
    if (seek(first_timestamp() + std::llround(ticks)) < 0) return false;
    first_time_ = first_timestamp();
    has_ended_ = true;  // how many there are is not known
    has_advanced_ = advance();
    return has_advanced_ && seconds_ && *seconds_ <= seconds;
  }

  std::string difference() const override {
    if (const int64_t count = counted(); count > 0) {
      if (count == position_) return "";
      return fmt::format("announces {} frames, but {} are in it", count, position_);
    }
    const bool tells_end = container() == "matroska,webm" && format_->nb_streams == 1;
    if (tells_end && !is_cut_) return "";  // the last frame is shown until then
    constexpr double kMost = 0.05;         // of it, by which sound may be longer
    const double announced = span();
    if (end_ <= 0.0 || announced - end_ <= std::max(kMost * announced, 2.0 / info_.fps)) return "";
    return fmt::format("announces {:.4g} s, but its frames end after {:.4g} s", announced, end_);
  }

  bool is_cut() const override {
    if (is_cut_) return true;
    const int64_t size = avio_size(format_->pb);
    const int entries = avformat_index_get_entries_count(stream_);
    for (int i = 0; i < entries && size > 0; ++i) {
      const AVIndexEntry* entry = avformat_index_get_entry(stream_, i);
      if (entry->pos + entry->size > size) return true;
    }
    return container() == "gif" && !has_gif_trailer();
  }

  int bits() const override {
    const auto* format = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(stream_->codecpar->format));
    return format == nullptr ? 8 : std::max(8, format->comp[0].depth);
  }

 private:
  // Goes to the next frame; false at the end.
  bool advance() {
    failure_.clear();
    while (true) {
      int error = avcodec_receive_frame(decoder_.get(), frame_.get());
      if (error == 0) {
        note_frame();
        return true;
      }
      if (error == AVERROR_EOF) return false;
      if (error == AVERROR(EAGAIN)) error = feed();
      if (error >= 0) continue;
      // A recording may begin in the middle of a group of pictures, and a network loses packets.
      take_complaint();
      if (!has_begun_ || input_ == Input::kAddress) continue;
      failure_ = ffmpeg_reason(error);
      damage_.clear();
      seconds_.reset();
      return true;
    }
  }

  // The byte ';' (GIF89a, 27), after which there may be zeros.
  bool has_gif_trailer() const {
    std::ifstream file(info_.path, std::ios::binary | std::ios::ate);
    for (std::streamoff at = static_cast<std::streamoff>(file.tellg()) - 1; at >= 0; --at) {
      file.seekg(at);
      const int byte = file.get();
      if (byte != 0) return byte == ';';
    }
    return false;
  }

  void warn_of_missing_frames() {
    const bool is_known = std::exchange(has_ended_, true);
    const bool has_more = counted() > 0 && position_ > counted();
    if (is_known || has_more || input_ != Input::kFile || is_called_off()) return;
    if (const std::string text = difference(); !text.empty()) {
      warn_once(fmt::format("'{}': its container {}", info_.path, text));
    }
  }

  // A file may be read several times.
  static void warn_once(const std::string& text) {
    static std::mutex mutex;
    static std::set<std::string> said;
    const std::lock_guard lock(mutex);
    if (said.insert(text).second) spdlog::warn(text);
  }

  int64_t announced() const {
    if (const int64_t count = counted(); count > 0) return count;
    return std::max<int64_t>(avformat_index_get_entries_count(stream_),
                             std::llround(span() * info_.fps));
  }

  // In seconds since its first frame; 0 where that is unknown. What the stream says may count to
  // the end of the last frame decoded, which others are shown after; what the container says holds
  // for all its streams.
  double end_of_stream() const { return format_->nb_streams > 1 ? own_length() : span(); }

  // The longer of what the stream and what the container says. Some containers count from 0 and not
  // from the first frame.
  double span() const {
    return std::max(own_length(), length() - static_cast<double>(first_timestamp()) *
                                                 value_of(stream_->time_base));
  }

  double own_length() const {
    return std::max(0.0, static_cast<double>(stream_->duration) * value_of(stream_->time_base));
  }

  // In seconds, as the container says; 0 where it says nothing.
  double length() const {
    return format_->duration > 0 ? 1.0 * format_->duration / AV_TIME_BASE : 0.0;
  }

  bool is_called_off() const {
    return interrupted_ || (should_stop_ && should_stop_()) || (pipe_ && pipe_->is_called_off());
  }

  static int is_interrupted(void* self) {
    return static_cast<FfmpegSource*>(self)->is_called_off() ? 1 : 0;
  }

  static int read_pipe(void* pipe, uint8_t* bytes, int size) {
    try {
      const size_t count = static_cast<InputPipe*>(pipe)->read(bytes, static_cast<size_t>(size));
      return count == 0 ? AVERROR_EOF : static_cast<int>(count);
    } catch (const InputError&) {
      return AVERROR(EIO);
    }
  }

  void make_io() {
    constexpr int kBuffer = 1 << 16;
    pipe_ = std::make_unique<InputPipe>(std::exchange(should_stop_, {}));
    io_.reset(avio_alloc_context(static_cast<unsigned char*>(av_malloc(kBuffer)), kBuffer, 0,
                                 pipe_.get(), read_pipe, nullptr, nullptr));
  }

  void open_container() {
    const std::string url = input_ == Input::kFile      ? "file:" + info_.path
                            : input_ == Input::kAddress ? address_
                                                        : "";
    AVFormatContext* context = avformat_alloc_context();
    context->interrupt_callback = {is_interrupted, this};
    context->opaque = this;  // for listen_to_libraries()
    if (io_) context->pb = io_.get();
    AVDictionary* options = nullptr;
    av_dict_set(&options, "rtsp_flags", "prefer_tcp", 0);
    if (input_ == Input::kAddress) {
      // A camera of few frames a second is not to be waited for long.
      context->fps_probe_size = 3;
      context->max_analyze_duration = 2 * int64_t{AV_TIME_BASE};
    }
    const int error = avformat_open_input(&context, url.c_str(), nullptr, &options);
    const std::unique_ptr<AVDictionary, FfmpegFree<av_dict_free>> rest(options);
    if (error == AVERROR_INVALIDDATA) {
      refuse("not a video, or cut short so that its index is missing");
    }
    if (error < 0) refuse(ffmpeg_reason(error));
    format_.reset(context);
    if (const int unknown = avformat_find_stream_info(context, nullptr); unknown < 0) {
      refuse(ffmpeg_reason(unknown));
    }
  }

  void open_decoder() {
    const int index =
        av_find_best_stream(format_.get(), AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, /*flags=*/0);
    if (index < 0) refuse("it holds no video");
    stream_ = format_->streams[index];
    const AVCodec* codec = avcodec_find_decoder(stream_->codecpar->codec_id);
    if (codec == nullptr) {
      refuse(fmt::format("FFmpeg has no decoder here for its codec, {}", this->codec()),
             "Convert it, for example with ffmpeg -i VIDEO -c:v libx264 clip.mp4.");
    }
    for (unsigned i = 0; i < format_->nb_streams; ++i) {
      format_->streams[i]->discard =
          static_cast<int>(i) == index ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
    }
    decoder_.reset(avcodec_alloc_context3(codec));
    avcodec_parameters_to_context(decoder_.get(), stream_->codecpar);
    decoder_->opaque = this;     // for listen_to_libraries()
    decoder_->thread_count = 0;  // as many as there are cores
    decoder_->pkt_timebase = stream_->time_base;
    if (const int error = avcodec_open2(decoder_.get(), codec, nullptr); error < 0) {
      refuse(fmt::format("its codec, {}: {}", this->codec(), ffmpeg_reason(error)));
    }
    orientation_ = Orientation(*stream_);
  }

  int64_t first_timestamp() const {
    return stream_->start_time == AV_NOPTS_VALUE ? 0 : stream_->start_time;
  }

  // Goes to the last key frame that is not later.
  int seek(int64_t timestamp) {
    avcodec_flush_buffers(decoder_.get());
    return av_seek_frame(format_.get(), stream_->index, timestamp, AVSEEK_FLAG_BACKWARD);
  }

  // Gives the decoder one packet of the video, or the end. Returns what it answers.
  int feed() {
    while (true) {
      av_packet_unref(packet_.get());
      const int error = av_read_frame(format_.get(), packet_.get());
      if (error == AVERROR(EAGAIN)) continue;
      if (error < 0) {
        note_end(error);
        return std::min(0, avcodec_send_packet(decoder_.get(), nullptr));
      }
      if (io_) last_end_ = avio_tell(io_.get());
      if (packet_->stream_index != stream_->index || packet_->size == 0) continue;
      return avcodec_send_packet(decoder_.get(), packet_.get());
    }
  }

  // One JPEG after the other, as many cameras send them: FFmpeg counts them at 25 frames a second,
  // however they come.
  bool is_a_stream_of_images() const {
    const std::string_view name = format_->iformat->name;
    return name.find("jpeg") != name.npos || name.ends_with("_pipe");  // mjpeg, mpjpeg
  }

  // A file may be cut, and a camera may go: what came is good. Anything else is said.
  void note_end(int error) {
    if (is_called_off()) return;
    if (error == AVERROR_INVALIDDATA) is_cut_ = true;
    if (error != AVERROR_EOF) {
      const std::string text =
          fmt::format("after {} frames of '{}': {}", position_, what(), ffmpeg_reason(error));
      const bool is_cut = input_ == Input::kFile && error == AVERROR_INVALIDDATA;
      if (!is_cut && input_ != Input::kAddress) throw InputError(text, remedy_of(input_));
      spdlog::warn(text);
    } else if (pipe_ && container() == "yuv4mpegpipe" && pipe_->total() > last_end_) {
      spdlog::warn("standard input ends inside a frame: its last {} bytes are left out",
                   pipe_->total() - last_end_);
    }
  }

  void note_frame() {
    has_begun_ = true;
    damage_ = take_complaint();
    if ((decoder_->active_thread_type & FF_THREAD_FRAME) != 0) damage_.clear();  // of a later frame
    const bool is_flagged =
        frame_->decode_error_flags != 0 || (frame_->flags & AV_FRAME_FLAG_CORRUPT) != 0;
    if (damage_.empty() && is_flagged) damage_ = "parts of its data are missing";
    const int64_t time = frame_->best_effort_timestamp;
    if (time == AV_NOPTS_VALUE) {  // among frames that have one
      if (seconds_ && info_.fps > 0.0) *seconds_ += 1.0 / info_.fps;
      return;
    }
    seconds_.reset();
    if (!first_time_) first_time_ = time;
    if (time >= *first_time_) {
      seconds_ = static_cast<double>(time - *first_time_) * value_of(stream_->time_base);
    }
  }

  // Some decoders (MJPEG) say only in FFmpeg's log what is wrong with data that they decode all the
  // same; those that work on several frames at once flag the frames.
  static void listen_to_libraries() {
    av_log_set_callback([](void* speaker, int level, const char* format, va_list arguments) {
      if (level > AV_LOG_ERROR || speaker == nullptr) return;
      const AVClass* kind = *static_cast<const AVClass**>(speaker);
      const bool is_container = kind == avformat_get_class();
      if (!is_container && kind != avcodec_get_class()) return;
      auto* reader =
          static_cast<FfmpegSource*>(is_container ? static_cast<AVFormatContext*>(speaker)->opaque
                                                  : static_cast<AVCodecContext*>(speaker)->opaque);
      if (reader == nullptr) return;
      char text[200] = {};
      std::vsnprintf(text, sizeof text, format, arguments);
      if (is_container) {
        if (std::strstr(text, "prematurely") != nullptr) reader->is_cut_ = true;
      } else {
        reader->note_complaint(text);
      }
    });
  }

  // "unable to decode APP fields", say, is no damage.
  void note_complaint(std::string text) {
    while (!text.empty() && text.back() == '\n') text.pop_back();
    const bool is_damage =
        text.find("rror") != std::string::npos || text.find("damaged") != std::string::npos;
    const std::lock_guard lock(complaint_mutex_);
    if (is_damage && complaint_.empty()) complaint_ = std::move(text);
  }

  std::string take_complaint() {
    const std::lock_guard lock(complaint_mutex_);
    return std::exchange(complaint_, {});
  }

  [[noreturn]] void throw_at_frame(const std::string& reason) const {
    throw InputError(
        fmt::format("cannot decode frame{:06} of '{}': {}", position_, what(), reason));
  }

  [[noreturn]] void refuse(const std::string& reason, const std::string& remedy = "") const {
    throw InputError(input_ == Input::kPipe ? fmt::format("cannot read {}: {}", what(), reason)
                                            : fmt::format("cannot read '{}': {}", what(), reason),
                     remedy.empty() ? remedy_of(input_) : remedy);
  }

  // The input in messages.
  std::string what() const { return input_ == Input::kPipe ? "standard input" : info_.path; }

  Input input_;
  SequenceInfo info_;
  std::string address_;  // with its password
  ShouldStop should_stop_;
  std::unique_ptr<InputPipe> pipe_;
  std::atomic<bool> interrupted_ = false;
  std::unique_ptr<AVIOContext, FreeIo> io_;
  std::unique_ptr<AVFormatContext, FfmpegFree<avformat_close_input>> format_;
  AVStream* stream_ = nullptr;  // of format_
  std::unique_ptr<AVPacket, FfmpegFree<av_packet_free>> packet_;
  std::unique_ptr<AVFrame, FfmpegFree<av_frame_free>> frame_;
  std::unique_ptr<SwsContext, FreeScaler> scaler_;
  Orientation orientation_;
  bool has_begun_ = false, has_ended_ = false;
  bool has_advanced_ = false;  // to the frame that grab() is to give next
  std::atomic<bool> is_cut_ = false;
  int64_t last_end_ = 0;  // of the last packet, in bytes from the start of pipe_
  int64_t position_ = 0;  // of the frame grabbed last, from 1
  std::string failure_, damage_;
  std::mutex complaint_mutex_;
  std::string complaint_;  // the first since the last frame
  std::optional<int64_t> first_time_;
  bool has_times_ = true;
  std::optional<double> seconds_;
  double end_ = 0.0;  // of the frame grabbed last, in seconds
  std::unique_ptr<AVCodecContext, FfmpegFree<avcodec_free_context>>
      decoder_;  // last: its threads use the complaint
};

void check_file(const std::string& path) {
  struct stat status {};
  int error = ::stat(path.c_str(), &status) == 0 ? 0 : errno;
  if (error == 0 && ::access(path.c_str(), R_OK) != 0) error = errno;
  if (error != 0) {
    throw InputError(fmt::format("cannot read '{}': {}", path, std::strerror(error)),
                     error == EACCES ? "Let yourself read it (chmod u+r), or ask its owner." : "");
  }
  if (S_ISREG(status.st_mode) && status.st_size == 0) {
    throw InputError(fmt::format("cannot read '{}': the file is empty", path),
                     "Copy or record it again.");
  }
}

}  // namespace

std::unique_ptr<VideoSource> open_video_file(const std::string& path) {
  check_file(path);
  const auto open = [&] {
    SequenceInfo info;
    info.name = std::filesystem::path(path).stem().string();
    info.path = path;
    info.kind = SequenceKind::kVideo;
    return std::make_unique<FfmpegSource>(Input::kFile, std::move(info));
  };
  auto source = open();
  if (!source->is_measured()) source->set_announced(open()->measure_packets());
  return source;
}

std::unique_ptr<VideoSource> open_video_address(SequenceInfo info, ShouldStop should_stop) {
  return std::make_unique<FfmpegSource>(Input::kAddress, std::move(info), std::move(should_stop));
}

std::unique_ptr<VideoSource> open_video_pipe(SequenceInfo info, ShouldStop should_stop) {
  return std::make_unique<FfmpegSource>(Input::kPipe, std::move(info), std::move(should_stop));
}

}  // namespace proxseg
