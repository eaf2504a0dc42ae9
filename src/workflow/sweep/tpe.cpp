#include "workflow/sweep/tpe.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "proxseg/workflow/sweep/sweep_file.h"

namespace proxseg {
namespace {

constexpr double kGoodShare = 0.1;  // of the points, rounded up, at most kMostGood
constexpr size_t kMostGood = 25;
constexpr int kDraws = 64;
constexpr double kKernelWidth = 0.1;  // of a kernel beside nothing but the prior

double normal_cdf(double z) { return 0.5 * std::erfc(-z / std::numbers::sqrt2); }

// By Box and Muller, drawn again until it lies in [0, 1].
double truncated_normal(double mean, double width, std::mt19937_64& random) {
  for (;;) {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform(random)));
    const double z = radius * std::cos(2.0 * std::numbers::pi * uniform(random));
    const double x = mean + width * z;
    if (x >= 0.0 && x <= 1.0) return x;
  }
}

// A mixture of one kernel around each point and the uniform density, all of equal weight. A kernel
// is a product over the fields: a normal density truncated to [0, 1], or for a choice, with k of
// them, (1 - h) [same] + h / k (Aitchison and Aitken 1976); uniform where the field does not take
// part in its point.
class ParzenEstimator {
 public:
  ParzenEstimator(const std::vector<TpeField>& fields, std::vector<Places> centres)
      : fields_(fields), centres_(std::move(centres)) {
    // Scott's rule: n^(-1 / (d + 4)) for n points in d dimensions.
    const double n = static_cast<double>(centres_.size()) + 1.0;
    width_ = kKernelWidth * std::pow(n, -1.0 / (static_cast<double>(fields.size()) + 4.0));
  }

  double log_density(const Places& x) const {
    double sum = kernel(Places(fields_.size()), x);
    for (const Places& centre : centres_) sum += kernel(centre, x);
    return std::log(sum / (static_cast<double>(centres_.size()) + 1.0));
  }

  Places draw(std::mt19937_64& random) const {
    const auto chosen =
        static_cast<size_t>(uniform(random) * (static_cast<double>(centres_.size()) + 1.0));
    const Places centre = chosen < centres_.size() ? centres_[chosen] : Places(fields_.size());
    Places x(fields_.size());
    for (size_t i = 0; i < fields_.size(); ++i) {
      const bool stays = centre[i] && uniform(random) >= other_choice();
      if (fields_[i].choices == 0) {
        x[i] = centre[i] ? truncated_normal(*centre[i], width_, random) : uniform(random);
      } else {
        x[i] = stays ? *centre[i] : uniform(random);
      }
    }
    return x;
  }

 private:
  // h
  double other_choice() const { return 2.0 * width_; }

  double kernel(const Places& centre, const Places& x) const {
    double product = 1.0;
    for (size_t i = 0; i < fields_.size(); ++i) {
      if (!x[i] || !centre[i]) continue;
      product *= fields_[i].choices == 0 ? normal(*centre[i], *x[i])
                                         : same(*centre[i], *x[i], fields_[i].choices);
    }
    return product;
  }

  double normal(double centre, double x) const {
    const double z = (x - centre) / width_;
    const double inside = normal_cdf((1.0 - centre) / width_) - normal_cdf(-centre / width_);
    return std::exp(-0.5 * z * z) / (width_ * std::sqrt(2.0 * std::numbers::pi) * inside);
  }

  // Relative to the uniform probability, as normal() is.
  double same(double centre, double x, int64_t choices) const {
    const auto k = static_cast<double>(choices);
    const bool equal = std::floor(centre * k) == std::floor(x * k);
    return (equal ? (1.0 - other_choice()) * k : 0.0) + other_choice();
  }

  const std::vector<TpeField>& fields_;
  std::vector<Places> centres_;
  double width_;
};

}  // namespace

Places suggest(const std::vector<TpeField>& fields, std::vector<TpeObservation> seen,
               const std::function<void(Places&)>& drop_inactive, std::mt19937_64& random) {
  std::ranges::stable_sort(seen, {}, &TpeObservation::cost);
  const auto good = std::min(
      kMostGood, static_cast<size_t>(std::ceil(kGoodShare * static_cast<double>(seen.size()))));
  std::vector<Places> well, others;
  for (size_t i = 0; i < seen.size(); ++i) (i < good ? well : others).push_back(seen[i].at);
  const ParzenEstimator l(fields, std::move(well)), g(fields, std::move(others));
  Places best;
  double most = -std::numeric_limits<double>::infinity();
  for (int i = 0; i < kDraws; ++i) {
    Places x = l.draw(random);
    drop_inactive(x);
    const double gain = l.log_density(x) - g.log_density(x);
    if (gain <= most && !best.empty()) continue;
    most = gain;
    best = std::move(x);
  }
  return best;
}

}  // namespace proxseg
