#include "media/video_reader.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <mutex>
#include <tuple>
#include <utility>

#include "media/opencv_log.h"
#include "media/video_container.h"
#include "media/video_decoder.h"
#include "media/warn_once.h"
#include "proxseg/core/error.h"
#include "proxseg/media/stream.h"

namespace proxseg {
namespace {

class FfmpegSource final : public VideoSource {
 public:
  FfmpegSource(VideoInput input, SequenceInfo info, ShouldStop should_stop = {})
      : info_(std::move(info)),
        container_(std::make_unique<VideoContainer>(input, info_.path, std::move(should_stop))),
        decoder_(std::make_unique<VideoDecoder>(*container_)),
        packet_(av_packet_alloc()) {
    quiet_opencv();
    info_.path = without_password(info_.path);
    warn_of_what_is_not_shown();
    has_times_ = input != VideoInput::kAddress || !container_->is_a_stream_of_images();
    info_.fps = has_times_ ? container_->frame_rate() : 0.0;
    if (input != VideoInput::kFile) return;
    info_.frames = container_->announced();
    info_.seconds = container_->end_of_stream();
    if (container_->is_measured()) return;
    std::tie(info_.frames, info_.seconds) = VideoContainer(input, info_.path, {}).measure();
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
    frame.image = decoder_->image();
    if (frame.image.empty()) throw_at_frame("its pixels cannot be converted");
  }

  void interrupt() override {
    const std::lock_guard lock(mutex_);
    is_interrupted_ = true;
    container_->interrupt();
  }

  std::string codec() const override { return container_->codec(); }
  std::string orientation() const override { return decoder_->orientation().text(); }
  std::string container() const override { return container_->format(); }
  int64_t counted() const override { return container_->counted(); }
  std::string difference() const override { return container_->difference(position_, end_); }
  bool is_cut() const override { return container_->is_cut(); }
  int bits() const override { return container_->bits(); }
  std::vector<KeyFrame> key_frames() override { return container_->key_frames(); }

  // The decoder gets this frame alone, and is asked for all that it has.
  Frame key_frame(int64_t place) override {
    failure_.clear();
    damage_.clear();
    last_time_.reset();  // key frames may be asked for in any order
    int error = find_key_frame(place);
    if (error >= 0) error = decoder_->send(packet_.get());
    if (error >= 0) error = decoder_->send(nullptr);
    if (error >= 0) error = decoder_->receive();
    Frame frame = frame_at(++position_);
    if (error < 0) {
      failure_ = ffmpeg_reason(error);
    } else {
      note_frame(/*is_alone=*/true);
      failure_ = damage_;
    }
    decode(frame);
    return frame;
  }

  bool skip_to(double seconds) override {
    constexpr double kAhead = 10.0;  // without an index the place may be one between two key frames
    if (seconds <= kAhead) return true;
    const double ticks = (seconds - kAhead) / container_->seconds_in(1);
    begin_ = container_->first_timestamp() + std::llround(ticks);
    if (seek_to_begin() < 0) return false;
    has_ended_ = true;  // how many there are is not known
    has_advanced_ = advance();
    return has_advanced_ && seconds_ && *seconds_ <= seconds;
  }

 private:
  // Goes to the next frame; false at the end.
  bool advance() {
    bool is_there = decode_next();
    const bool has_trouble = !failure_.empty() || decoder_->has_trouble();
    const bool is_file = container_->input() == VideoInput::kFile;
    if (has_trouble && is_file && decoder_->works_on_several()) is_there = decode_again();
    if (is_there) ++advanced_;
    return is_there;
  }

  // On one thread, which knows what is damaged, from the beginning to the frame after those that were whole.
  bool decode_again() {
    auto container = std::make_unique<VideoContainer>(VideoInput::kFile, info_.path, ShouldStop());
    {
      const std::lock_guard lock(mutex_);
      container_.swap(container);
    }
    decoder_ = std::make_unique<VideoDecoder>(*container_, VideoDecoder::Threads::kOne);
    has_begun_ = false;
    seconds_.reset();
    last_time_.reset();
    first_time_.reset();
    if (begin_) seek_to_begin();
    for (int64_t i = 0; i < advanced_ && !is_interrupted_; ++i) decode_next();
    return decode_next();
  }

  bool decode_next() {
    failure_.clear();
    while (true) {
      int error = decoder_->receive();
      if (error == 0) {
        note_frame();
        return true;
      }
      if (error == AVERROR_EOF) return false;
      if (error == AVERROR(EAGAIN)) error = feed();
      if (error >= 0) continue;
      // A recording may begin in the middle of a group of pictures, and a network loses packets.
      decoder_->take_damage();
      if (!has_begun_ || container_->input() == VideoInput::kAddress) continue;
      failure_ = ffmpeg_reason(error);
      damage_.clear();
      seconds_.reset();
      return true;
    }
  }

  // Gives the decoder one packet of the video, or the end. Returns what it answers.
  int feed() {
    if (const int error = container_->read(*packet_); error < 0) {
      container_->note_end(error, position_);
      return std::min(0, decoder_->send(nullptr));
    }
    return decoder_->send(packet_.get());
  }

