#include "proxseg/scene/follower.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <opencv2/imgproc.hpp>
#include <utility>

#include "proxseg/core/error.h"
#include "scene/images.h"
#include "scene/known_scene.h"
#include "scene/picture_faults.h"
#include "scene/relearning.h"
#include "scene/rest.h"
#include "scene/scene_change.h"

namespace proxseg {
namespace {

constexpr double kSampling = 0.1;   // seconds from one sample to the next
constexpr double kFirstLook = 0.7;  // seconds of a new scene before it is learned
constexpr double kUsable = 1.9;     // seconds before its masks can be trusted
constexpr double kYoung = 8.0;      // seconds before masks say what is background
constexpr double kSeldom = 60.0;    // seconds between two times of learning an old scene
constexpr double kSoon = 4.0;       // the same where the scene drifts away from what was learned
constexpr double kJudging = 0.25;   // seconds between two looks at what rests

cv::Mat grown(const cv::Mat& mask, int side) {
  cv::Mat result;
  cv::dilate(mask, result, cv::getStructuringElement(cv::MORPH_ELLIPSE, {side, side}));
  return result;
}

}  // namespace

// Of each frame, in this order: is it whole, does it show another scene, what rests in it; then, with
// its mask, what is there to learn.
class SceneFollower::Impl {
 public:
  Impl(SceneModel scene, const cv::Mat& last, double seconds, const BackgroundOptions& background,
       const FollowOptions& options)
      : background_(background), options_(options) {
    if (options.samples < 20 || options.states < 1) {
      throw UsageError("SceneFollower: needs 20 samples and a state at least");
    }
    current_ = scene.state_of(last);
    for (SceneState& state : scene.states) add_state(std::move(state));
    state().next = 2.0 * std::max(seconds, kFirstLook);
    usable_from_ = seconds >= kUsable ? -kForever : kUsable;
    is_old_from_the_start_ = seconds >= kUsable;
  }

  Impl(const FollowerState& known, const BackgroundOptions& background,
       const FollowOptions& options)
      : background_(background), options_(options), has_begun_(true), is_taken_up_(true) {
    if (known.known.empty()) throw UsageError("SceneFollower: the state knows nothing");
    now_ = known.now;
    usable_from_ = -kForever;
    mask_share_ = known.mask_share;
    for (const FollowerState::Known& one : known.known) {
      State& here = states_.emplace_back(one, options_.samples);
      here.next = now_ + kSeldom;
      here.next_sample = now_;
      next_id_ = std::max(next_id_, one.id + 1);
    }
    for (const FollowerState::Standing& object : known.standing) {
      if (object.mask.size() == state().small_size()) standing_.push_back({object, now_});
    }
  }

  bool look(const cv::Mat& frame, double seconds) {
    const bool is_first = !has_begun_ || is_taken_up_;
    if (!has_begun_) begin(seconds);
    now_ = std::max(now_, seconds);
    bool changed = take_what_was_learned() || is_first;
    frame_ = frame;
    for (SceneEvent& event : faults_.look(frame, state().scene.background, now_)) say(event);
    if (faults_.is_damaged()) return changed;
    compared_ = compare(state());
    if (std::exchange(is_taken_up_, false)) changed = find_the_state_of_now() || changed;
    changed = notice_light() || changed;
    const cv::Mat raw = at_most_so_wide(frame, kSmallWidth);
    if (is_fresh_) {
      if (is_turning(raw_, raw)) postpone();
      changed = try_known_states() || changed;
    } else {
      rest_.update(compared_.picture, compared_.off, compared_.limit, now_);
      if (change_.is_another_scene(rest_, compared_.off, now_)) {
        changed = begin_anew() || changed;
      } else {
        look_at_what_rests();
      }
    }
    raw_ = raw;
    return changed;
  }

  void learn(const cv::Mat& mask) {
    if (!faults_.is_sound() || frame_.empty()) return;
    State& here = state();
    here.seen = now_;
    if (!is_fresh_) {
      constexpr double kMemory = 200.0;  // frames
      here.usual += (compared_.share - here.usual) / kMemory;
      mask_share_ += (share_of(mask) - mask_share_) / kMemory;
    }
    if (now_ >= here.next_sample) {
      here.next_sample = now_ + kSampling;
      cv::Mat covered;
      cv::resize(mask, covered, raw_.size(), 0, 0, cv::INTER_AREA);
      add_sample(here.samples, {now_, frame_.clone(), grown(covered > 0, 5)}, options_.samples);
    }
    if (is_due()) start_learning();
  }

  const SceneState& scene() const { return states_[current_].scene; }
  bool is_certain() const { return faults_.is_sound() && now_ >= usable_from_; }
  double unexplained() const { return compared_.share; }
  bool knows_scene() const { return !is_fresh_; }
  int whole_rows() const { return faults_.whole_rows(); }
  bool shows_nothing() const {
    return !faults_.is_damaged() && !is_fresh_ && !compared_.off.empty() &&
           cv::countNonZero(compared_.off) == 0;
  }
  std::vector<SceneEvent> take_events() { return std::exchange(events_, {}); }

