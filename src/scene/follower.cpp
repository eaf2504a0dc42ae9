#include "proxseg/scene/follower.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <future>
#include <limits>
#include <opencv2/imgproc.hpp>
#include <utility>

#include "proxseg/core/error.h"
#include "proxseg/media/transform.h"
#include "proxseg/scene/alignment.h"
#include "proxseg/scene/coverage.h"
#include "proxseg/scene/exposure.h"
#include "proxseg/scene/light.h"
#include "scene/images.h"
#include "scene/picture.h"
#include "scene/rest.h"
#include "scene/samples.h"

namespace proxseg {
namespace {

constexpr double kForever = std::numeric_limits<double>::infinity();
constexpr int kSmallWidth = 160;     // pixels, of the pictures that changes are looked for in
constexpr double kSampling = 0.1;    // seconds from one sample to the next
constexpr double kFirstLook = 0.7;   // seconds of a new scene before it is learned
constexpr double kUsable = 1.9;      // seconds before its masks can be trusted
constexpr double kYoung = 8.0;       // seconds before masks say what is background
constexpr double kSeldom = 60.0;     // seconds between two times of learning an old scene
constexpr double kSoon = 4.0;        // the same where the scene drifts away from what was learned
constexpr double kJudging = 0.25;    // seconds between two looks at what rests
constexpr double kRest = 3.0;        // seconds after which what came bit by bit rests
constexpr double kRestAtOnce = 0.6;  // the same of what came at once
constexpr double kFrozen = 3.0;      // seconds

cv::Size small_size(cv::Size size) {
  const int width = std::min(size.width, kSmallWidth);
  return {width, std::max(1, static_cast<int>(std::lround(static_cast<double>(size.height) * width /
                                                          size.width)))};
}

cv::Mat grown(const cv::Mat& mask, int side) {
  cv::Mat result;
  cv::dilate(mask, result, cv::getStructuringElement(cv::MORPH_ELLIPSE, {side, side}));
  return result;
}

// Those samples that show the scene as it looks now: from others, such as those in the light of an
// hour ago, one would learn how much it changes in a day, and take objects for that. In pixels that
// no object covers, they differ from the last one little more than the nearest quarter of them do.
std::vector<Sample> like_the_last(const std::vector<Sample>& samples) {
  constexpr double kMostGain = 1.5, kLeast = 0.05, kTimes = 2.0;
  const auto small = [](const cv::Mat& image) { return resize_to_width(image, kSmallWidth / 2); };
  const cv::Mat last = small(samples.back().image);
  std::vector<double> distances;
  for (const Sample& sample : samples) {
    const cv::Mat image = small(sample.image);
    const double gain = exposure_gain(image, last);
    cv::Mat covered;
    cv::resize(sample.covered | samples.back().covered, covered, last.size());
    const bool is_near = gain < kMostGain && gain > 1.0 / kMostGain;
    distances.push_back(
        is_near ? cv::mean(visible_differences(image, last * gain), covered == 0)[0] / 255.0 : 1.0);
  }
  const double most = std::max(kLeast, kTimes * quantile(distances, 0.25));
  std::vector<Sample> chosen;
  for (size_t i = 0; i < samples.size(); ++i) {
    if (distances[i] <= most) chosen.push_back(samples[i]);
  }
  return chosen;
}

SceneState learned_from(const std::vector<Sample>& samples, bool by_masks, const SceneState& before,
                        const BackgroundOptions& options) {
  std::vector<cv::Mat> images, covered;
  for (const Sample& sample : like_the_last(samples)) {
    images.push_back(sample.image);
    if (by_masks) covered.push_back(sample.covered);
  }
  return model_state_again(std::move(images), covered, before, options);
}

}  // namespace

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
      add_state(one.scene);
      State& here = states_.back();
      here.id = one.id;
      here.since = one.since;
      here.seen = one.seen;
      here.learned = one.learned;
      here.next = now_ + kSeldom;
      here.next_sample = now_;
      here.usual = one.usual;
      here.share = one.share;
      here.gain = one.gain;
      here.is_renewed = one.is_renewed;
      for (const Sample& sample : one.samples) here.samples.add(sample);
      next_id_ = std::max(next_id_, one.id + 1);
    }
    const cv::Size size = state().small.size();
    for (const FollowerState::Standing& object : known.standing) {
      if (object.mask.size() == size) standing_.push_back({object.mask, object.since, now_});
    }
  }

  bool look(const cv::Mat& frame, double seconds) {
    const bool is_first = !has_begun_ || is_taken_up_;
    if (!has_begun_) begin(seconds);
    now_ = std::max(now_, seconds);
    bool changed = take_what_was_learned() || is_first;
    frame_ = frame;
    notice_freezing(frame);
    whole_rows_ = rows_above_smear(frame, state().scene.background);
    notice_damage(whole_rows_ < frame.rows);
    if (is_damaged_) return changed;
    view_ = compare(state(), frame);
    if (std::exchange(is_taken_up_, false)) changed = find_the_state_of_now() || changed;
    changed = notice_light() || changed;
    const cv::Mat raw = resize_frame(frame, small_size(frame.size()));
    if (is_fresh_) {
      wait_until_still(raw);
      changed = try_known_states() || changed;
    } else {
      rest_.update(view_.picture, view_.off, view_.limit, now_);
      if (is_another_scene()) {
        begin_anew();
        changed = try_known_states() || changed;
      } else {
        judge_what_rests();
      }
    }
    raw_ = raw;
    return changed;
  }

  void learn(const cv::Mat& mask) {
    if (is_damaged_ || is_frozen_ || frame_.empty()) return;
    State& here = state();
    here.seen = now_;
    if (!is_fresh_) {
      constexpr double kMemory = 200.0;  // frames
      here.usual += (view_.share - here.usual) / kMemory;
      mask_share_ += (share_of(mask) - mask_share_) / kMemory;
    }
    if (now_ >= here.next_sample) {
      here.next_sample = now_ + kSampling;
      cv::Mat covered;
      cv::resize(mask, covered, small_size(mask.size()), 0, 0, cv::INTER_AREA);
      here.samples.add({now_, frame_.clone(), grown(covered > 0, 5)});
    }
    if (is_due()) start_learning();
  }

  const SceneState& scene() const { return states_[current_].scene; }
  bool is_certain() const { return !is_damaged_ && !is_frozen_ && now_ >= usable_from_; }
  double unexplained() const { return view_.share; }
  bool knows_scene() const { return !is_fresh_; }
  int whole_rows() const { return whole_rows_; }
  bool shows_nothing() const {
    return !is_damaged_ && !is_fresh_ && !view_.off.empty() && cv::countNonZero(view_.off) == 0;
  }
  std::vector<SceneEvent> take_events() { return std::exchange(events_, {}); }

  void relearn() {
    say("relearn");
    SceneState before = state().scene;
    states_.clear();
    start_fresh(std::move(before));
  }

  void accept(const cv::Rect& box) {
    if (is_fresh_ || view_.off.empty()) return;
    if (box.empty()) return accept_all();
    const cv::Size size = view_.off.size();
    cv::Mat region = cv::Mat::zeros(size, CV_8U);
    region(scaled_box(box, frame_.size(), size) & cv::Rect({}, size)) = 255;
    accept_region(region);
  }

  // But for a scene that has not been learned yet.
  FollowerState known() const {
    FollowerState result{.now = now_, .mask_share = mask_share_};
    const auto add = [&](const State& one) {
      result.known.push_back({one.id, one.scene, one.samples.all(), one.since, one.seen,
                              one.learned, one.usual, one.share, one.gain, one.is_renewed});
    };
    if (!is_fresh_) add(states_[current_]);
    for (size_t k = 0; k < states_.size(); ++k) {
      if (k != current_) add(states_[k]);
    }
    for (const Standing& object : standing_) result.standing.push_back({object.mask, object.since});
    return result;
  }

 private:
  struct State {
    int64_t id;
    SceneState scene;
    Samples samples;
    double since = 0.0;    // when the first of its frames came
    double seen = 0.0;     // and the last
    double next = 0.0;     // when to learn it again
    double learned = 0.0;  // when that was done last
    double next_sample = 0.0;
    double usual = 0.05;       // the share of pixels that differ from it
    bool is_renewed = false;   // some of its samples show what is no longer there
    double share = 0.0;        // the same when it was learned
    double gain = 1.0;         // the exposure then
    double lit = -kForever;    // when it was last seen in a light that changes in parts
    cv::Mat small{}, limit{};  // the background; more grey levels than this are no noise
    std::shared_ptr<const Light> light{};
  };
  // A frame beside a background, small.
  struct View {
    cv::Mat picture;     // in the light of the background
    cv::Mat background;  // as the frame exposes it
    cv::Mat off, limit;  // 8UC1
    double share = 0.0;  // of off
    double gain = 1.0;
    bool is_lit = false;  // in a light that changes in parts
  };
  struct Standing {
    cv::Mat mask;
    double since, seen;
  };

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

  void add_state(SceneState scene) {
    states_.push_back(
        {.id = next_id_++, .scene = std::move(scene), .samples = Samples(options_.samples)});
    states_.back().since = states_.back().seen = states_.back().learned = now_;
    prepare(states_.back());
  }

  static void prepare(State& known) {
    constexpr double kUnits = 1.5, kLeast = 10.0, kUsual = 20.0;  // grey levels
    const cv::Size size = small_size(known.scene.background.size());
    known.small = resize_frame(known.scene.background, size);
    known.light = std::make_shared<Light>(known.scene.background);
    if (known.scene.scale.empty()) {
      known.limit = cv::Mat(size, CV_8U, cv::Scalar(kUnits * kUsual));
    } else {
      resize_frame(known.scene.scale, size).convertTo(known.limit, CV_8U, kUnits * 255.0);
      known.limit = cv::max(known.limit, kLeast);
    }
  }

  // In a light that changes in parts of the picture where that explains what a gain of the whole one
  // does not.
  View compare(const State& known, const cv::Mat& frame) const {
    constexpr double kLeastShare = 0.05, kTimes = 0.5;
    const cv::Mat picture =
        resize_frame(aligned_view_of(frame, known.scene).aligned, known.small.size());
    View view = compare_small(known, picture);
    if (!background_.follow_exposure || view.share < kLeastShare) return view;
    View lit = compare_small(known, take_light(picture, known.light->field_of(picture)));
    if (lit.share > kTimes * view.share) return view;
    lit.is_lit = true;
    return lit;
  }

  View compare_small(const State& known, const cv::Mat& picture) const {
    View view;
    view.picture = picture;
    view.gain = background_.follow_exposure ? exposure_gain(view.picture, known.small) : 1.0;
    view.background = known.small * view.gain;
    cv::medianBlur(difference_of(view.picture, view.background) > known.limit, view.off, 3);
    view.limit = known.limit;
    view.share = share_of(view.off);
    return view;
  }

  void say(std::string kind, std::string reason = {}, cv::Rect box = {}) {
    events_.push_back({std::move(kind), now_, std::move(reason), box});
  }

  // Time has passed since the state was saved: what was background then may be another one now.
  bool find_the_state_of_now() {
    for (Standing& object : standing_) object.seen = now_;
    begin_resting();
    if (fits(state(), view_.share)) return false;
    begin_anew();
    return try_known_states();
  }

  // True where the scene has to be seen in such a light from here on.
  bool notice_light() {
    if (!view_.is_lit) return false;
    if (now_ - state().lit > kSoon) say("light", "in parts of the picture");
    state().lit = now_;
    if (state().scene.light) return false;
    state().scene.light = state().light;
    return true;
  }

  // ---- broken pictures

  void notice_damage(bool damaged) {
    if (damaged != is_damaged_) {
      say(damaged ? "damaged" : "repaired", damaged ? "the lower part repeats one row" : "");
    }
    is_damaged_ = damaged;
  }

  void notice_freezing(const cv::Mat& frame) {
    const bool is_same = !last_.empty() && last_.size() == frame.size() &&
                         last_.type() == frame.type() &&
                         cv::norm(frame, last_, cv::NORM_INF) == 0.0;
    if (!is_same) {
      last_ = frame.clone();
      still_since_ = now_;
    }
    const bool frozen = now_ - still_since_ >= kFrozen;
    if (frozen != is_frozen_) say(frozen ? "frozen" : "thawed");
    is_frozen_ = frozen;
  }

  // ---- another scene

  // Most of the picture has changed at once and looks the same since, or differs for some time
  // although the background was learned again meanwhile. What changes bit by bit, as where clouds
  // pass, did so before, too.
  bool is_another_scene() {
    constexpr double kChanged = 0.08, kOff = 0.35, kWait = 6.0, kTimes = 2.0;
    constexpr double kBefore = 1.2, kFrom = 0.45, kTo = 0.2;  // seconds ago
    const cv::Mat at_once = rest_.resting_since(now_ - kFrom, now_ - kTo);
    if (now_ - watched_since_ > kBefore && is_almost_everywhere(at_once, kChanged) &&
        share_of(at_once) > kTimes * share_of(rest_.resting_since(now_ - kBefore, now_ - kFrom))) {
      return true;
    }
    const bool everywhere = is_almost_everywhere(view_.off, kOff);
    everywhere_since_ = everywhere ? std::min(everywhere_since_, now_) : kForever;
    return now_ - everywhere_since_ >= kWait;
  }

  void begin_resting() {
    rest_ = {};
    watched_since_ = now_;
  }

  void begin_anew() {
    say_why();
    everywhere_since_ = kForever;
    SceneState before = state().scene;
    forget_oldest_state();
    start_fresh(std::move(before));
  }

  void start_fresh(SceneState before) {
    add_state(std::move(before));
    current_ = states_.size() - 1;
    state().next = now_ + kFirstLook;
    is_fresh_ = true;
    usable_from_ = kForever;
    standing_.clear();
    begin_resting();
  }

  void say_why() {
    constexpr double kFlat = 8.0, kColor = 10.0, kNoColor = 5.0;
    cv::Scalar mean, deviation;
    cv::meanStdDev(to_gray(view_.picture), mean, deviation);
    if (deviation[0] < kFlat) return say("covered", "the picture shows nothing");
    const double before = saturation_of(view_.background), now = saturation_of(view_.picture);
    if (before > kColor && now < kNoColor) return say("light", "colours are gone");
    if (now > kColor && before < kNoColor) return say("light", "colours are back");
    if (shows_same_texture(view_.picture, view_.background, {})) {
      return say("light", "almost everywhere");
    }
    constexpr double kKnock = 0.1;  // of the shorter side
    const auto transform = Alignment(state().scene.background).find_transform(frame_);
    const double shift = transform ? largest_shift(*transform, frame_.size()) : kForever;
    if (shift < kKnock * std::min(frame_.cols, frame_.rows)) {
      return say("knock", fmt::format("by up to {:.0f} pixels", shift));
    }
    say("changed", "almost everywhere");
  }

  void forget_oldest_state() {
    if (states_.size() < static_cast<size_t>(options_.states)) return;
    const auto oldest = std::ranges::min_element(states_, {}, &State::seen);
    states_.erase(oldest);
  }

  // A camera that turns shows nothing worth learning.
  void wait_until_still(const cv::Mat& raw) {
    constexpr double kVisible = 20.0, kMoving = 0.2;
    if (raw_.size() != raw.size()) return;
    if (share_of(difference_of(raw, raw_) > kVisible) < kMoving) return;
    State& fresh = state();
    fresh.samples.forget_before(kForever);
    fresh.since = now_;
    fresh.next = now_ + kFirstLook;
    fresh.next_sample = now_;
  }

  // As well as it usually does.
  static bool fits(const State& known, double share) {
    constexpr double kTimes = 2.0, kMore = 0.03;
    return share <= kTimes * known.usual + kMore;
  }

  // True where one of them fits the frame.
  bool try_known_states() {
    size_t best = current_;
    double least = kForever;
    for (size_t k = 0; k < states_.size(); ++k) {
      if (k == current_ || states_[k].scene.background.size() != state().scene.background.size())
        continue;
      const double share = compare(states_[k], frame_).share;
      if (!fits(states_[k], share) || share >= least) continue;
      best = k;
      least = share;
    }
    if (best == current_) return false;
    const int64_t id = states_[best].id;
    states_.pop_back();  // the fresh one, which is not needed
    current_ = static_cast<size_t>(std::ranges::find(states_, id, &State::id) - states_.begin());
    is_fresh_ = false;
    state().next = now_ + kSoon;
    usable_from_ = now_;
    view_ = compare(state(), frame_);
    begin_resting();
    say("returned");
    return true;
  }

  // ---- what rests

  void judge_what_rests() {
    if (now_ < next_judging_) return;
    next_judging_ = now_ + kJudging;
    constexpr double kStillThere = 0.5, kPatience = 2.0;
    for (Standing& object : standing_) {
      if (share_of(view_.off & object.mask) > kStillThere * share_of(object.mask))
        object.seen = now_;
    }
    std::erase_if(standing_,
                  [&](const Standing& object) { return now_ - object.seen > kPatience; });
    constexpr double kLarge = 0.01, kMostOfIt = 0.6;
    for (const RestingBlob& blob : rest_.blobs(kRestAtOnce)) {
      const bool rests = now_ - blob.since >= kRest || (blob.came_at_once && blob.share > kLarge);
      // A part of something that moves on is no thing of its own.
      if (rests && blob.share > kMostOfIt * share_of_components(view_.off, blob.mask)) judge(blob);
    }
  }

  void judge(const RestingBlob& blob) {
    constexpr double kLarge = 0.04, kSame = 0.5, kEnoughToTell = 0.004;
    for (Standing& object : standing_) {
      if (share_of(object.mask & blob.mask) < kSame * blob.share) continue;
      if (options_.absorb && now_ - object.since >= *options_.absorb) {
        absorb(object.mask | blob.mask, blob.since, "absorbed");
        object.seen = -kForever;
      }
      return;
    }
    const Verdict verdict = verdict_on(blob.mask, view_.picture, view_.background);
    cv::Mat inner;
    cv::erode(blob.mask, inner, cv::Mat());
    const bool is_lit_otherwise = blob.share > kEnoughToTell && cv::countNonZero(inner) > 0 &&
                                  shows_same_texture(view_.picture, view_.background, inner);
    if (is_lit_otherwise) {
      absorb(blob.mask, blob.since, "light");
    } else if (verdict == Verdict::kGhost) {
      absorb(blob.mask, blob.since, "left");
    } else if (blob.came_at_once && blob.share > kLarge && verdict != Verdict::kObject) {
      absorb(blob.mask, blob.since, "light");
    } else {
      standing_.push_back({blob.mask, blob.since, now_});
    }
  }

  void accept_all() {
    cv::Mat resting = cv::Mat::zeros(view_.off.size(), CV_8U);
    for (const RestingBlob& blob : rest_.blobs(kRestAtOnce)) resting |= blob.mask;
    for (const Standing& object : standing_) resting |= object.mask;
    standing_.clear();
    accept_region(resting);
  }

  void accept_region(const cv::Mat& region) {
    if (cv::countNonZero(region) > 0) absorb(region, state().samples.latest(), "accepted");
  }

  // What the place has shown since then is background.
  void absorb(const cv::Mat& mask, double since, const char* kind) {
    const cv::Mat region = grown(mask, 7);
    state().samples.renew(region, since);
    state().is_renewed = true;
    rest_.forget(region);
    constexpr double kAtMostEach = 1.0;  // seconds: learning takes its time
    state().next = std::min(state().next, std::max(now_, state().learned + kAtMostEach));
    cv::Rect box = cv::boundingRect(mask);
    const double scale = static_cast<double>(frame_.cols) / mask.cols;
    box = {static_cast<int>(box.x * scale), static_cast<int>(box.y * scale),
           static_cast<int>(box.width * scale), static_cast<int>(box.height * scale)};
    say(kind, "", box & cv::Rect({}, frame_.size()));
  }

  // ---- learning

  bool is_due() {
    constexpr double kDrift = 0.04, kExposure = 1.15;
    const State& here = state();
    if (result_.valid() || here.samples.all().size() < 4) return false;
    if (now_ >= here.next) return true;
    if (is_fresh_ || now_ - here.learned < kSoon) return false;
    const double exposure = std::max(view_.gain / here.gain, here.gain / view_.gain);
    return here.usual > here.share + kDrift || exposure > kExposure;
  }

  void start_learning() {
    State& here = state();
    constexpr double kTrusted = 0.25;
    const double age = now_ - here.since;
    // A camera that stands still is not asked again whether it shakes, which takes long.
    BackgroundOptions options = background_;
    options.stabilize = options.stabilize && (is_fresh_ || here.scene.alignment);
    const bool by_masks =
        !is_fresh_ && (age >= kYoung || here.is_renewed) && mask_share_ < kTrusted;
    SceneState before = here.scene;
    before.light = now_ - here.lit < kSeldom ? here.light : nullptr;
    here.next = now_ + std::clamp(age, kFirstLook, kSeldom);
    here.learned = now_;
    learning_ = here.id;
    const auto learn = [samples = here.samples.all(), by_masks, before, options,
                        beside = options_.beside] {
      if (beside) ::setpriority(PRIO_PROCESS, 0, 10);  // of this thread alone
      return learned_from(samples, by_masks, before, options);
    };
    result_ = std::async(options_.beside ? std::launch::async : std::launch::deferred, learn);
    if (!options_.beside) result_.wait();  // here and now
  }

  bool take_what_was_learned() {
    if (!result_.valid()) return false;
    if (result_.wait_for(std::chrono::seconds(0)) != std::future_status::ready && options_.beside)
      return false;
    SceneState learned = result_.get();
    const auto home = std::ranges::find(states_, learning_, &State::id);
    if (home == states_.end()) return false;
    home->scene = std::move(learned);
    prepare(*home);
    if (home - states_.begin() != static_cast<std::ptrdiff_t>(current_)) return false;
    if (!frame_.empty()) {
      view_ = compare(*home, frame_);
      home->share = view_.share;
      home->gain = view_.gain;
      if (is_fresh_) home->usual = view_.share;
    }
    if (is_fresh_) {
      is_fresh_ = false;
      usable_from_ = home->since + kUsable;
      begin_resting();
      say("relearned");
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
  bool is_damaged_ = false, is_frozen_ = false;
  double now_ = 0.0, usable_from_ = 0.0, next_judging_ = 0.0, still_since_ = 0.0;
  double everywhere_since_ = kForever, watched_since_ = -kForever;
  double mask_share_ = 0.0;
  cv::Mat frame_, last_, raw_;
  View view_;
  RestingPixels rest_;
  std::vector<Standing> standing_;
  std::vector<SceneEvent> events_;
  std::future<SceneState> result_;
  int whole_rows_ = 0;
  int64_t learning_ = -1;  // the state that result_ is of
};

SceneFollower::SceneFollower(SceneModel scene, const cv::Mat& last, double seconds,
                             const BackgroundOptions& background, const FollowOptions& options)
    : impl_(std::make_unique<Impl>(std::move(scene), last, seconds, background, options)) {}

SceneFollower::SceneFollower(std::vector<cv::Mat> first, const BackgroundOptions& background,
                             const FollowOptions& options) {
  if (first.empty()) throw UsageError("SceneFollower: needs at least one image");
  const double seconds = static_cast<double>(first.size()) / SequenceInfo().rate();
  const cv::Mat last = first.back();
  impl_ = std::make_unique<Impl>(model_scene(std::move(first), background), last, seconds,
                                 background, options);
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