  // Goes to the last key frame that is not later.
  int seek(int64_t timestamp) {
    decoder_->flush();
    return container_->seek(timestamp);
  }

  int seek_to_begin() {
    first_time_ = container_->first_timestamp();
    return seek(*begin_);
  }

  // The packet of the key frame at that place; negative where there is none.
  int find_key_frame(int64_t place) {
    if (const int error = seek(place); error < 0) return error;
    while (true) {
      if (const int error = container_->read(*packet_); error < 0) return error;
      // Some containers name the time at which it is decoded, others that at which it is shown.
      const bool is_there = packet_->dts == place || packet_->pts == place;
      if (is_there && (packet_->flags & AV_PKT_FLAG_KEY) != 0) return 0;
      const int64_t time = packet_->dts == AV_NOPTS_VALUE ? packet_->pts : packet_->dts;
      if (time == AV_NOPTS_VALUE || time > place) return AVERROR_INVALIDDATA;
    }
  }

  void note_frame(bool is_alone = false) {
    has_begun_ = true;
    damage_ = decoder_->take_damage(is_alone);
    const int64_t time = decoder_->time();
    if (time == AV_NOPTS_VALUE) {  // among frames that have one
      if (seconds_ && info_.fps > 0.0) *seconds_ += 1.0 / info_.fps;
      return;
    }
    seconds_.reset();
    if (!first_time_) first_time_ = time;
    if (jumps_back(time)) first_time_ = time - (*last_time_ - *first_time_) - ticks_of_a_frame();
    last_time_ = time;
    if (time >= *first_time_) seconds_ = container_->seconds_in(time - *first_time_);
  }

  // Joined recordings and cameras whose clock is set begin anew; a decoder may confuse the order of frames only so far.
  bool jumps_back(int64_t time) const {
    constexpr int64_t kMostReordered = 16;
    return last_time_ && time < *last_time_ - kMostReordered * ticks_of_a_frame();
  }

  int64_t ticks_of_a_frame() const {
    return std::max<int64_t>(1, std::llround(1.0 / info_.rate() / container_->seconds_in(1)));
  }

  void warn_of_what_is_not_shown() const {
    if (const int count = container_->count_of_videos(); count > 1) {
      const AVCodecParameters& read = *container_->stream().codecpar;
      warn_once(fmt::format(
          "'{}' holds {} videos, of which one is read, of {} x {}; for another one make a file of it by "
          "ffmpeg -i VIDEO -map 0:v:1 -c copy FILE",
          info_.path, count, read.width, read.height));
    }
    if (const int degrees = decoder_->orientation().degrees_off(); degrees > 0) {
      const std::string turn = decoder_->orientation().text();
      warn_once(fmt::format(
          "'{}' is to be shown turned by an angle that is no quarter turn; it is {}, which is {} degrees off",
          info_.path, turn.empty() ? "left as it is" : "turned by " + turn, degrees));
    }
  }

  void warn_of_missing_frames() {
    const bool is_known = std::exchange(has_ended_, true);
    const bool has_more = counted() > 0 && position_ > counted();
    const bool is_file = container_->input() == VideoInput::kFile;
    if (is_known || has_more || !is_file || container_->is_called_off()) return;
    if (const std::string text = difference(); !text.empty()) {
      warn_once(fmt::format("'{}': its container {}", info_.path, text));
    }
  }

  [[noreturn]] void throw_at_frame(const std::string& reason) const {
    throw InputError(
        fmt::format("cannot decode frame{:06} of '{}': {}", position_, container_->what(), reason));
  }

  SequenceInfo info_;
  std::unique_ptr<VideoContainer> container_;
  std::unique_ptr<VideoDecoder> decoder_;
  std::unique_ptr<AVPacket, FfmpegFree<av_packet_free>> packet_;
  bool has_begun_ = false, has_ended_ = false;
  std::mutex mutex_;  // of container_, which interrupt() asks on another thread
  std::atomic<bool> is_interrupted_ = false;
  std::optional<int64_t> begin_;  // where skip_to() went
  int64_t advanced_ = 0;          // frames since then
  bool has_advanced_ = false;     // to the frame that grab() is to give next
  int64_t position_ = 0;          // of the frame grabbed last, from 1
  std::string failure_, damage_;
  bool has_times_ = true;
  std::optional<int64_t> first_time_;  // as if time had never jumped back
  std::optional<int64_t> last_time_;
  std::optional<double> seconds_;
  double end_ = 0.0;  // of the frame grabbed last, in seconds
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
  SequenceInfo info;
  info.name = std::filesystem::path(path).stem().string();
  info.path = path;
  info.kind = SequenceKind::kVideo;
  return std::make_unique<FfmpegSource>(VideoInput::kFile, std::move(info));
}

std::unique_ptr<VideoSource> open_video_address(SequenceInfo info, ShouldStop should_stop) {
  return std::make_unique<FfmpegSource>(VideoInput::kAddress, std::move(info),
                                        std::move(should_stop));
}

std::unique_ptr<VideoSource> open_video_pipe(SequenceInfo info, ShouldStop should_stop) {
  return std::make_unique<FfmpegSource>(VideoInput::kPipe, std::move(info), std::move(should_stop));
}

}  // namespace proxseg
