#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "proxseg/core/error.h"
#include "proxseg/media/cdnet.h"
#include "proxseg/media/transform.h"
#include "proxseg/tools/synth.h"
#include "tools/synth/noise.h"
#include "tools/synth/stage.h"
#include "tools/synth/traffic.h"

namespace proxseg {
namespace {

// When each stretch begins, as a part of the day.
struct Beginning {
  const char* name;
  double at;
};
constexpr Beginning kPlan[] = {
    {"dawn", 0.0},      {"clouds", 0.08}, {"lamps", 0.16}, {"parks", 0.26}, {"leaves", 0.36},
    {"lost", 0.44},     {"rain", 0.48},   {"knock", 0.56}, {"tour", 0.64},  {"dusk", 0.72},
    {"infrared", 0.80}, {"night", 0.88},  {"smear", 0.92}};
constexpr double kParks = 0.27, kParkedIsUnknown = 0.35, kLeaves = 0.38;
constexpr double kLamps[][2] = {{0.175, 0.235}, {0.20, 0.25}};  // on, off

// From 0 to 1 between two times.
double ramp(double time, double from, double to) {
  const double t = std::clamp((time - from) / (to - from), 0.0, 1.0);
  return t * t * (3.0 - 2.0 * t);
}

bool is_between(double time, double from, double to) { return time >= from && time < to; }

// One that is not seen before it starts to move or after it stands.
Crossing standing_car(uint64_t seed, uint64_t stream, double foot, double direction, double place,
                      double world_width) {
  Random random(seed, stream);
  Crossing car{Actor::car(random)};
  car.direction = direction;
  car.foot = foot;
  car.height = 12.5 + 0.24 * (foot - 80.0);
  car.speed = 1.5;
  car.scene_width = world_width;
  car.path = world_width + 2.0 * car.actor.half_length() * car.height;
  car.halt_after =
      (direction > 0 ? place : world_width - place) + car.actor.half_length() * car.height;
  return car;
}

}  // namespace

class SynthDay::Impl {
 public:
  explicit Impl(const SynthOptions& options)
      : options_(options),
        size_(static_cast<int>(options.width), static_cast<int>(options.height)),
        world_(2 * size_.width, size_.height),
        stage_(options.seed, world_, size_.height / 16) {
    const double width = world_.width / stage_.scale();
    const auto frames = static_cast<double>(options.frames);
    const double missing = 2.0 * kMissing;
    SynthOptions traffic = options;
    traffic.frames += static_cast<int64_t>(missing);
    traffic.stopping = false;
    crossings_ = plan_traffic(traffic, width);
    const double middle = 0.5 * width, reach = 0.25 * size_.width / stage_.scale();
    Crossing parks = standing_car(options.seed, 4, 104.0, 1.0, middle + 0.5 * reach, width);
    parks.start = kParks * frames;
    parks.halt_frames = 2.0 * frames;
    Crossing leaves = standing_car(options.seed, 5, 71.0, -1.0, middle - 0.5 * reach, width);
    leaves.halt_frames = kLeaves * frames + leaves.halt_after / leaves.speed;
    leaves.start = -leaves.halt_after / leaves.speed;
    standing_ = {parks, leaves};
    for (size_t i = 0; i < std::size(kPlan); ++i) {
      const double end = i + 1 < std::size(kPlan) ? kPlan[i + 1].at : 1.0;
      stretches_.push_back(
          {kPlan[i].name, std::lround(kPlan[i].at * frames), std::lround(end * frames) - 1});
    }
  }

  const std::vector<Stretch>& stretches() const { return stretches_; }

  cv::Mat background() const {
    cv::Mat image;
    view(home()).convertTo(image, CV_8U);
    return image;
  }

