#include "workflow/watch/camera.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <exception>
#include <memory>
#include <nlohmann/json.hpp>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "proxseg/core/clock.h"
#include "proxseg/core/file.h"
#include "proxseg/media/stream.h"
#include "proxseg/workflow/failure.h"
#include "workflow/watch/event_stream.h"
#include "workflow/watch/object_events.h"
#include "workflow/watch/own_folder.h"
#include "workflow/watch/recorder.h"
#include "workflow/watch/rolling_files.h"
#include "workflow/watch/state.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

using nlohmann::ordered_json;

constexpr double kMinute = 60.0;  // seconds

class Watch {
 public:
  Watch(NetworkSegmenter& segmenter, WatchedCamera& camera, CameraRecord& record,
        const SourceOptions& source, const WatchOptions& options,
        const std::function<bool()>& should_stop)
      : segmenter_(segmenter),
        input_(camera.input),
        folder_(camera.folder),
        observers_(camera.observers),
        pulse_(camera.pulse),
        record_(record),
        source_options_(source),
        options_(options),
        should_stop_(should_stop),
        events_(folder_ / "events.jsonl", input_.name, record.program, options.prints_events,
                observers_),
        objects_(events_) {}

  WatchResult run() {
    const std::jthread cleaner([this](const std::stop_token& stop) { remove_what_is_old(stop); });
    try {
      if (open()) look_at_frames();
    } catch (const std::exception&) {
      tell_of_failure(current_failure().message);
      throw;
    }
    finish();
    return result_;
  }

 private:
  // And finishes what can be finished.
  void tell_of_failure(const std::string& reason) {
    try {
      events_.set_arrival({});
      if (reason != record_.failure) events_.add("failed", now_, {{"reason", reason}});
      finish();
    } catch (const std::exception&) {
      spdlog::warn("{}: {}", input_.name, current_failure().message);
    }
  }

  bool open() {
    const bool lasts = is_stream(input_.path) && input_.path != "-";
    SourceOptions source = source_options_;
    source.scale = 1.0;  // recordings show it
    if (!lasts) source.reconnect = 0.0;
    FollowOptions follow = options_.follow;
    follow.beside = lasts;
    constexpr int64_t kHead = 25;  // a second: masks come from then on, better ones soon after
    segmenter_.follow(follow, kHead, /*from=*/0);
    source_ =
        open_frames(input_, source, should_stop_, [this](bool is_found, const std::string& what) {
          pulse_.is_connected = is_found;
          events_.add_now(is_found ? "found" : "lost", now_, {{"reason", what}});
        });
    if (!source_) return false;
    pulse_.is_connected = true;
    rate_ = source_->info().rate();
    recorder_.emplace(folder_, options_, rate_, is_stream(input_.path));
    take_up_state();
    tell_of_start();
    return true;
  }

  // Of a stream: a file begins anew.
  void take_up_state() {
    if (!is_stream(input_.path)) return;
    const SequenceInfo& info = source_->info();
    state_.emplace(folder_ / "state",
                   StateKey{input_.path, segmenter_.settings().at("model"), info.size,
                            segmenter_.network_size(info.size), info.channels});
    const auto state = state_->load();
    if (!state) return;
    segmenter_.go_on_with(state->scene, info);
    objects_.go_on_with(*state);
    now_ = told_at_ = saved_at_ = begin_ = state->seconds;
    is_resumed_ = true;
  }

  // Also while there is no frame.
  void remove_what_is_old(const std::stop_token& stop) const {
    const auto is_over = [&] { return stop.stop_requested(); };
    while (pause_for(kMinute, is_over)) remove_old_recordings(folder_, options_.keep);
  }

  void tell_of_start() {
    const SequenceInfo& info = source_->info();
    events_.add("start", now_,
                {{"width", info.size.width},
                 {"height", info.size.height},
                 {"fps", info.fps},
                 {"resumed", is_resumed_}});
  }

  void look_at_frames() {
    if (!is_resumed_) learn_head();
    while (!should_stop_()) {
      pulse_.busy_since = 0;
      const auto frame = next();
      pulse_.busy_since = CameraPulse::now();
      if (!frame) break;
      look_at(*frame);
      obey();
      ++pulse_.frames;
      record_.failure.clear();
    }
  }

  // As far as it has come. A connection that is lost then is no event any more.
  void finish() {
    pulse_.busy_since = 0;
    events_.set_arrival({});
    source_.reset();
    pulse_.is_connected = false;
    const bool may_go_on = state_ && should_stop_();
    if (!may_go_on) objects_.finish(now_);
    save_state(/*is_last=*/true);
    if (recorder_) recorder_->finish();
    tell_statistics();
    if (recorder_) events_.add("stop", now_, {{"frames", result_.frames}});
    result_.objects = objects_.count();
  }

  void learn_head() {
    constexpr double kSecond = 1.0;
    head_ = take_head(*source_, segmenter_.wanted_head(), should_stop_, kSecond);
    if (!head_.empty()) segmenter_.begin(with_head(source_->info(), head_), {Product::kMask});
  }

  std::optional<Frame> next() {
    if (head_.empty()) return source_->next();
    Frame frame = std::move(head_.front());
    head_.pop_front();
    return frame;
  }

