#include "scene/other_states.h"

#include <cmath>
#include <opencv2/imgproc.hpp>

#include "proxseg/scene/coverage.h"
#include "proxseg/scene/light.h"
#include "scene/picture.h"

namespace proxseg {
namespace {

// A row a pixel, 32FC1: its channels, and then 1.
cv::Mat rows_of(const cv::Mat& image) {
  cv::Mat rows;
  image.reshape(1, static_cast<int>(image.total())).convertTo(rows, CV_32F);
  cv::hconcat(rows, cv::Mat::ones(rows.rows, 1, CV_32F), rows);
  return rows;
}

// X with min |(image, 1) X - look|^2 over the pixels, applied.
cv::Mat with_channels_of(const cv::Mat& image, const cv::Mat& look) {
  const cv::Mat from = rows_of(image), to = rows_of(look).colRange(0, look.channels());
  cv::Mat map, mapped;
  cv::solve(from, to, map, cv::DECOMP_NORMAL | cv::DECOMP_SVD);
  cv::Mat(from * map).reshape(look.channels(), look.rows).convertTo(mapped, CV_8U);
  return mapped;
}

cv::Mat in_light_of(const cv::Mat& image, const cv::Mat& look) {
  return give_light(image, Light(image).field_of(look));
}

// With or without a map of the channels, whichever leaves less to differ.
cv::Mat in_look_of(const cv::Mat& image, const cv::Mat& look) {
  const cv::Mat lit = in_light_of(image, look);
  const cv::Mat mapped = in_light_of(with_channels_of(image, look), look);
  const auto share_left = [&](const cv::Mat& a) { return share_of(visible_differences(a, look)); };
  return share_left(mapped) < share_left(lit) ? mapped : lit;
}

// The texture, as strong in one place as in another where it is more than noise.
cv::Mat even_texture_of(const cv::Mat& image) {
  constexpr double kNoise = 2.0;  // grey levels
  constexpr int kSmooth = 11, kWindow = 15;
  const cv::Mat texture = texture_of(image, kSmooth);
  cv::Mat strength, even;
  cv::blur(texture.mul(texture), strength, {kWindow, kWindow});
  cv::sqrt(strength, strength);
  cv::divide(texture, strength + kNoise, even);
  return even;
}

bool show_one_place(const cv::Mat& a, const cv::Mat& b) {
  const cv::Mat x = even_texture_of(a), y = even_texture_of(b);
  return x.dot(y) > kSameTexture * std::sqrt(x.dot(x) * y.dot(y));
}

}  // namespace

// Twice: the look is told better once there are no objects in it.
cv::Mat without_objects(const cv::Mat& background, const cv::Mat& other) {
  constexpr int kTurns = 2;
  if (!show_one_place(background, other)) return background;
  cv::Mat cleared = background;
  for (int turn = 0; turn < kTurns; ++turn) {
    const cv::Mat shown = in_look_of(other, cleared);
    cv::Mat objects = objects_before(background, shown);
    objects &= ~lit_otherwise(background, other, objects);
    cleared = background.clone();
    shown.copyTo(cleared, objects);
  }
  return cleared;
}

}  // namespace proxseg