  void relearn() {
    say({"relearn", now_});
    SceneState before = state().scene;
    states_.clear();
    start_fresh(std::move(before));
  }

  void accept(const cv::Rect& box) {
    const cv::Size size = compared_.off.size();
    if (is_fresh_ || size.empty()) return;
    cv::Mat region = cv::Mat::zeros(size, CV_8U);
    if (box.empty()) {
      region = all_that_rests(rest_, std::exchange(standing_, {}), size);
    } else {
      const cv::Rect there = state().frame_in_small();
      region(there)(scaled_box(box, frame_.size(), there.size()) & cv::Rect({}, there.size())) =
          255;
    }
    if (cv::countNonZero(region) == 0) return;
    absorb({region, latest_of(state().samples), "accepted"});
  }

  // But for a scene that has not been learned yet.
  FollowerState known() const {
    FollowerState result{
        .now = now_, .mask_share = mask_share_, .standing{standing_.begin(), standing_.end()}};
    if (!is_fresh_) result.known.push_back(states_[current_]);
    for (size_t k = 0; k < states_.size(); ++k) {
      if (k != current_) result.known.push_back(states_[k]);
    }
    return result;
  }

 private:
  using State = KnownScene;

  State& state() { return states_[current_]; }

  void begin(double seconds) {
    has_begun_ = true;
    now_ = seconds;
    for (State& known : states_) {
      known.since = known.seen = known.learned = known.next_sample = seconds;
      known.next += seconds;
      if (is_old_from_the_start_) known.since -= kYoung;
    }
    usable_from_ += seconds;
  }

  void add_state(SceneState scene) { states_.emplace_back(next_id_++, std::move(scene), now_); }

  ComparedFrame compare(const State& known) const {
    return known.compare(frame_, background_.follow_exposure);
  }

  void say(SceneEvent event) { events_.push_back(std::move(event)); }

  // Time has passed since the state was saved: what was background then may be another one now.
  bool find_the_state_of_now() {
    for (RestingObject& object : standing_) object.seen = now_;
    change_ = ChangeDetector(now_);
    return !state().fits(compared_.share) && begin_anew();
  }

  // True where the scene has to be seen in such a light from here on.
  bool notice_light() {
    if (!compared_.is_lit) return false;
    State& here = state();
    if (now_ - here.last_lit > kSoon) say({"light", now_, "in parts of the picture"});
    here.last_lit = now_;
    if (here.scene.light) return false;
    here.scene.light = here.light();
    return true;
  }

  // ---- another scene

  // True where it is known already.
  bool begin_anew() {
    SceneState before = state().scene;
    say(cause_of_change(compared_, frame_, before.background, now_));
    if (std::ssize(states_) >= options_.states) {
      states_.erase(std::ranges::min_element(states_, {}, &State::seen));
    }
    start_fresh(std::move(before));
    return try_known_states();
  }

  void start_fresh(SceneState before) {
    add_state(std::move(before));
    current_ = states_.size() - 1;
    state().next = now_ + kFirstLook;
    is_fresh_ = true;
    usable_from_ = kForever;
    begin_resting();
  }

  void begin_resting() {
    rest_ = {};
    standing_.clear();
    change_ = ChangeDetector(now_);
  }

  // A camera that turns shows nothing worth learning.
  void postpone() {
    State& fresh = state();
    fresh.samples.clear();
    fresh.since = now_;
    fresh.next = now_ + kFirstLook;
    fresh.next_sample = now_;
  }

  // True where one of them fits the frame.
  bool try_known_states() {
    size_t best = current_;
    double least = kForever;
    for (size_t k = 0; k < states_.size(); ++k) {
      if (k == current_ || states_[k].scene.background.size() != state().scene.background.size())
        continue;
      const double share = compare(states_[k]).share;
      if (!states_[k].fits(share) || share >= least) continue;
      best = k;
      least = share;
    }
    if (best == current_) return false;
    states_.pop_back();  // the fresh one, which is not needed
    current_ = best;
    is_fresh_ = false;
    state().next = now_ + kSoon;
    usable_from_ = now_;
    compared_ = compare(state());
    begin_resting();
    say({"returned", now_});
    return true;
  }

  // ---- what rests

  void look_at_what_rests() {
    if (now_ < next_judging_) return;
    next_judging_ = now_ + kJudging;
    for (const NewBackground& place :
         judge_what_rests(rest_, compared_, options_.absorb, now_, standing_)) {
      absorb(place);
    }
  }

  void absorb(const NewBackground& place) {
    constexpr double kAtMostEach = 1.0;  // seconds: learning takes its time
    const cv::Mat region = grown(place.mask, 7);
    State& here = state();
    const cv::Rect there = here.frame_in_small();
    renew(here.samples, region(there), place.since);
    here.is_renewed = true;
    rest_.forget(region);
    here.next = std::min(here.next, std::max(now_, here.learned + kAtMostEach));
    const cv::Size size = frame_.size();
    const cv::Rect box = scaled_box(bounding_box(place.mask) - there.tl(), there.size(), size);
    say({place.kind, now_, "", box & cv::Rect({}, size)});
  }

