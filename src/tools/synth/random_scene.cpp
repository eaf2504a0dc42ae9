#include "tools/synth/random_scene.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>

#include "proxseg/media/cdnet.h"
#include "proxseg/media/transform.h"

namespace proxseg {
namespace {

constexpr int kMargin = 8;  // of the canvas: what shake, sway and turbulence may bring in
constexpr double kTurn = 2.0 * std::numbers::pi;

bool happens(Random& random, double probability) { return random.uniform(0.0, 1.0) < probability; }

// Evenly spread over the orders of magnitude.
double any_size(Random& random, double low, double high) {
  return low * std::pow(high / low, random.uniform(0.0, 1.0));
}

cv::Vec3d any_color(Random& random, double saturation) {
  const double level = random.uniform(15.0, 235.0);
  cv::Vec3d color;
  for (int c = 0; c < 3; ++c) {
    color[c] = std::clamp(level + saturation * random.uniform(-70.0, 70.0), 0.0, 255.0);
  }
  return color;
}

cv::Point2d turned(cv::Point2d at, double angle) {
  const double c = std::cos(angle), s = std::sin(angle);
  return {c * at.x - s * at.y, s * at.x + c * at.y};
}

// A surface's texture: cloudy or striped, stretched in some direction.
struct Texture {
  cv::Vec3d color, other;
  double angle, grain, stretch, period, cloudy, striped;
  uint64_t seed;

  Texture(Random& random, double saturation)
      : color(any_color(random, saturation)),
        other(any_color(random, saturation)),
        angle(random.uniform(0.0, kTurn)),
        grain(any_size(random, 1.0, 30.0)),
        stretch(any_size(random, 1.0, 6.0)),
        period(any_size(random, 4.0, 30.0)),
        cloudy(happens(random, 0.8) ? any_size(random, 0.02, 0.6) : 0.0),
        striped(happens(random, 0.3) ? random.uniform(0.1, 0.8) : 0.0),
        seed(mix_bits(random.below(size_t{1} << 30))) {}

