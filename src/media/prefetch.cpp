#include <spdlog/spdlog.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>

#include "proxseg/core/error.h"
#include "proxseg/media/source.h"

namespace proxseg {
namespace {

// The outcome of one call of next().
struct Step {
  std::optional<Frame> frame;
  std::exception_ptr error;
  std::vector<std::string> skipped;  // names added by this call

  bool last() const { return !frame; }
};

class PrefetchedFrames final : public FrameView {
 public:
  PrefetchedFrames(std::unique_ptr<FrameSource> source, size_t depth, bool waits)
      : FrameView(std::move(source)),
        depth_(depth),
        waits_(waits),
        worker_([this](const std::stop_token& stop) { read_ahead(stop); }) {}

  // The worker may be waiting for a silent stream.
  ~PrefetchedFrames() override {
    worker_.request_stop();
    source_->interrupt();
    worker_.join();
    if (dropped_ == 0) return;
    spdlog::warn("{}: {} of {} frames were left out, as they came faster than they were taken",
                 info_.name, dropped_, read_);
  }

  const std::vector<std::string>& skipped() const override { return skipped_; }

  std::optional<Frame> grab() override {
    Step step = take();
    skipped_.insert(skipped_.end(), step.skipped.begin(), step.skipped.end());
    if (step.error) std::rethrow_exception(step.error);
    return std::move(step.frame);
  }

  void decode(Frame& /*frame*/) override {}  // the worker did

 private:
  // The last step stays in the queue, so that each later call ends or fails as well.
  Step take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !steps_.empty(); });
    if (steps_.front().last()) {
      Step step = steps_.front();
      steps_.front().skipped.clear();
      return step;
    }
    Step step = std::move(steps_.front());
    steps_.pop_front();
    changed_.notify_all();
    return step;
  }

  void read_ahead(const std::stop_token& stop) {
    size_t known = 0;
    bool more = true;
    while (more) {
      {
        std::unique_lock lock(mutex_);
        const auto has_room = [this] { return !waits_ || steps_.size() < depth_; };
        if (!changed_.wait(lock, stop, has_room)) return;
      }
      Step step = read(known);
      known += step.skipped.size();
      more = !step.last() && !stop.stop_requested();
      const std::lock_guard lock(mutex_);
      if (!waits_ && !step.last()) {
        make_room();
        if (read_++ % stride_ != 0) {
          drop(step);
          continue;
        }
      }
      take_over(step);
      steps_.push_back(std::move(step));
      changed_.notify_all();
    }
  }

  // Where as many frames wait as may, every second one goes, and of those that come half as many stay;
  // where none waits, twice as many.
  void make_room() {
    if (steps_.empty()) stride_ = std::max<int64_t>(1, stride_ / 2);
    if (steps_.size() < depth_) return;
    std::deque<Step> kept;
    for (size_t i = 0; i < steps_.size(); ++i) {
      if (i % 2 == 0) {
        drop(steps_[i]);
      } else {
        take_over(steps_[i]);
        kept.push_back(std::move(steps_[i]));
      }
    }
    steps_ = std::move(kept);
    stride_ *= 2;
  }

  void drop(const Step& step) {
    ++dropped_;
    dropped_since_ += step.frame->dropped + 1;
    skipped_since_.insert(skipped_since_.end(), step.skipped.begin(), step.skipped.end());
  }

  // What was left out before a step that is kept.
  void take_over(Step& step) {
    if (step.frame) step.frame->dropped += std::exchange(dropped_since_, 0);
    step.skipped.insert(step.skipped.begin(), skipped_since_.begin(), skipped_since_.end());
    skipped_since_.clear();
  }

  Step read(size_t known) {
    Step step;
    try {
      step.frame = source_->next();
    } catch (...) {
      step.error = std::current_exception();
    }
    const std::vector<std::string>& names = source_->skipped();
    step.skipped.assign(names.begin() + static_cast<std::ptrdiff_t>(known), names.end());
    return step;
  }

  const size_t depth_;
  const bool waits_;  // for room, where no more frames may be read ahead
  int64_t read_ = 0, dropped_ = 0, stride_ = 1;
  int64_t dropped_since_ = 0;  // the last frame that was kept
  std::vector<std::string> skipped_since_;
  std::vector<std::string> skipped_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Step> steps_;
  std::jthread worker_;  // last: it is stopped and joined before what it uses goes
};

std::unique_ptr<FrameSource> read_ahead(std::unique_ptr<FrameSource> source, int depth,
                                        bool waits) {
  if (depth < 1) {
    throw UsageError("prefetch depth is " + std::to_string(depth) + " but must be at least 1");
  }
  return std::make_unique<PrefetchedFrames>(std::move(source), static_cast<size_t>(depth), waits);
}

}  // namespace

std::unique_ptr<FrameSource> prefetch(std::unique_ptr<FrameSource> source, int depth) {
  return read_ahead(std::move(source), depth, /*waits=*/true);
}

std::unique_ptr<FrameSource> keep_up(std::unique_ptr<FrameSource> source, int depth) {
  return read_ahead(std::move(source), depth, /*waits=*/false);
}

}  // namespace proxseg
