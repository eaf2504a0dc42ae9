#include "scene/samples.h"

#include <algorithm>
#include <utility>

namespace proxseg {

void Samples::add(Sample sample) {
  samples_.push_back(std::move(sample));
  if (samples_.size() <= capacity_) return;
  const double now = samples_.back().seconds;
  const auto missed = [&](size_t i) {
    return (samples_[i + 1].seconds - samples_[i - 1].seconds) / (now - samples_[i].seconds);
  };
  size_t least = 1;
  for (size_t i = 2; i + 1 < samples_.size(); ++i) {
    if (missed(i) < missed(least)) least = i;
  }
  samples_.erase(samples_.begin() + static_cast<std::ptrdiff_t>(least));
}

void Samples::renew(const cv::Mat& region, double since) {
  for (Sample& sample : samples_) {
    cv::Mat covered = sample.covered.clone();  // a background that is being learned may hold it
    covered.setTo(sample.seconds < since ? 255 : 0, region);
    sample.covered = covered;
  }
}

void Samples::forget_before(double seconds) {
  std::erase_if(samples_, [&](const Sample& sample) { return sample.seconds < seconds; });
}

double Samples::latest() const {
  constexpr size_t kFew = 5;
  return samples_.empty() ? 0.0
                          : samples_[samples_.size() - std::min(kFew, samples_.size())].seconds;
}

}  // namespace proxseg
