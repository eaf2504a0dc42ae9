#include "media/reconnect.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "proxseg/core/clock.h"
#include "proxseg/core/error.h"
#include "proxseg/core/text.h"

namespace proxseg {
namespace {

class Reconnecting final : public FrameSource {
 public:
  Reconnecting(OpenConnection open, double silence, ShouldStop should_stop,
               OnConnection on_connection)
      : open_(std::move(open)),
        silence_(silence),
        should_stop_(std::move(should_stop)),
        on_connection_(std::move(on_connection)) {
    connect();
    info_ = source_->info();
  }

  const SequenceInfo& info() const override { return info_; }

  std::optional<Frame> grab() override {
    while (true) {
      std::string reason;
      if (auto frame = grab_here(reason)) {
        place_in_time(*frame);
        return frame;
      }
      if (is_over()) return std::nullopt;
      spdlog::warn("{}: lost after {} frames: {}", info_.name, position_, reason);
      if (on_connection_) on_connection_(false, reason);
      disconnect();
      if (!reconnect()) return std::nullopt;
    }
  }

  void decode(Frame& frame) override { source_->decode(frame); }

  void interrupt() override {
    is_interrupted_ = true;
    const std::lock_guard lock(mutex_);
    if (source_) source_->interrupt();
  }

 private:
  bool is_over() const { return is_interrupted_ || (should_stop_ && should_stop_()); }

  bool is_silent() const { return seconds_between(waiting_since_, steady_now()) > silence_; }

  void connect() {
    waiting_since_ = steady_now();
    auto source = open_([this] { return is_over() || is_silent(); });
    const std::lock_guard lock(mutex_);
    source_ = std::move(source);
    offset_.reset();
  }

  // interrupt() may be asking the source meanwhile.
  void disconnect() {
    const std::lock_guard lock(mutex_);
    source_.reset();
  }

  // Nothing, and why, where the connection is lost.
  std::optional<Frame> grab_here(std::string& reason) {
    waiting_since_ = steady_now();
    try {
      if (auto frame = source_->grab()) return frame;
      reason = is_silent() ? fmt::format("no frame for {:g} s", silence_) : "it has ended";
    } catch (const InputError& error) {
      reason = error.what();
    }
    return std::nullopt;
  }

  // False where it is over before a connection stands again.
  bool reconnect() {
    constexpr double kLongest = 60.0;
    const SteadyTime lost = steady_now();
    std::string reason;
    const auto over = [this] { return is_over(); };
    for (double pause = 1.0; pause_for(pause, over); pause = std::min(2.0 * pause, kLongest)) {
      try {
        connect();
      } catch (const InputError& error) {
        if (error.what() != reason) spdlog::warn("{}: {}", info_.name, error.what());
        reason = error.what();
        continue;
      }
      if (is_over()) return false;
      const std::string time = format_duration(seconds_between(lost, steady_now()));
      spdlog::warn("{}: found again after {}", info_.name, time);
      if (on_connection_) on_connection_(true, "after " + time);
      return true;
    }
    return false;
  }

  void place_in_time(Frame& frame) {
    const SteadyTime now = steady_now();
    if (position_ == 0) first_ = last_ = now;
    const double by_clock = seconds_between(first_, now);
    // The stream's own times within a connection; the clock says how long it was lost. A camera whose
    // clock is set may leap.
    constexpr double kLeap = 10.0;
    const bool leaps =
        offset_ && frame.seconds &&
        (*offset_ + *frame.seconds < last_seconds_ ||
         *offset_ + *frame.seconds > last_seconds_ + seconds_between(last_, now) + kLeap);
    if (!offset_ || leaps) {
      offset_ = std::max(by_clock, last_seconds_) - frame.seconds.value_or(0.0);
    }
    frame.seconds = frame.seconds ? *offset_ + *frame.seconds : std::max(by_clock, last_seconds_);
    frame.arrived = last_ = now;
    last_seconds_ = *frame.seconds;
    const Frame next = frame_at(++position_);
    frame.name = next.name;
    frame.number = next.number;
  }

  OpenConnection open_;
  double silence_;  // seconds
  ShouldStop should_stop_;
  OnConnection on_connection_;
  std::atomic<bool> is_interrupted_ = false;
  std::atomic<SteadyTime> waiting_since_{steady_now()};
  std::mutex mutex_;  // of source_, which interrupt() reads on another thread
  std::unique_ptr<FrameSource> source_;
  SequenceInfo info_;
  int64_t position_ = 0;
  SteadyTime first_{}, last_{};     // when the first frame came, and the last one
  std::optional<double> offset_{};  // seconds by the clock less those of the connection
  double last_seconds_ = 0.0;
};

}  // namespace

std::unique_ptr<FrameSource> reconnecting(OpenConnection open, double silence,
                                          ShouldStop should_stop, OnConnection on_connection) {
  return std::make_unique<Reconnecting>(std::move(open), silence, std::move(should_stop),
                                        std::move(on_connection));
}

}  // namespace proxseg