  SynthFrame frame(int64_t index) const {
    const double day = static_cast<double>(index) / static_cast<double>(options_.frames);
    bool turns = false;
    const cv::Point shift = camera(index, day, turns);
    cv::Mat light = view(shift).clone();
    cv::Mat solid(size_, CV_64F, cv::Scalar(0.0)), rested = solid.clone(), still = solid.clone();
    cv::Mat objects(size_, CV_32SC1, cv::Scalar(0)), ignored = objects.clone();
    const cv::Point2d at(shift);
    const auto time = static_cast<double>(index);
    draw_standing(standing_[1], 2, time, day < kLeaves, at, light, solid, still, objects, ignored);
    const double world_time = time + kMissing * ((day >= 0.44) + (day >= 0.88));
    int id = 2;
    for (const Crossing& crossing : crossings_) {
      stage_.draw(crossing, ++id, world_time, at, light, solid, objects);
    }
    draw_standing(standing_[0], 1, time, day >= kParkedIsUnknown, at, light, solid, rested, objects,
                  ignored);
    cv::Mat labels = SynthStage::label(solid, cv::Mat::zeros(size_, CV_64F));
    labels.setTo(label::kUnknown, (rested > 0.05) & (labels != label::kMoving));
    if (turns) labels.setTo(label::kUnknown);
    cv::Mat image = expose(light, index, day);
    if (day >= 0.92) smear(index, image, labels);
    return {image, labels, objects};
  }

 private:
  static constexpr double kMissing = 400.0;  // frames, where a connection is lost

  cv::Point home() const { return {size_.width / 2, 0}; }

  cv::Mat view(cv::Point shift) const {
    const cv::Point corner = shift + cv::Point(stage_.margin(), stage_.margin());
    return stage_.canvas()(cv::Rect(corner, size_));
  }

  // As `rested` where it is no object now.
  void draw_standing(const Crossing& car, int id, double time, bool is_no_object, cv::Point2d at,
                     cv::Mat& light, cv::Mat& solid, cv::Mat& rested, cv::Mat& objects,
                     cv::Mat& ignored) const {
    stage_.draw(car, id, time, at, light, is_no_object ? rested : solid,
                is_no_object ? ignored : objects);
  }

  cv::Point camera(int64_t index, double day, bool& turns) const {
    cv::Point place = home();
    if (day >= 0.57) place += cv::Point(size_.width / 40, size_.height / 48);
    if (!is_between(day, 0.645, 0.715)) return place;
    constexpr int64_t kTurn = 10;
    const int64_t dwell = std::max<int64_t>(2 * kTurn, options_.frames / 100);
    const int64_t since = index - std::lround(0.645 * static_cast<double>(options_.frames));
    const std::array<int, 3> presets = {place.x, 0, size_.width};
    const auto preset = [&](int64_t turn) { return presets[static_cast<size_t>(turn % 3)]; };
    const int64_t turn = since / dwell + 1, step = since % dwell;
    turns = step < kTurn;
    const double part = std::min(1.0, static_cast<double>(step + 1) / kTurn);
    place.x = static_cast<int>(std::lround(std::lerp(preset(turn - 1), preset(turn), part)));
    return place;
  }

  double brightness(double day) const {
    const double dawn = 0.4 + 0.6 * ramp(day, 0.005, 0.07);
    const double lost = day >= 0.44 && day < 0.5 ? 0.75 : 1.0;
    const double dusk = 1.0 - 0.6 * ramp(day, 0.72, 0.79);
    return dawn * lost * dusk;
  }

  // What each place of the picture has of its light.
  cv::Mat light_of(double day) const {
    cv::Mat field(size_, CV_64FC3, cv::Scalar::all(brightness(day)));
    const double cloudy = ramp(day, 0.085, 0.095) * (1.0 - ramp(day, 0.15, 0.16));
    const bool night = day >= kInfrared;
    const double time = day * static_cast<double>(options_.frames);
    field.forEach<cv::Vec3d>([&](cv::Vec3d& factor, const int* at) {
      const double x = at[1] / stage_.scale(), y = at[0] / stage_.scale();
      if (cloudy > 0.0) {
        const double cloud = fractal_noise((x - 0.5 * time) / 60.0, y / 60.0, options_.seed, 2);
        factor *= 1.0 - 0.45 * cloudy * std::clamp(0.5 + 2.0 * cloud, 0.0, 1.0);
      }
      for (size_t i = 0; i < std::size(kLamps); ++i) {
        if (!is_between(day, kLamps[i][0], kLamps[i][1])) continue;
        const double dx = (x - (i == 0 ? 45.0 : 120.0)) / 35.0, dy = (y - 75.0) / 35.0;
        const double lit = std::exp(-dx * dx - dy * dy);
        factor += cv::Vec3d(0.45, 0.7, 0.8) * lit;
      }
      if (!night) return;
      const double dx = x / kSceneHeight - 0.67, dy = y / kSceneHeight - 0.6;
      factor = cv::Vec3d::all(0.35 + 0.55 * std::exp(-2.0 * (dx * dx + dy * dy)));
    });
    return field;
  }

