#include "scene/other_states.h"

#include <cmath>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "proxseg/media/transform.h"
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

// How an image comes to look like another.
struct Appearance {
  cv::Mat map;  // X of mapped_channels(); empty: the channels stay
  cv::Mat field;
};

// X with min |(image, 1) X - to|^2 over the pixels.
cv::Mat map_of_channels(const cv::Mat& image, const cv::Mat& to) {
  cv::Mat map;
  cv::solve(rows_of(image), rows_of(to).colRange(0, to.channels()), map,
            cv::DECOMP_NORMAL | cv::DECOMP_SVD);
  return map;
}

// (image, 1) X
cv::Mat mapped_channels(const cv::Mat& image, const cv::Mat& map) {
  if (map.empty()) return image;
  cv::Mat mapped;
  cv::Mat(rows_of(image) * map).reshape(image.channels(), image.rows).convertTo(mapped, CV_8U);
  return mapped;
}

cv::Mat seen_as(const cv::Mat& image, const Appearance& appearance) {
  return give_light(mapped_channels(image, appearance.map), appearance.field);
}

// With or without a map of the channels, whichever leaves less to differ.
Appearance appearance_of(const cv::Mat& image, const cv::Mat& to) {
  Appearance best;
  double least = 2.0;
  for (const cv::Mat& map : {cv::Mat(), map_of_channels(image, to)}) {
    const Appearance appearance = {map, Light(mapped_channels(image, map)).field_of(to)};
    const double share = share_of(visible_differences(seen_as(image, appearance), to));
    if (share >= least) continue;
    least = share;
    best = appearance;
  }
  return best;
}

// The texture, as strong in one place as in another where it is more than noise.
cv::Mat even_texture_of(const cv::Mat& image) {
  constexpr double kNoise = 2.0;  // grey levels
  constexpr int kSmooth = 11, kWindow = 15;
  const cv::Mat texture = texture_of(image, kSmooth);
  cv::Mat strength, even;
  cv::blur(texture.mul(texture), strength, {kWindow, kWindow});
  // Sums that run along an image may end a little below 0.
  cv::sqrt(cv::max(strength, 0.0), strength);
  cv::divide(texture, strength + kNoise, even);
  return even;
}

bool show_one_place(const cv::Mat& a, const cv::Mat& b) {
  constexpr size_t kFewest = 1000;  // pixels by which a place can be told
  if (a.total() < kFewest) return false;
  const cv::Mat x = even_texture_of(a), y = even_texture_of(b);
  return x.dot(y) > kSameTexture * std::sqrt(x.dot(x) * y.dot(y));
}

// The components of the mask of which at least half is seen.
cv::Mat mostly_seen(const cv::Mat& mask, const cv::Mat& seen) {
  cv::Mat there, labels;
  cv::resize(seen, there, mask.size(), 0, 0, cv::INTER_NEAREST);
  const auto components = static_cast<size_t>(cv::connectedComponents(mask, labels, 8));
  std::vector<int> seen_or_not(components);  // seen pixels, less the others
  for (int y = 0; y < mask.rows; ++y) {
    for (int x = 0; x < mask.cols; ++x) {
      seen_or_not[static_cast<size_t>(labels.at<int>(y, x))] += there.at<uchar>(y, x) == 0 ? -1 : 1;
    }
  }
  cv::Mat result = mask.clone();
  for (int y = 0; y < mask.rows; ++y) {
    for (int x = 0; x < mask.cols; ++x) {
      if (seen_or_not[static_cast<size_t>(labels.at<int>(y, x))] < 0) result.at<uchar>(y, x) = 0;
    }
  }
  return result;
}

}  // namespace

// Twice, as the appearance is told better once there are no objects in it; at a small size.
cv::Mat without_objects(const cv::Mat& background, const cv::Mat& other, const cv::Mat& seen) {
  constexpr int kTurns = 2;
  constexpr double kColour = 0.5;
  const cv::Mat small = at_automatic_scale(background), other_small = at_automatic_scale(other);
  if (!show_one_place(small, other_small)) return background;
  if (saturation_of(other_small) < kColour * saturation_of(small)) return background;
  cv::Mat cleared = small, objects;
  Appearance appearance;
  for (int turn = 0; turn < kTurns; ++turn) {
    appearance = appearance_of(other_small, cleared);
    const cv::Mat shown = seen_as(other_small, appearance);
    objects = objects_before(small, shown);
    objects = mostly_seen(objects & ~lit_otherwise(small, other_small, objects), seen);
    cleared = small.clone();
    shown.copyTo(cleared, objects);
  }
  if (cv::countNonZero(objects) == 0) return background;
  cv::resize(objects, objects, background.size(), 0, 0, cv::INTER_NEAREST);
  cv::Mat result = background.clone();
  seen_as(other, appearance).copyTo(result, objects);
  return result;
}

}  // namespace proxseg
