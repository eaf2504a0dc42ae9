// A fixed camera before which an object stands still for a part of the clip.
#pragma once

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <vector>

namespace proxseg {

struct StandingObject {
  int type = CV_8UC3;
  cv::Size size = {160, 120};
  cv::Rect place = {60, 40, 24, 32};  // may reach over the image's border
  int frames = 40;
  int standing = 28;  // frames with the object, spread over the clip
  int sway = 1;       // pixels to either side that the object moves
  double noise = 2.0;
  // Where the object is in motion instead, this far in each frame.
  int step = 0;

  // Smooth and between 60 and 140.
  cv::Mat background() const { return texture(size, {8, 6}, 60, 140, cv::INTER_CUBIC, 1); }

  std::vector<cv::Mat> images() const {
    const cv::Mat scene = background();
    const cv::Mat object = texture(place.size(), {4, 5}, 170, 250, cv::INTER_NEAREST, 2);
    cv::RNG random(3);
    std::vector<cv::Mat> result;
    for (int i = 0; i < frames; ++i) {
      cv::Mat image = scene.clone();
      const int shift = random.uniform(-sway, sway + 1) + i * step;
      if ((i + 1) * standing / frames > i * standing / frames) paste(object, shift, image);
      add_noise(random, image);
      result.push_back(image);
    }
    return result;
  }

 private:
  cv::Mat texture(cv::Size full, cv::Size grid, int low, int high, int interpolation,
                  uint64_t seed) const {
    cv::Mat cells(grid, type), result;
    cv::RNG(seed).fill(cells, cv::RNG::UNIFORM, low, high);
    cv::resize(cells, result, full, 0, 0, interpolation);
    return result;
  }

  void paste(const cv::Mat& object, int shift, cv::Mat& image) const {
    const cv::Rect moved = place + cv::Point(shift, 0);
    const cv::Rect visible = moved & cv::Rect({}, size);
    if (!visible.empty()) object(visible - moved.tl()).copyTo(image(visible));
  }

  void add_noise(cv::RNG& random, cv::Mat& image) const {
    cv::Mat deviation(image.size(), CV_16SC(image.channels())), sum;
    random.fill(deviation, cv::RNG::NORMAL, 0, noise);
    cv::add(image, deviation, image, {}, image.depth());
  }
};

// Of colours and shades between 40 and 160.
inline cv::Mat furnished_room(cv::Size size, uint64_t seed) {
  cv::Mat cells(12, 16, CV_8UC3), image;
  cv::RNG(seed).fill(cells, cv::RNG::UNIFORM, 40, 160);
  cv::resize(cells, image, size, 0, 0, cv::INTER_CUBIC);
  return image;
}

// The largest difference within `place`, or anywhere.
inline double largest_difference(const cv::Mat& a, const cv::Mat& b) {
  return cv::norm(a, b, cv::NORM_INF);
}

inline double largest_difference(const cv::Mat& a, const cv::Mat& b, const cv::Rect& place) {
  const cv::Rect visible = place & cv::Rect({}, a.size());
  return largest_difference(a(visible), b(visible));
}

// Over pixels and channels.
inline double mean_difference(const cv::Mat& a, const cv::Mat& b) {
  return cv::norm(a, b, cv::NORM_L1) / static_cast<double>(a.total() * a.elemSize());
}

}  // namespace proxseg