  cv::Mat expose(cv::Mat light, int64_t index, double day) const {
    const bool night = day >= kInfrared;
    if (night) {
      cv::Mat gray;
      cv::transform(light, gray, cv::Matx13d(0.1, 0.5, 0.55));
      with_channels(cv::Mat_<float>(gray), 3).convertTo(light, CV_64F);
    }
    light = light.mul(light_of(day));
    if (is_between(day, 0.485, 0.555)) rain(index, light);
    Random random(options_.seed, 1'000'000 + static_cast<uint64_t>(index));
    const double noise = options_.noise * (night ? 2.0 : 1.0);
    cv::Mat image(size_, CV_8UC3);
    for (int row = 0; row < size_.height; ++row) {
      for (int column = 0; column < size_.width; ++column) {
        const auto& color = light.at<cv::Vec3d>(row, column);
        auto& pixel = image.at<cv::Vec3b>(row, column);
        for (int c = 0; c < 3; ++c) {
          pixel[c] = c > 0 && night ? pixel[0]
                                    : cv::saturate_cast<uchar>(color[c] + noise * random.normal());
        }
      }
    }
    return image;
  }

  void rain(int64_t index, cv::Mat& light) const {
    light = light * 0.8 + cv::Scalar::all(30.0);
    Random random(options_.seed, 20'000'000 + static_cast<uint64_t>(index));
    const int drops = size_.area() / 600;
    for (int i = 0; i < drops; ++i) {
      const int x = static_cast<int>(random.uniform(0.0, size_.width));
      const int top = static_cast<int>(random.uniform(-10.0, size_.height));
      const int length = static_cast<int>(random.uniform(4.0, 12.0) * stage_.scale() / 2.0);
      for (int y = std::max(0, top); y < std::min(size_.height, top + length); ++y) {
        auto& pixel = light.at<cv::Vec3d>(y, x);
        pixel += (cv::Vec3d::all(200.0) - pixel) * 0.3;
      }
    }
  }

  void smear(int64_t index, cv::Mat& image, cv::Mat& labels) const {
    const int64_t burst = index / 10;
    Random random(options_.seed, 40'000'000 + static_cast<uint64_t>(burst));
    if (random.below(4) != 0) return;
    const int from = static_cast<int>(random.uniform(0.4, 0.7) * size_.height);
    for (int y = from + 1; y < size_.height; ++y) image.row(from).copyTo(image.row(y));
    cv::Mat below = labels.rowRange(from, size_.height);
    below.setTo(label::kUnknown, below == label::kMoving);
  }

  static constexpr double kInfrared = 0.81;

  SynthOptions options_;
  cv::Size size_, world_;
  SynthStage stage_;
  std::vector<Crossing> crossings_, standing_;
  std::vector<Stretch> stretches_;
};

SynthDay::SynthDay(const SynthOptions& options) {
  check_synth_options(options);
  if (options.frames < 400) {
    throw UsageError(fmt::format("frames is {} but a day has at least 400", options.frames));
  }
  impl_ = std::make_unique<Impl>(options);
}

SynthDay::~SynthDay() = default;

cv::Mat SynthDay::background() const { return impl_->background(); }

SynthFrame SynthDay::frame(int64_t index) const { return impl_->frame(index); }

const std::vector<Stretch>& SynthDay::stretches() const { return impl_->stretches(); }

}  // namespace proxseg