  // ---- learning

  bool is_due() {
    constexpr double kDrift = 0.04, kExposure = 1.15;
    const State& here = state();
    if (learning_.valid() || here.samples.size() < 4) return false;
    if (now_ >= here.next) return true;
    if (is_fresh_ || now_ - here.learned < kSoon) return false;
    const double exposure = std::max(compared_.gain / here.gain, here.gain / compared_.gain);
    return here.usual > here.share + kDrift || exposure > kExposure;
  }

  void start_learning() {
    constexpr double kTrusted = 0.25;
    State& here = state();
    const double age = now_ - here.since;
    Lesson lesson{here.id, here.samples, false, here.scene, background_};
    lesson.by_masks = !is_fresh_ && (age >= kYoung || here.is_renewed) && mask_share_ < kTrusted;
    lesson.before.light = now_ - here.last_lit < kSeldom ? here.light() : nullptr;
    // A camera that stands still is not asked again whether it shakes, which takes long.
    lesson.options.stabilize = background_.stabilize && (is_fresh_ || here.scene.alignment);
    here.next = now_ + std::clamp(age, kFirstLook, kSeldom);
    here.learned = now_;
    learning_ = learn_again(std::move(lesson), options_.beside);
  }

  bool take_what_was_learned() {
    constexpr auto kNow = std::chrono::seconds(0);
    if (!learning_.valid() || learning_.wait_for(kNow) != std::future_status::ready) return false;
    Learned learned = learning_.get();
    const auto home = std::ranges::find(states_, learned.id, &State::id);
    if (home == states_.end()) return false;
    const cv::Size before = home->small_size();
    home->set_scene(std::move(learned.scene));
    if (&*home != &state()) return false;
    if (home->small_size() != before) begin_resting();
    if (!frame_.empty()) {
      compared_ = compare(*home);
      home->share = compared_.share;
      home->gain = compared_.gain;
      if (is_fresh_) home->usual = compared_.share;
    }
    if (is_fresh_) {
      is_fresh_ = false;
      usable_from_ = home->since + kUsable;
      begin_resting();
      say({"relearned", now_});
    }
    return true;
  }

  BackgroundOptions background_;
  FollowOptions options_;
  std::vector<State> states_;
  size_t current_ = 0;
  int64_t next_id_ = 0;
  bool has_begun_ = false, is_old_from_the_start_ = false;
  bool is_taken_up_ = false;  // from a state, and no frame has been seen yet
  bool is_fresh_ = false;     // the current state has not been learned yet
  double now_ = 0.0, usable_from_ = 0.0, next_judging_ = 0.0;
  double mask_share_ = 0.0;
  cv::Mat frame_, raw_;  // the same frame, whole and small
  ComparedFrame compared_;
  PictureFaults faults_;
  RestingPixels rest_;
  ChangeDetector change_;
  std::vector<RestingObject> standing_;
  std::future<Learned> learning_;
  std::vector<SceneEvent> events_;
};

SceneFollower::SceneFollower(SceneModel scene, const cv::Mat& last, double seconds,
                             const BackgroundOptions& background, const FollowOptions& options)
    : impl_(std::make_unique<Impl>(std::move(scene), last, seconds, background, options)) {}

SceneFollower::SceneFollower(std::vector<cv::Mat> first, const BackgroundOptions& background,
                             const FollowOptions& options) {
  if (first.empty()) throw UsageError("SceneFollower: needs at least one image");
  const double seconds = static_cast<double>(first.size()) / SequenceInfo().rate();
  const cv::Mat last = first.back();
  impl_ = std::make_unique<Impl>(model_scene(std::move(first), background, Canvas::kShaken), last,
                                 seconds, background, options);
}

SceneFollower::SceneFollower(const FollowerState& state, const BackgroundOptions& background,
                             const FollowOptions& options)
    : impl_(std::make_unique<Impl>(state, background, options)) {}

SceneFollower::~SceneFollower() = default;

bool SceneFollower::look(const cv::Mat& frame, double seconds) {
  return impl_->look(frame, seconds);
}

void SceneFollower::learn(const cv::Mat& mask) { impl_->learn(mask); }
const SceneState& SceneFollower::scene() const { return impl_->scene(); }
bool SceneFollower::is_certain() const { return impl_->is_certain(); }
double SceneFollower::unexplained() const { return impl_->unexplained(); }
bool SceneFollower::knows_scene() const { return impl_->knows_scene(); }
int SceneFollower::whole_rows() const { return impl_->whole_rows(); }
bool SceneFollower::shows_nothing() const { return impl_->shows_nothing(); }
void SceneFollower::relearn() { impl_->relearn(); }
void SceneFollower::accept(const cv::Rect& box) { impl_->accept(box); }
FollowerState SceneFollower::state() const { return impl_->known(); }
std::vector<SceneEvent> SceneFollower::take_events() { return impl_->take_events(); }

}  // namespace proxseg
