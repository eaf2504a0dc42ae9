#include "media/video_container.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

extern "C" {
#include <libavutil/pixdesc.h>
}

#include <algorithm>
#include <cmath>
#include <fstream>
#include <string_view>

#include "proxseg/core/error.h"
#include "proxseg/media/stream.h"

namespace proxseg {
namespace {

double value_of(AVRational rational) { return rational.den == 0 ? 0.0 : av_q2d(rational); }

const char* remedy_of(VideoInput input) {
  switch (input) {
    case VideoInput::kFile:
      return "Give a folder of images, or a video that ffplay shows.";
    case VideoInput::kAddress:
      return "Check the address; ffplay must be able to show it.";
    case VideoInput::kPipe:
      return "Pipe a video, for example from ffmpeg -i VIDEO -pix_fmt yuv420p -f yuv4mpegpipe -, "
             "or raw frames (-pix_fmt bgr24 -f rawvideo) with --size WIDTHxHEIGHT.";
  }
  return "";
}

bool is_shown(const AVIndexEntry& entry) { return (entry.flags & AVINDEX_DISCARD_FRAME) == 0; }

}  // namespace

VideoContainer::VideoContainer(VideoInput input, const std::string& address, ShouldStop should_stop)
    : input_(input), address_(address), should_stop_(std::move(should_stop)) {
  listen_to_ffmpeg();
  if (input_ == VideoInput::kPipe) make_io();
  open();
  choose_stream();
}

int VideoContainer::bits() const {
  const auto* format = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(stream_->codecpar->format));
  return format == nullptr ? 8 : std::max(8, format->comp[0].depth);
}

int VideoContainer::count_of_videos() const {
  int count = 0;
  for (unsigned i = 0; i < format_->nb_streams; ++i) {
    const AVStream& stream = *format_->streams[i];
    const bool is_cover = (stream.disposition & AV_DISPOSITION_ATTACHED_PIC) != 0;
    if (stream.codecpar->codec_type == AVMEDIA_TYPE_VIDEO && !is_cover) ++count;
  }
  return count;
}

int VideoContainer::read(AVPacket& packet) {
  while (true) {
    av_packet_unref(&packet);
    const int error = av_read_frame(format_.get(), &packet);
    if (error == AVERROR(EAGAIN)) continue;
    if (error < 0) return error;
    if (io_) last_end_ = avio_tell(io_.get());
    if (packet.stream_index == stream_->index && packet.size > 0) return 0;
  }
}

void VideoContainer::note_end(int error, int64_t frames) {
  if (is_called_off()) return;
  if (error == AVERROR_INVALIDDATA) is_cut_ = true;
  if (error != AVERROR_EOF) {
    const std::string text =
        fmt::format("after {} frames of '{}': {}", frames, what(), ffmpeg_reason(error));
    const bool is_cut_file = input_ == VideoInput::kFile && error == AVERROR_INVALIDDATA;
    if (!is_cut_file && input_ != VideoInput::kAddress) {
      throw InputError(text, remedy_of(input_));
    }
    spdlog::warn(text);
  } else if (pipe_ && format() == "yuv4mpegpipe" && pipe_->total() > last_end_) {
    spdlog::warn("standard input ends inside a frame: its last {} bytes are left out",
                 pipe_->total() - last_end_);
  }
}

int VideoContainer::seek(int64_t timestamp) {
  return av_seek_frame(format_.get(), stream_->index, timestamp, AVSEEK_FLAG_BACKWARD);
}

int64_t VideoContainer::first_timestamp() const {
  return stream_->start_time == AV_NOPTS_VALUE ? 0 : stream_->start_time;
}

double VideoContainer::seconds_in(int64_t ticks) const {
  return static_cast<double>(ticks) * value_of(stream_->time_base);
}

