#include "proxseg/scene/states.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <opencv2/core/utility.hpp>

#include "proxseg/media/transform.h"
#include "proxseg/scene/background.h"
#include "proxseg/scene/exposure.h"
#include "proxseg/scene/light.h"
#include "scene/images.h"
#include "scene/picture.h"

namespace proxseg {
namespace {

constexpr int kLookWidth = 48;  // pixels

// 255 where two small images differ once their exposure is levelled.
cv::Mat changes(const cv::Mat& a, const cv::Mat& b) {
  return visible_differences(a, b * exposure_gain(a, b));
}

// In [0, 1].
double distance(const cv::Mat& a, const cv::Mat& b) { return cv::mean(changes(a, b))[0] / 255.0; }

// Symmetric, 0 on the diagonal.
cv::Mat_<double> distances(const std::vector<cv::Mat>& images) {
  const int count = static_cast<int>(images.size());
  cv::Mat_<double> d(count, count, 0.0);
  const auto fill_rows = [&](const cv::Range& rows) {
    for (int i = rows.start; i < rows.end; ++i) {
      for (int j = 0; j < i; ++j) {
        d(i, j) = d(j, i) =
            distance(images[static_cast<size_t>(i)], images[static_cast<size_t>(j)]);
      }
    }
  };
  cv::parallel_for_({0, count}, fill_rows, count);
  return d;
}

int nearest_medoid(const cv::Mat_<double>& d, int image, const std::vector<int>& medoids) {
  const auto nearer = [&](int a, int b) { return d(image, a) < d(image, b); };
  return static_cast<int>(std::min_element(medoids.begin(), medoids.end(), nearer) -
                          medoids.begin());
}

std::vector<int> labels_by(const cv::Mat_<double>& d, const std::vector<int>& medoids) {
  std::vector<int> labels;
  for (int i = 0; i < d.rows; ++i) labels.push_back(nearest_medoid(d, i, medoids));
  return labels;
}

// The image from which the others of its group are least far.
int medoid_of(const cv::Mat_<double>& d, const std::vector<int>& labels, int label) {
  int best = -1;
  double least = std::numeric_limits<double>::infinity();
  for (int i = 0; i < d.rows; ++i) {
    if (labels[static_cast<size_t>(i)] != label) continue;
    double sum = 0.0;
    for (int j = 0; j < d.rows; ++j) {
      if (labels[static_cast<size_t>(j)] == label) sum += d(i, j);
    }
    if (sum < least) {
      least = sum;
      best = i;
    }
  }
  return best;
}

// k medoids (Kaufman and Rousseeuw 1987): the first is the most central image, each further one the
// farthest from those before it; then groups and medoids follow from each other until they settle.
std::vector<int> labels_of_groups(const cv::Mat_<double>& d, int groups) {
  constexpr int kMostTurns = 20;
  std::vector<int> medoids = {medoid_of(d, std::vector<int>(static_cast<size_t>(d.rows), 0), 0)};
  while (static_cast<int>(medoids.size()) < groups) {
    int farthest = 0;
    double most = -1.0;
    for (int i = 0; i < d.rows; ++i) {
      const double to_nearest = d(i, medoids[static_cast<size_t>(nearest_medoid(d, i, medoids))]);
      if (to_nearest <= most) continue;
      most = to_nearest;
      farthest = i;
    }
    medoids.push_back(farthest);
  }
  std::vector<int> labels = labels_by(d, medoids);
  for (int turn = 0; turn < kMostTurns; ++turn) {
    for (int k = 0; k < groups; ++k) {
      const int medoid = medoid_of(d, labels, k);
      if (medoid >= 0) medoids[static_cast<size_t>(k)] = medoid;
    }
    auto next = labels_by(d, medoids);
    if (next == labels) break;
    labels = std::move(next);
  }
  return labels;
}

// (b - a) / max(a, b), the mean over the images: a is the mean distance to the others of the own
// group, b to the images of the nearest other group. In [-1, 1].
double silhouette(const cv::Mat_<double>& d, const std::vector<int>& labels, int groups) {
  double total = 0.0;
  for (int i = 0; i < d.rows; ++i) {
    std::vector<double> sums(static_cast<size_t>(groups)), counts(static_cast<size_t>(groups));
    for (int j = 0; j < d.rows; ++j) {
      if (i == j) continue;
      sums[static_cast<size_t>(labels[static_cast<size_t>(j)])] += d(i, j);
      counts[static_cast<size_t>(labels[static_cast<size_t>(j)])] += 1.0;
    }
    const auto own = static_cast<size_t>(labels[static_cast<size_t>(i)]);
    if (counts[own] == 0.0) continue;
    const double a = sums[own] / counts[own];
    double b = std::numeric_limits<double>::infinity();
    for (size_t k = 0; k < sums.size(); ++k) {
      if (k != own && counts[k] > 0.0) b = std::min(b, sums[k] / counts[k]);
    }
    if (std::isinf(b) || std::max(a, b) == 0.0) continue;
    total += (b - a) / std::max(a, b);
  }
  return total / d.rows;
}

std::vector<std::vector<size_t>> groups_of(const std::vector<int>& labels, int groups) {
  std::vector<std::vector<size_t>> members(static_cast<size_t>(groups));
  for (size_t i = 0; i < labels.size(); ++i) members[static_cast<size_t>(labels[i])].push_back(i);
  std::ranges::stable_sort(members, std::ranges::greater(), &std::vector<size_t>::size);
  return members;
}

template <typename Value>
std::vector<Value> chosen(const std::vector<Value>& values, const std::vector<size_t>& indices) {
  std::vector<Value> result;
  for (const size_t i : indices) result.push_back(values[i]);
  return result;
}

// More than half of 4 x 4 parts of the picture change from one to the other.
bool differ_almost_everywhere(const cv::Mat& a, const cv::Mat& b) {
  constexpr double kChanged = 0.1;
  return is_almost_everywhere(changes(a, b), kChanged);
}

bool are_states(const std::vector<cv::Mat>& images,
                const std::vector<std::vector<size_t>>& groups) {
  constexpr size_t kFewest = 3, kPart = 20;
  std::vector<cv::Mat> typical;
  for (const auto& group : groups) {
    if (group.size() < std::max(kFewest, images.size() / kPart)) return false;
    typical.push_back(temporal_median(chosen(images, group)));
  }
  for (size_t i = 0; i < typical.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (!differ_almost_everywhere(typical[i], typical[j])) return false;
    }
  }
  return true;
}

std::vector<cv::Mat> small_images(const std::vector<cv::Mat>& images, int64_t most) {
  return map_images(some_of(images, most),
                    [](const cv::Mat& image) { return at_most_so_wide(image, kLookWidth); });
}

}  // namespace

