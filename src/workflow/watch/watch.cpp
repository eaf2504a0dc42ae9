#include "proxseg/workflow/watch.h"

#include <fmt/format.h>

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/media/preview.h"
#include "proxseg/media/sink.h"
#include "proxseg/media/stream.h"
#include "proxseg/track/tracker.h"
#include "workflow/watch/event_stream.h"
#include "workflow/watch/rolling_video.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

using nlohmann::ordered_json;

ordered_json json_of(const cv::Rect& box) { return {box.x, box.y, box.width, box.height}; }

// What happens to objects, told once each.
class ObjectEvents {
 public:
  explicit ObjectEvents(EventStream& events) : events_(events) {}

  int64_t count() const { return count_; }
  size_t now() const { return objects_.size(); }

  // Those that the frame of that time shows.
  std::vector<LiveObject> list(double seconds) const {
    std::vector<LiveObject> list;
    for (const auto& [id, object] : objects_) {
      if (object.last < seconds) continue;
      list.push_back({id, object.box, object.last - object.first, object.rests});
    }
    return list;
  }

  void update(const cv::Mat& mask, double seconds) {
    constexpr int64_t kFramesOfNoise = 3;  // fewer are noise
    for (const Track& track : tracker_.update(mask, seconds)) {
      if (track.frames < kFramesOfNoise) continue;
      const auto [place, is_new] = objects_.try_emplace(track.id, Object{.first = seconds});
      Object& object = place->second;
      object.last = seconds;
      object.box = track.shape.box;
      if (is_new) {
        tell("object", track.id, object, seconds);
        ++count_;
      }
      const bool rests = track.state == TrackState::kRest;
      if (rests != object.rests) tell(rests ? "rest" : "moves", track.id, object, seconds);
      object.rests = rests;
    }
    forget_before(seconds - 1.0, seconds);
  }

  void finish(double seconds) { forget_before(seconds + 1.0, seconds); }

 private:
  struct Object {
    double first = 0.0, last = 0.0;
    cv::Rect box{};
    bool rests = false;
  };

  void tell(const char* event, int64_t id, const Object& object, double seconds) {
    ordered_json details = {{"id", id}, {"box", json_of(object.box)}};
    if (event == std::string("gone")) details["seen"] = object.last - object.first;
    events_.add(event, seconds, details);
  }

  void forget_before(double time, double seconds) {
    for (auto it = objects_.begin(); it != objects_.end();) {
      if (it->second.last >= time) {
        ++it;
        continue;
      }
      tell("gone", it->first, it->second, seconds);
      it = objects_.erase(it);
    }
  }

  EventStream& events_;
  Tracker tracker_;
  std::map<int64_t, Object> objects_;
  int64_t count_ = 0;
};

class Recorder {
 public:
  Recorder(const fs::path& folder, const WatchOptions& options, double fps) : folder_(folder) {
    const auto open = [&](Product product, const char* name, const char* extension) {
      if (!options.save.contains(product)) return std::unique_ptr<RollingVideo>();
      return std::make_unique<RollingVideo>(folder / name, extension, fps, options.segment,
                                            options.keep);
    };
    masks_ = open(Product::kMaskVideo, "masks", ".mkv");
    overlays_ = open(Product::kOverlay, "overlays", ".mp4");
    if (options.save.contains(Product::kMask)) images_ = std::make_unique<FrameFileQueue>();
  }

  void write(const Frame& frame, const cv::Mat& mask, double seconds) {
    if (masks_) masks_->write(mask, seconds);
    if (overlays_) overlays_->write(draw_overlay(frame.image, mask), seconds);
    if (images_) images_->push(folder_ / "mask" / (frame.name + ".png"), mask);
  }

  void finish() {
    if (masks_) masks_->finish();
    if (overlays_) overlays_->finish();
    if (images_) images_->finish();
  }

 private:
  fs::path folder_;
  std::unique_ptr<RollingVideo> masks_, overlays_;
  std::unique_ptr<FrameFileQueue> images_;
};

class Watch {
 public:
  Watch(NetworkSegmenter& segmenter, const NamedSequence& input, const fs::path& folder,
        const SourceOptions& source, const WatchOptions& options, const WatchCallbacks& callbacks)
      : segmenter_(segmenter),
        callbacks_(callbacks),
        events_(folder / "events.jsonl", input.name, options.on_event, options.prints_events,
                callbacks.observers),
        objects_(events_),
        source_(open(input.path, source)) {
    if (!source_) return;
    const SequenceInfo& info = source_->info();
    rate_ = info.rate();
    recorder_.emplace(folder, options, rate_);
    events_.add("start", 0.0,
                {{"width", info.size.width}, {"height", info.size.height}, {"fps", info.fps}});
  }