std::vector<KeyFrame> VideoContainer::key_frames() {
  // Matroska's index is read where it is needed first.
  if (avformat_index_get_entries_count(stream_) <= 1) seek(first_timestamp());
  std::vector<KeyFrame> frames;
  for (int i = 0; i < avformat_index_get_entries_count(stream_); ++i) {
    const AVIndexEntry& entry = *avformat_index_get_entry(stream_, i);
    if ((entry.flags & AVINDEX_KEYFRAME) == 0 || !is_shown(entry)) continue;
    frames.push_back({entry.timestamp, seconds_in(entry.timestamp - first_timestamp())});
  }
  return frames;
}

bool VideoContainer::is_a_stream_of_images() const {
  const std::string_view name = format_->iformat->name;
  return name.find("jpeg") != name.npos || name.ends_with("_pipe");  // mjpeg, mpjpeg
}

double VideoContainer::frame_rate() const {
  const double average = value_of(stream_->avg_frame_rate);
  return average > 0.0 ? average : std::max(0.0, value_of(stream_->r_frame_rate));
}

// The index counts what is there; headers may say less. One without a header may list key frames
// alone. That of an MP4 lists what its edit list shows, of which the header knows nothing.
int64_t VideoContainer::counted() const {
  if (stream_->nb_frames <= 0) return 0;
  const int entries = avformat_index_get_entries_count(stream_);
  int64_t shown = 0;
  for (int i = 0; i < entries; ++i) {
    if (is_shown(*avformat_index_get_entry(stream_, i))) ++shown;
  }
  const bool goes_by_edits = format().starts_with("mov,") && shown > 0;
  return goes_by_edits ? shown : std::max<int64_t>(stream_->nb_frames, entries);
}

int64_t VideoContainer::announced() const {
  if (const int64_t count = counted(); count > 0) return count;
  return std::max<int64_t>(avformat_index_get_entries_count(stream_),
                           std::llround(span() * frame_rate()));
}

// What the stream says may count to the end of the last frame decoded, which others are shown after;
// what the container says holds for all its streams.
double VideoContainer::end_of_stream() const {
  return format_->nb_streams > 1 ? own_length() : span();
}

// The longer of what the stream and what the container says. Some containers count from 0 and not
// from the first frame.
double VideoContainer::span() const {
  return std::max(own_length(), length() - seconds_in(first_timestamp()));
}

double VideoContainer::own_length() const { return std::max(0.0, seconds_in(stream_->duration)); }

// In seconds, as the container says; 0 where it says nothing.
double VideoContainer::length() const {
  return format_->duration > 0 ? 1.0 * format_->duration / AV_TIME_BASE : 0.0;
}

std::pair<int64_t, double> VideoContainer::measure() {
  const std::unique_ptr<AVPacket, FfmpegFree<av_packet_free>> packet(av_packet_alloc());
  int64_t count = 0, first = INT64_MAX, end = 0;
  for (; av_read_frame(format_.get(), packet.get()) >= 0; av_packet_unref(packet.get())) {
    if (packet->stream_index != stream_->index) continue;
    ++count;
    if (packet->pts == AV_NOPTS_VALUE) continue;
    first = std::min(first, packet->pts);
    end = std::max(end, packet->pts + packet->duration);
  }
  return {count, end > first ? seconds_in(end - first) : 0.0};
}

std::string VideoContainer::difference(int64_t frames, double end) const {
  if (const int64_t count = counted(); count > 0) {
    if (count == frames) return "";
    return fmt::format("announces {} frames, but {} are in it", count, frames);
  }
  const bool tells_end = format() == "matroska,webm" && format_->nb_streams == 1;
  if (tells_end && !is_cut_) return "";  // the last frame is shown until then
  constexpr double kMost = 0.05;         // of it, by which sound may be longer
  const double announced = span();
  if (end <= 0.0 || announced - end <= std::max(kMost * announced, 2.0 / frame_rate())) return "";
  return fmt::format("announces {:.4g} s, but its frames end after {:.4g} s", announced, end);
}

bool VideoContainer::is_cut() const {
  if (is_cut_) return true;
  const int64_t size = avio_size(format_->pb);
  const int entries = avformat_index_get_entries_count(stream_);
  for (int i = 0; i < entries && size > 0; ++i) {
    const AVIndexEntry* entry = avformat_index_get_entry(stream_, i);
    if (entry->pos + entry->size > size) return true;
  }
  return format() == "gif" && !has_gif_trailer();
}

