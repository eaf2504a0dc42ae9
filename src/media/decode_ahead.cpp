// Images decoded by several threads.
#include <algorithm>
#include <deque>
#include <exception>
#include <future>
#include <opencv2/core/utility.hpp>
#include <utility>

#include "media/stored.h"

namespace proxseg {
namespace {

constexpr int kMostThreads = 4;  // each holds a whole frame

class DecodedAhead final : public FrameView {
 public:
  DecodedAhead(std::unique_ptr<FrameSource> source, size_t depth)
      : FrameView(std::move(source)), depth_(depth) {}

  // The first frame comes alone: many callers want no more.
  std::optional<Frame> grab() override {
    while (!ended_ && waiting_.size() < (has_begun_ ? depth_ : 1)) look_ahead();
    has_begun_ = true;
    if (waiting_.empty()) {
      if (error_) std::rethrow_exception(error_);
      return std::nullopt;
    }
    Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    decoded_ = std::move(next.decoded);
    return std::move(next.frame);
  }

  void decode(Frame& frame) override {
    const Frame decoded = decoded_.get();
    frame.image = decoded.image;
    frame.full_size = decoded.full_size;
  }

 private:
  struct Waiting {
    Frame frame;
    std::future<Frame> decoded;
  };

  void look_ahead() {
    try {
      std::optional<Frame> frame = source_->grab();
      ended_ = !frame;
      if (!frame) return;
      // Deferred where there is no room for another thread.
      const auto policy = std::launch::async | std::launch::deferred;
      auto decoded = std::async(policy, [this, there = *frame]() mutable {
        source_->decode(there);
        return std::move(there);
      });
      waiting_.push_back({std::move(*frame), std::move(decoded)});
    } catch (...) {
      ended_ = true;
      error_ = std::current_exception();
    }
  }

  size_t depth_;
  bool has_begun_ = false, ended_ = false;
  std::exception_ptr error_;  // of the source, after the frames that wait
  std::deque<Waiting> waiting_;
  std::future<Frame> decoded_;  // the frame grabbed last
};

}  // namespace

std::unique_ptr<FrameSource> decode_ahead(std::unique_ptr<FrameSource> source) {
  const int threads = std::min(cv::getNumThreads(), kMostThreads);
  if (threads < 2) return source;
  return std::make_unique<DecodedAhead>(std::move(source), static_cast<size_t>(threads));
}

}  // namespace proxseg