std::vector<std::vector<size_t>> group_by_state(const std::vector<cv::Mat>& images) {
  constexpr int64_t kMostImages = 64;
  constexpr int kMostStates = 6;
  constexpr double kLeastSilhouette = 0.5;
  std::vector<size_t> all(images.size());
  std::iota(all.begin(), all.end(), size_t{0});
  const std::vector<cv::Mat> small = small_images(images, kMostImages);
  const cv::Mat_<double> d = distances(small);
  double best = kLeastSilhouette;
  std::vector<std::vector<size_t>> groups = {all};
  for (int count = 2; count <= std::min(kMostStates, d.rows / 3); ++count) {
    const std::vector<int> labels = labels_of_groups(d, count);
    const double separation = silhouette(d, labels, count);
    auto members = groups_of(labels, count);
    if (separation < best || !are_states(small, members)) continue;
    best = separation;
    groups = std::move(members);
  }
  if (groups.size() == 1) return {all};

  std::vector<Look> looks;
  for (const auto& group : groups) looks.push_back(look_of(chosen(small, group)));
  std::vector<std::vector<size_t>> states(groups.size());
  for (const size_t i : all) states[nearest_look(images[i], looks)].push_back(i);
  std::erase_if(states, [](const auto& state) { return state.empty(); });
  std::ranges::stable_sort(states, std::ranges::greater(), &std::vector<size_t>::size);
  return states;
}

bool show_one_state(const cv::Mat& a, const cv::Mat& b) {
  return !differ_almost_everywhere(at_most_so_wide(a, kLookWidth), at_most_so_wide(b, kLookWidth));
}

Look look_of(const std::vector<cv::Mat>& images) {
  constexpr int64_t kMost = 8;
  Look look = small_images(images, kMost);
  look.push_back(temporal_median(small_images(images, 64)));
  return look;
}

size_t nearest_look(const cv::Mat& frame, const std::vector<Look>& looks) {
  if (looks.size() == 1) return 0;
  const cv::Mat small = at_most_so_wide(frame, kLookWidth);
  size_t nearest = 0;
  double least = std::numeric_limits<double>::infinity();
  for (size_t k = 0; k < looks.size(); ++k) {
    for (const cv::Mat& image : looks[k]) {
      const double to_image = distance(small, image);
      if (to_image >= least) continue;
      least = to_image;
      nearest = k;
    }
  }
  return nearest;
}

}  // namespace proxseg