// The byte ';' (GIF89a, 27), after which there may be zeros.
bool VideoContainer::has_gif_trailer() const {
  std::ifstream file(address_, std::ios::binary | std::ios::ate);
  for (std::streamoff at = static_cast<std::streamoff>(file.tellg()) - 1; at >= 0; --at) {
    file.seekg(at);
    const int byte = file.get();
    if (byte != 0) return byte == ';';
  }
  return false;
}

void VideoContainer::interrupt() {
  interrupted_ = true;
  if (pipe_) pipe_->interrupt();
}

bool VideoContainer::is_called_off() const {
  return interrupted_ || (should_stop_ && should_stop_()) || (pipe_ && pipe_->is_called_off());
}

std::string VideoContainer::what() const {
  return input_ == VideoInput::kPipe ? "standard input" : without_password(address_);
}

void VideoContainer::refuse(const std::string& reason, const std::string& remedy) const {
  const char* const text =
      input_ == VideoInput::kPipe ? "cannot read {}: {}" : "cannot read '{}': {}";
  throw InputError(fmt::format(fmt::runtime(text), what(), reason),
                   remedy.empty() ? remedy_of(input_) : remedy);
}

void VideoContainer::hear(const std::string& text) {
  if (text.find("prematurely") != text.npos) is_cut_ = true;
}

int VideoContainer::is_interrupted(void* self) {
  return static_cast<VideoContainer*>(self)->is_called_off() ? 1 : 0;
}

int VideoContainer::read_pipe(void* pipe, uint8_t* bytes, int size) {
  try {
    const size_t count = static_cast<InputPipe*>(pipe)->read(bytes, static_cast<size_t>(size));
    return count == 0 ? AVERROR_EOF : static_cast<int>(count);
  } catch (const InputError&) {
    return AVERROR(EIO);
  }
}

void VideoContainer::make_io() {
  constexpr int kBuffer = 1 << 16;
  pipe_ = std::make_unique<InputPipe>(std::exchange(should_stop_, {}));
  io_.reset(avio_alloc_context(static_cast<unsigned char*>(av_malloc(kBuffer)), kBuffer, 0,
                               pipe_.get(), read_pipe, nullptr, nullptr));
}

void VideoContainer::open() {
  const std::string url = input_ == VideoInput::kFile      ? "file:" + address_
                          : input_ == VideoInput::kAddress ? address_
                                                           : "";
  AVFormatContext* context = avformat_alloc_context();
  context->interrupt_callback = {is_interrupted, this};
  context->opaque = static_cast<FfmpegListener*>(this);
  if (io_) context->pb = io_.get();
  AVDictionary* options = nullptr;
  av_dict_set(&options, "rtsp_flags", "prefer_tcp", 0);
  if (input_ == VideoInput::kAddress) {
    // A camera of few frames a second is not to be waited for long.
    context->fps_probe_size = 3;
    context->max_analyze_duration = 2 * int64_t{AV_TIME_BASE};
  }
  const int error = avformat_open_input(&context, url.c_str(), nullptr, &options);
  const std::unique_ptr<AVDictionary, FfmpegFree<av_dict_free>> rest(options);
  if (error == AVERROR_INVALIDDATA)
    refuse("not a video, or cut short so that its index is missing");
  if (error < 0) refuse(ffmpeg_reason(error));
  format_.reset(context);
  if (const int unknown = avformat_find_stream_info(context, nullptr); unknown < 0) {
    refuse(ffmpeg_reason(unknown));
  }
}

void VideoContainer::choose_stream() {
  const int index =
      av_find_best_stream(format_.get(), AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, /*flags=*/0);
  if (index < 0) refuse("it holds no video");
  stream_ = format_->streams[index];
  for (unsigned i = 0; i < format_->nb_streams; ++i) {
    format_->streams[i]->discard = static_cast<int>(i) == index ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
  }
}

}  // namespace proxseg