  cv::Vec3d at(double x, double y) const {
    const cv::Point2d p = turned({x, y}, angle);
    const double cloud = fractal_noise(p.x / grain, p.y / (grain * stretch), seed, 3);
    const double phase = p.x / period - std::floor(p.x / period);
    return (color + (other - color) * (phase < 0.4 ? striped : 0.0)) * (1.0 + cloudy * cloud);
  }
};

std::vector<cv::Point> any_outline(Random& random, cv::Size size) {
  if (happens(random, 0.3)) {  // all below a line, as the ground is
    const int left = static_cast<int>(random.uniform(0.2, 0.9) * size.height);
    const int right = left + static_cast<int>(random.uniform(-0.15, 0.15) * size.height);
    return {{0, left}, {size.width, right}, {size.width, size.height}, {0, size.height}};
  }
  const cv::Point2d center(random.uniform(0.0, size.width), random.uniform(0.0, size.height));
  const double radius = any_size(random, 4.0, 0.6 * size.height);
  const double flat = random.uniform(0.3, 1.5), first = random.uniform(0.0, kTurn);
  const size_t corners = happens(random, 0.6) ? 4 : 3 + random.below(10);
  std::vector<cv::Point> outline;
  for (size_t i = 0; i < corners; ++i) {
    const double angle = first + kTurn * static_cast<double>(i) / static_cast<double>(corners);
    outline.emplace_back(static_cast<int>(center.x + radius * std::cos(angle)),
                         static_cast<int>(center.y + flat * radius * std::sin(angle)));
  }
  return outline;
}

// Calls change(pixel, column, row) for all pixels.
template <class Pixel, class Change>
void for_all(cv::Mat& image, Change&& change) {
  for (int row = 0; row < image.rows; ++row) {
    for (int column = 0; column < image.cols; ++column) {
      change(image.at<Pixel>(row, column), column, row);
    }
  }
}

}  // namespace

RandomScene::RandomScene(cv::Size size, int64_t frames, uint64_t seed)
    : size_(size), frames_(frames), seed_(seed) {
  Random camera(seed, 11), surfaces(seed, 12), weather(seed, 13), movers(seed, 14);
  draw_camera(camera);
  paint(surfaces);
  draw_weather(weather);
  draw_movers(movers);
}

void RandomScene::draw_camera(Random& random) {
  gray_ = happens(random, 0.3);
  saturation_ = gray_ ? 0.0 : random.uniform(0.1, 1.0);
  // Fog, dusk and poor cameras: less contrast, about a level of their own.
  contrast_ = happens(random, 0.3) ? any_size(random, 0.1, 1.0) : 1.0;
  veil_ = random.uniform(10.0, 220.0);
  noise_ = any_size(random, 0.5, 9.0) * std::max(contrast_, 0.3);
  grain_ = happens(random, 0.5) ? random.uniform(0.4, 1.0) : 0.0;
  blur_ = happens(random, 0.5) ? random.uniform(0.3, 1.4) : 0.0;
  jpeg_quality_ = static_cast<int>(random.uniform(45.0, 98.0));
}

void RandomScene::paint(Random& random) {
  const cv::Size whole(size_.width + 2 * kMargin, size_.height + 2 * kMargin);
  canvas_.create(whole, CV_32FC3);
  living_ = cv::Mat::zeros(whole, CV_32FC1);
  const auto patches = static_cast<int>(any_size(random, 1.0, 40.0));
  for (int i = 0; i <= patches; ++i) {
    cv::Mat inside(whole, CV_8UC1, cv::Scalar(i == 0 ? 255 : 0));
    if (i > 0) cv::fillConvexPoly(inside, any_outline(random, whole), 255, cv::LINE_AA);
    const Texture texture(random, saturation_);
    const float life = happens(random, 0.4) ? 1.0F : 0.0F;
    const double slope = random.uniform(-0.3, 0.3);
    for_all<cv::Vec3f>(canvas_, [&](cv::Vec3f& pixel, int x, int y) {
      const uchar share = inside.at<uchar>(y, x);
      if (share == 0) return;
      const cv::Vec3d color = texture.at(x, y) * (1.0 + slope * (2.0 * y / whole.height - 1.0));
      const cv::Vec3d before = pixel;
      pixel = i == 0 ? color : before + (color - before) * (share / 255.0);
      auto& living = living_.at<float>(y, x);
      living += (life - living) * static_cast<float>(share) / 255.0F;
    });
  }
  cv::GaussianBlur(living_, living_, {}, 2.0);
  cv::GaussianBlur(canvas_, broad_, {}, 10.0);
}

void RandomScene::draw_weather(Random& random) {
  const auto some = [&](double probability, double low, double high) {
    return happens(random, probability) ? any_size(random, low, high) : 0.0;
  };
  weather_.shake = some(0.25, 0.2, 1.5);
  weather_.turbulence = some(0.1, 0.2, 1.2);
  weather_.sway = some(0.25, 0.3, 2.5);
  weather_.ripple = some(0.12, 0.03, 0.3);
  weather_.flakes = some(0.08, 10.0, 150.0);
  weather_.clouds = some(0.15, 0.05, 0.35);
  weather_.lamp = some(0.08, 0.05, 0.4);
  weather_.drift = some(0.6, 0.01, 0.15);
  weather_.flicker = some(0.2, 0.005, 0.05);
  shadow_ = {random.uniform(-1.2, 1.2), random.uniform(0.15, 0.7)};
  shadow_strength_ = happens(random, 0.5) ? random.uniform(0.15, 0.6) : 0.0;
}

void RandomScene::draw_movers(Random& random) {
  const double largest = (happens(random, 0.3) ? 0.7 : 0.35) * size_.height;
  const double size = any_size(random, 5.0, largest);
  const double most = std::clamp(0.4 * size_.area() / (size * size), 2.0, 20.0);
  const auto count = static_cast<int>(any_size(random, 2.0, most));
  for (int i = 0; i < count; ++i) {
    movers_.push_back(mover(random, std::max(5.0, size * random.uniform(0.7, 1.4))));
  }
  std::stable_sort(movers_.begin(), movers_.end(), [](const Mover& a, const Mover& b) {
    return a.from.y + a.height < b.from.y + b.height;
  });
}

RandomScene::Mover RandomScene::mover(Random& random, double height) const {
  const double kind = random.uniform(0.0, 1.0);
  Mover mover{kind < 0.35   ? Actor::walker(random)
              : kind < 0.65 ? Actor::car(random)
                            : Actor::thing(random)};
  const auto frames = static_cast<double>(frames_);
  mover.height = kind >= 0.35 && kind < 0.65 ? 0.7 * height : height;
  mover.angle = kind < 0.65 ? random.uniform(-0.15, 0.15) : random.uniform(0.0, kTurn);
  mover.gait = random.uniform(5.0, 9.0) / mover.height;
  mover.contrast = happens(random, 0.3) ? any_size(random, 0.15, 1.0) : 1.0;
  mover.tint = happens(random, 0.5) ? random.uniform(0.3, 1.0) : 0.0;
  mover.color = any_color(random, saturation_);
  const cv::Point2d middle(random.uniform(0.1, 0.9) * size_.width,
                           random.uniform(0.1, 1.0) * size_.height);
  const double reach = mover.actor.half_length() * mover.height;
  if (happens(random, 0.15)) {
    mover.round = true;
    mover.from = middle;
    mover.along = {random.uniform(1.0, 3.0) * reach + 4.0,
                   random.uniform(0.2, 1.0) * mover.height + 2.0};
    mover.duration = random.uniform(0.4, 1.2) * frames;
    mover.start = -random.uniform(0.0, 1.0) * mover.duration;
    return mover;
  }
  // A straight line through the middle, from beyond one border to beyond the other.
  const double slope =
      happens(random, 0.75) ? random.uniform(-0.3, 0.3) : random.uniform(-3.0, 3.0);
  const double side = random.coin() ? 1.0 : -1.0;
  const cv::Point2d direction = cv::Point2d(side, slope) / std::hypot(1.0, slope);
  const double half_way = 0.5 * std::hypot(size_.width, size_.height) + reach + mover.height;
  mover.from = middle - direction * half_way;
  mover.along = direction * (2.0 * half_way);
  mover.duration = any_size(random, 0.3, 2.0) * frames;
  mover.start = random.uniform(-0.5, 0.7) * mover.duration;
  if (happens(random, 0.25)) {
    mover.halt = 0.5;
    mover.halt_duration = random.uniform(0.15, 0.45) * frames;
    mover.duration = any_size(random, 0.3, 1.0) * frames;
    mover.start = random.uniform(-0.5, 0.3) * mover.duration;
  }
  return mover;
}

cv::Point2d RandomScene::way_of(const Mover& mover, double time, double& walked) {
  double done = (time - mover.start) / mover.duration;
  if (mover.round) {
    walked = done * kTurn * mover.along.x;
    return mover.from + cv::Point2d(mover.along.x * std::cos(kTurn * done),
                                    mover.along.y * std::sin(kTurn * done));
  }
  if (done > mover.halt) {
    done = std::max(mover.halt, done - mover.halt_duration / mover.duration);
  }
  walked = done * std::hypot(mover.along.x, mover.along.y);
  return mover.from + mover.along * done;
}

cv::Mat RandomScene::backdrop(int64_t index) const {
  Random random(seed_, 2'000'000 + static_cast<uint64_t>(index));
  const auto time = static_cast<double>(index);
  const cv::Point2d shift(weather_.shake * random.normal(), weather_.shake * random.normal());
  const uint64_t now = mix_bits(seed_ ^ static_cast<uint64_t>(index));
  cv::Mat from(size_, CV_32FC2);
  for_all<cv::Vec2f>(from, [&](cv::Vec2f& at, int x, int y) {
    cv::Point2d move = shift;
    if (weather_.turbulence > 0.0) {
      move.x += 2.0 * weather_.turbulence * value_noise(x / 7.0, y / 7.0, now);
      move.y += 2.0 * weather_.turbulence * value_noise(x / 7.0, y / 7.0, now + 1);
    }
    const double sway =
        weather_.sway * static_cast<double>(living_.at<float>(y + kMargin, x + kMargin));
    move.x += sway * std::sin(1.3 * time + 0.2 * x + 0.13 * y);
    move.y += 0.6 * sway * std::sin(1.7 * time + 0.15 * x - 0.21 * y);
    at = {static_cast<float>(x + kMargin + move.x), static_cast<float>(y + kMargin + move.y)};
  });
  cv::Mat light;
  cv::remap(canvas_, light, from, cv::noArray(), cv::INTER_LINEAR, cv::BORDER_REFLECT);
  if (weather_.ripple <= 0.0) return light;
  for_all<cv::Vec3f>(light, [&](cv::Vec3f& pixel, int x, int y) {
    const double wave = value_noise(x / 9.0 + 0.7 * time, y / 3.0, seed_ + 5) +
                        value_noise(x / 7.0 - 0.4 * time, y / 3.0 + 0.3 * time, seed_ + 6);
    const double living = static_cast<double>(living_.at<float>(y + kMargin, x + kMargin));
    pixel *= static_cast<float>(1.0 + weather_.ripple * living * wave);
  });
  return light;
}

void RandomScene::cast_shadow(const Mover& mover, double time, cv::Mat& shade) const {
  double walked = 0.0;
  const cv::Point2d foot = way_of(mover, time, walked);
  const double reach = 3.0 * (mover.actor.half_length() + 1.0) * mover.height;
  if (foot.x < -reach || foot.x > size_.width + reach) return;
  for_all<float>(shade, [&](float& depth, int x, int y) {
    const cv::Point2d ground = (cv::Point2d(x, y) - foot) / mover.height;
    const double height = ground.y / shadow_[1];
    const cv::Point2d at(ground.x - shadow_[0] * height, height);
    if (at.y < -0.2 || at.y > 1.3 || std::abs(at.x) > mover.actor.half_length() + 0.5) return;
    const double sign = mover.along.x < 0.0 ? -1.0 : 1.0;
    const cv::Point2d own = turned(at, mover.angle);
    const double distance = mover.actor.distance({sign * own.x, own.y}, mover.gait * walked);
    depth = std::max(depth, static_cast<float>(coverage(distance * mover.height / 2.0)));
  });
}

void RandomScene::draw(const Mover& mover, int id, double time, cv::Mat& light, cv::Mat& solid,
                       cv::Mat& objects) const {
  double walked = 0.0;
  const cv::Point2d foot = way_of(mover, time, walked);
  const double reach = (mover.actor.half_length() + 1.3) * mover.height + 2.0;
  const cv::Rect frame({0, 0}, size_);
  const cv::Rect box = frame & cv::Rect(cv::Point2d(foot.x - reach, foot.y - reach),
                                        cv::Point2d(foot.x + reach, foot.y + reach));
  const double sign = mover.along.x < 0.0 ? -1.0 : 1.0, stride = mover.gait * walked;
  for (int y = box.y; y < box.br().y; ++y) {
    for (int x = box.x; x < box.br().x; ++x) {
      const cv::Point2d place((x - foot.x) / mover.height, (foot.y - y) / mover.height);
      const cv::Point2d own = turned(place, mover.angle), at(sign * own.x, own.y);
      const double covered = coverage(mover.actor.distance(at, stride) * mover.height);
      if (covered <= 0.0) continue;
      auto& pixel = light.at<cv::Vec3f>(y, x);
      const cv::Vec3d under = pixel;
      cv::Vec3d color = mover.actor.color(at, stride, 1.0 / mover.height);
      const double level = (color[0] + color[1] + color[2]) / 3.0;
      color = color * saturation_ + cv::Vec3d::all(level * (1.0 - saturation_));
      color += (mover.color - color) * mover.tint;
      const cv::Vec3d around = broad_.at<cv::Vec3f>(y + kMargin, x + kMargin);
      color = around + (color - around) * mover.contrast;
      pixel = under + (color - under) * covered;
      auto& total = solid.at<float>(y, x);
      total += (1.0F - total) * static_cast<float>(covered);
      if (covered > 0.5) objects.at<int>(y, x) = id;
    }
  }
}

void RandomScene::illuminate(double time, cv::Mat& light) const {
  Random random(seed_, 21);
  const double phase = random.uniform(0.0, kTurn), wind = random.uniform(-4.0, 4.0);
  const double far = random.uniform(0.4, 1.0) * size_.width;
  const cv::Point2d lamp(random.uniform(0.0, size_.width), random.uniform(0.0, size_.height));
  const double off = random.uniform(0.2, 0.8) * static_cast<double>(frames_);
  const double slow = std::sin(phase + 4.0 * time / static_cast<double>(frames_));
  const double gain = 1.0 + weather_.drift * slow + weather_.flicker * std::sin(2.3 * time);
  const bool lit = weather_.lamp > 0.0 && time < off;
  for_all<cv::Vec3f>(light, [&](cv::Vec3f& pixel, int x, int y) {
    double here = gain;
    if (weather_.clouds > 0.0) {
      const double cloud = value_noise((x + wind * time) / 50.0, y / 50.0, seed_ + 7);
      here *= 1.0 - weather_.clouds * std::clamp(2.0 * cloud, 0.0, 1.0);
    }
    if (lit) {
      const double distance = std::hypot(x - lamp.x, y - lamp.y) / far;
      here *= 1.0 + weather_.lamp / (1.0 + 4.0 * distance * distance);
    }
    pixel *= static_cast<float>(here);
  });
}

void RandomScene::snow(int64_t index, cv::Mat& light) const {
  Random random(seed_, 4'000'000 + static_cast<uint64_t>(index));
  for (int i = 0; i < static_cast<int>(weather_.flakes); ++i) {
    const cv::Point2d at(random.uniform(0.0, size_.width), random.uniform(0.0, size_.height));
    const cv::Point2d to = at + cv::Point2d(random.uniform(-1.0, 1.0), random.uniform(0.0, 4.0));
    cv::line(light, at, to, cv::Scalar::all(random.uniform(170.0, 255.0)), 1, cv::LINE_AA);
  }
}

cv::Mat RandomScene::expose(const cv::Mat& light, Random* noise) const {
  cv::Mat seen = light * contrast_ + cv::Scalar::all(veil_ * (1.0 - contrast_));
  if (blur_ > 0.0) cv::GaussianBlur(seen, seen, {}, blur_);
  if (noise != nullptr) {
    cv::Mat sensor(size_, CV_32FC3);
    for_all<cv::Vec3f>(sensor, [&](cv::Vec3f& pixel, int, int) {
      const double common = gray_ ? noise->normal() : 0.0;
      for (int c = 0; c < 3; ++c) {
        pixel[c] = static_cast<float>(noise_ * (gray_ ? common : noise->normal()));
      }
    });
    if (grain_ > 0.0) {
      cv::GaussianBlur(sensor, sensor, {}, grain_);
      sensor *= 1.0 + 2.0 * grain_;  // what the blur takes
    }
    seen += sensor;
  }
  cv::Mat image;
  seen.convertTo(image, CV_8U);
  return gray_ ? to_gray(image) : image;
}

cv::Mat RandomScene::background() const {
  return expose(canvas_(cv::Rect({kMargin, kMargin}, size_)), nullptr);
}

SynthFrame RandomScene::frame(int64_t index) const {
  const auto time = static_cast<double>(index);
  cv::Mat light = backdrop(index);
  cv::Mat solid = cv::Mat::zeros(size_, CV_32FC1), shade = cv::Mat::zeros(size_, CV_32FC1);
  if (shadow_strength_ > 0.0) {
    for (const Mover& mover : movers_) cast_shadow(mover, time, shade);
    for_all<cv::Vec3f>(light, [&](cv::Vec3f& pixel, int x, int y) {
      pixel *= 1.0F - static_cast<float>(shadow_strength_) * shade.at<float>(y, x);
    });
  }
  cv::Mat objects = cv::Mat::zeros(size_, CV_32SC1);
  int id = 0;
  for (const Mover& mover : movers_) draw(mover, ++id, time, light, solid, objects);
  illuminate(time, light);
  if (weather_.flakes > 0.0) snow(index, light);
  Random noise(seed_, 3'000'000 + static_cast<uint64_t>(index));
  cv::Mat labels(size_, CV_8UC1);
  for_all<uchar>(labels, [&](uchar& value, int x, int y) {
    const float covered = solid.at<float>(y, x);
    value = covered > 0.95F                 ? label::kMoving
            : covered > 0.05F               ? label::kUnknown
            : shade.at<float>(y, x) > 0.25F ? label::kHardShadow
                                            : label::kStatic;
  });
  return {expose(light, &noise), labels, objects};
}

}  // namespace proxseg