  WatchResult run() {
    if (!source_) return {};
    learn_head();
    while (!callbacks_.should_stop()) {
      const auto frame = next();
      if (!frame) break;
      obey();
      look_at(*frame);
      callbacks_.on_frames(result_.frames);
    }
    objects_.finish(now_);
    if (recorder_) recorder_->finish();
    tell_statistics();
    events_.add("stop", now_, {{"frames", result_.frames}});
    result_.objects = objects_.count();
    result_.seconds = now_;
    return result_;
  }

 private:
  std::unique_ptr<FrameSource> open(const std::string& path, SourceOptions options) {
    if (!is_stream(path) || path == "-") options.reconnect = 0.0;
    return open_frames(path, options, callbacks_.should_stop,
                       [this](bool is_found, const std::string& what) {
                         events_.add(is_found ? "found" : "lost", now_, {{"reason", what}});
                       });
  }

  void learn_head() {
    head_ = take_head(*source_, segmenter_.wanted_head(), callbacks_.should_stop);
    if (!head_.empty()) segmenter_.begin(with_head(source_->info(), head_));
  }

  std::optional<Frame> next() {
    if (head_.empty()) return source_->next();
    Frame frame = std::move(head_.front());
    head_.pop_front();
    return frame;
  }

  void look_at(const Frame& frame) {
    now_ = frame.seconds.value_or(static_cast<double>(result_.frames) / rate_);
    ++result_.frames;
    segmenter_.set_time(now_);
    const cv::Mat mask = segmenter_.segment({frame.image}, {Product::kMask}).front().mask;
    tell_of_scene();
    const bool is_certain = segmenter_.follower()->is_certain();
    if (is_certain != is_certain_) events_.add(is_certain ? "certain" : "uncertain", now_);
    is_certain_ = is_certain;
    if (!is_certain) ++result_.uncertain;
    objects_.update(mask, now_);
    recorder_->write(frame, mask, now_);
    show(frame, mask);
    constexpr double kMinute = 60.0;
    if (now_ - told_at_ >= kMinute) tell_statistics();
  }

  void obey() {
    for (WatchObserver* observer : callbacks_.observers) {
      for (const WatchCommand& command : observer->take_commands()) {
        SceneFollower& follower = *segmenter_.follower();
        if (command.kind == WatchCommand::Kind::kRelearn) follower.relearn();
        if (command.kind == WatchCommand::Kind::kAccept) follower.accept(command.box);
      }
    }
  }

  void show(const Frame& frame, const cv::Mat& mask) {
    if (callbacks_.observers.empty()) return;
    const SceneFollower& follower = *segmenter_.follower();
    const SceneState& scene = follower.scene();
    const LiveFrame watched = {
        .image = frame.image,
        .mask = mask,
        .background = scene.background(cv::Rect({scene.margin, scene.margin}, scene.frame_size())),
        .seconds = now_,
        .frames = result_.frames,
        .uncertain = result_.uncertain,
        .unexplained = follower.unexplained(),
        .is_certain = is_certain_,
        .objects = objects_.list(now_)};
    for (WatchObserver* observer : callbacks_.observers) observer->on_frame(watched);
  }

  void tell_of_scene() {
    for (const SceneEvent& event : segmenter_.follower()->take_events()) {
      ordered_json details = ordered_json::object();
      if (!event.reason.empty()) details["reason"] = event.reason;
      if (!event.box.empty()) details["box"] = json_of(event.box);
      events_.add(event.kind, event.seconds, details);
    }
  }

  // Of the time since they were told last.
  void tell_statistics() {
    const double seconds = now_ - told_at_;
    if (seconds <= 0.0) return;
    const int64_t frames = result_.frames - told_frames_;
    events_.add("statistics", now_,
                {{"frames", frames},
                 {"frames_per_second", static_cast<double>(frames) / seconds},
                 {"uncertain", result_.uncertain - told_uncertain_},
                 {"objects", objects_.now()},
                 {"unexplained", segmenter_.follower()->unexplained()}});
    told_at_ = now_;
    told_frames_ = result_.frames;
    told_uncertain_ = result_.uncertain;
  }

  NetworkSegmenter& segmenter_;
  const WatchCallbacks& callbacks_;
  std::atomic<double> now_ = 0.0;  // also read where the stream is, on another thread
  EventStream events_;
  ObjectEvents objects_;
  std::unique_ptr<FrameSource> source_;
  double rate_ = SequenceInfo().rate();
  std::optional<Recorder> recorder_;
  std::deque<Frame> head_;
  bool is_certain_ = true;
  WatchResult result_;
  double told_at_ = 0.0;
  int64_t told_frames_ = 0, told_uncertain_ = 0;
};

}  // namespace

WatchResult watch(NetworkSegmenter& segmenter, const NamedSequence& input, const fs::path& folder,
                  const SourceOptions& source, const WatchOptions& options,
                  const WatchCallbacks& callbacks) {
  make_writable_folder(folder);
  return Watch(segmenter, input, folder, source, options, callbacks).run();
}

}  // namespace proxseg
