#include "scene/relearning.h"

#include <sys/resource.h>

#include <algorithm>
#include <opencv2/imgproc.hpp>
#include <utility>

#include "proxseg/core/statistics.h"
#include "proxseg/media/transform.h"
#include "proxseg/scene/exposure.h"
#include "proxseg/scene/light.h"

namespace proxseg {
namespace {

// Those that show the scene as the last one of them does: from others, such as those in the light of
// an hour ago, one would learn how much it changes in a day, and take objects for that. In pixels that
// no object covers, they differ from the last one little more than the nearest quarter of them do.
std::vector<Sample> like_the_last(const std::vector<Sample>& samples) {
  constexpr int kCompared = 80;  // pixels
  constexpr double kMostGain = 1.5, kLeast = 0.05, kTimes = 2.0;
  const cv::Mat last = at_most_so_wide(samples.back().image, kCompared);
  std::vector<double> distances;
  for (const Sample& sample : samples) {
    const cv::Mat image = at_most_so_wide(sample.image, kCompared);
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

SceneState learned_from(const Lesson& lesson) {
  std::vector<cv::Mat> images, covered;
  for (const Sample& sample : like_the_last(lesson.samples)) {
    images.push_back(sample.image);
    if (lesson.by_masks) covered.push_back(sample.covered);
  }
  return model_state_again(std::move(images), covered, lesson.before, lesson.options);
}

}  // namespace

void add_sample(std::vector<Sample>& samples, Sample sample, int64_t most) {
  samples.push_back(std::move(sample));
  if (std::ssize(samples) <= most) return;
  const double now = samples.back().seconds;
  const auto missed = [&](size_t i) {
    return (samples[i + 1].seconds - samples[i - 1].seconds) / (now - samples[i].seconds);
  };
  size_t least = 1;
  for (size_t i = 2; i + 1 < samples.size(); ++i) {
    if (missed(i) < missed(least)) least = i;
  }
  samples.erase(samples.begin() + static_cast<std::ptrdiff_t>(least));
}

void renew(std::vector<Sample>& samples, const cv::Mat& region, double since) {
  for (Sample& sample : samples) {
    cv::Mat covered = sample.covered.clone();  // a background that is being learned may hold it
    cv::Mat there;
    cv::resize(region, there, covered.size(), 0, 0, cv::INTER_NEAREST);
    covered.setTo(sample.seconds < since ? 255 : 0, there);
    sample.covered = covered;
  }
}

double latest_of(const std::vector<Sample>& samples) {
  constexpr size_t kFew = 5;
  return samples.empty() ? 0.0 : samples[samples.size() - std::min(kFew, samples.size())].seconds;
}

std::future<Learned> learn_again(Lesson lesson, bool beside) {
  const auto learn = [lesson = std::move(lesson), beside]() -> Learned {
    if (beside) ::setpriority(PRIO_PROCESS, 0, 10);  // of this thread alone
    return {lesson.id, learned_from(lesson)};
  };
  auto result = std::async(beside ? std::launch::async : std::launch::deferred, learn);
  if (!beside) result.wait();
  return result;
}

}  // namespace proxseg