  void look_at(const Frame& frame) {
    const double seconds =
        begin_ + frame.seconds.value_or(static_cast<double>(result_.frames) / rate_);
    events_.set_arrival(frame.arrived);
    if (result_.frames == 0) record_input(folder_, input_);
    if (result_.frames > 0 && frame.dropped == 0) tell_of_gap(seconds);
    now_ = seconds;
    ++result_.frames;
    dropped_ += frame.dropped;
    segmenter_.set_time(now_);
    const cv::Mat mask = segmenter_.segment({frame.image}, {Product::kMask}).front().mask;
    tell_of_scene();
    const bool is_certain = segmenter_.follower()->is_certain();
    if (is_certain != is_certain_) events_.add(is_certain ? "certain" : "uncertain", now_);
    is_certain_ = is_certain;
    if (!is_certain) ++result_.uncertain;
    objects_.update(mask, now_);
    const std::vector<LiveObject> objects = objects_.list(now_);
    recorder_->write(frame, mask, objects, now_);
    std::optional<double> delay;
    if (frame.arrived) {
      delay = seconds_between(*frame.arrived, steady_now());
      delay_ = std::max(delay_.value_or(0.0), *delay);
    }
    show(frame, mask, objects, delay);
    if (now_ - told_at_ >= kMinute) tell_statistics();
    if (now_ - saved_at_ >= kMinute) save_state(/*is_last=*/false);
  }

  void tell_of_gap(double seconds) {
    constexpr double kLeast = 1.0, kLeastIntervals = 3.0;
    const double length = seconds - now_;
    if (length < std::max(kLeast, kLeastIntervals / rate_)) return;
    events_.add("gap", seconds, {{"length", length}});
  }

  void obey() {
    for (WatchObserver* observer : observers_) {
      for (const WatchCommand& command : observer->take_commands()) {
        if (command.kind == WatchCommand::Kind::kRelearn) segmenter_.follower()->relearn();
        if (command.kind == WatchCommand::Kind::kAccept) segmenter_.accept(command.box);
      }
    }
  }

  void show(const Frame& frame, const cv::Mat& mask, const std::vector<LiveObject>& objects,
            std::optional<double> delay) {
    if (observers_.empty()) return;
    const SceneFollower& follower = *segmenter_.follower();
    const SceneState& scene = follower.scene();
    const LiveFrame watched = {.image = frame.image,
                               .mask = mask,
                               .background = scene.background(scene.frame_area()),
                               .seconds = now_,
                               .frames = result_.frames,
                               .uncertain = result_.uncertain,
                               .unexplained = follower.unexplained(),
                               .is_certain = is_certain_,
                               .delay = delay,
                               .objects = objects};
    for (WatchObserver* observer : observers_) observer->on_frame(watched);
  }

  void tell_of_scene() {
    for (const SceneEvent& event : segmenter_.take_events()) {
      ordered_json details = ordered_json::object();
      if (!event.reason.empty()) details["reason"] = event.reason;
      if (event.kind == "absorbed") {
        if (const auto id = objects_.id_in(event.box)) details["id"] = *id;
      }
      if (!event.box.empty()) details["box"] = box_as_json(event.box);
      events_.add(event.kind, event.seconds, details);
    }
  }

  // Of the time since they were told last.
  void tell_statistics() {
    const double seconds = now_ - told_at_;
    if (seconds <= 0.0) return;
    const int64_t frames = result_.frames - told_.frames;
    ordered_json details = {
        {"frames", frames},          {"frames_per_second", static_cast<double>(frames) / seconds},
        {"dropped", dropped_},       {"uncertain", result_.uncertain - told_.uncertain},
        {"objects", objects_.now()}, {"unexplained", segmenter_.follower()->unexplained()}};
    if (delay_) details["delay"] = *delay_;
    events_.add("statistics", now_, details);
    told_at_ = now_;
    told_ = result_;
    dropped_ = 0;
    delay_.reset();
  }

  void save_state(bool is_last) {
    if (!state_ || result_.frames == 0) return;
    WatchState state{.seconds = now_, .scene = segmenter_.follower()->state()};
    objects_.add_to(state);
    saved_at_ = now_;
    if (is_last) {
      state_->finish(std::move(state));
    } else {
      state_->save(std::move(state));
    }
  }

  NetworkSegmenter& segmenter_;
  const NamedSequence& input_;
  const fs::path& folder_;
  const std::vector<WatchObserver*>& observers_;
  CameraPulse& pulse_;
  CameraRecord& record_;
  const SourceOptions& source_options_;
  const WatchOptions& options_;
  const std::function<bool()>& should_stop_;
  std::atomic<double> now_ = 0.0;  // also read where the stream is, on another thread
  EventStream events_;
  ObjectEvents objects_;
  std::unique_ptr<FrameSource> source_;
  std::optional<StateFolder> state_;
  bool is_resumed_ = false;
  double rate_ = SequenceInfo().rate();
  std::optional<Recorder> recorder_;
  std::deque<Frame> head_;
  bool is_certain_ = true;
  WatchResult result_;
  double begin_ = 0.0;  // when the stream's seconds are 0, by those of events
  double told_at_ = 0.0, saved_at_ = 0.0;
  WatchResult told_;
  int64_t dropped_ = 0;          // since then: they came faster than they could be segmented
  std::optional<double> delay_;  // the longest since then
};

}  // namespace

WatchResult watch_camera(NetworkSegmenter& segmenter, WatchedCamera& camera, CameraRecord& record,
                         const SourceOptions& source, const WatchOptions& options,
                         const std::function<bool()>& should_stop) {
  const fs::path& folder = camera.folder;
  std::error_code ignored;
  fs::create_directories(folder, ignored);
  const FolderLock lock(folder, "is watching into");
  expect_own_folder(folder, camera.input);
  RollingVideo::keep_what_was_cut(folder / "masks", ".mkv");
  make_writable_folder(folder);
  return Watch(segmenter, camera, record, source, options, should_stop).run();
}

}  // namespace proxseg
