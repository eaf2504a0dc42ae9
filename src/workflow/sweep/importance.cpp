#include "proxseg/workflow/sweep/importance.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <opencv2/ml.hpp>
#include <random>
#include <set>

#include "proxseg/core/text.h"

namespace proxseg {
namespace {

// A field's values as numbers: those that spread over orders of magnitude by their logarithm, words by their place in the alphabet; -1 where it does not take part; else in [0, 1].
struct Dimension {
  std::string field;
  std::vector<float> at;  // one a trial
  std::vector<float> steps(int most) const {
    const std::set<float> values(at.begin(), at.end());
    if (values.size() <= static_cast<size_t>(most)) return {values.begin(), values.end()};
    std::vector<float> even;
    for (int i = 0; i < most; ++i) {
      even.push_back((static_cast<float>(i) + 0.5F) / static_cast<float>(most));
    }
    return even;
  }
};

std::string value_in(const Trial& trial, const std::string& field) {
  const auto given = std::ranges::find(trial.settings, field, &Settings::value_type::first);
  return given == trial.settings.end() ? "" : given->second;
}

std::vector<double> numbers_of(const std::vector<std::string>& texts) {
  std::vector<double> numbers;
  const std::set<std::string> words(texts.begin(), texts.end());
  const bool are_numbers = std::ranges::all_of(
      words, [](const auto& word) { return word.empty() || parse_number<double>(word); });
  for (const std::string& text : texts) {
    if (text.empty()) {
      numbers.push_back(std::nan(""));
    } else if (are_numbers) {
      numbers.push_back(*parse_number<double>(text));
    } else {
      numbers.push_back(static_cast<double>(std::distance(words.begin(), words.find(text))));
    }
  }
  return numbers;
}

// Whether sorted values spread over orders of magnitude: from the least to the largest, their median
// lies nearer the middle of the logarithms.
bool is_logarithmic(const std::vector<double>& values) {
  const double low = values.front(), high = values.back(), median = values[values.size() / 2];
  if (low <= 0.0 || high < 100.0 * low) return false;
  const double linear = (median - low) / (high - low);
  const double logarithmic = std::log(median / low) / std::log(high / low);
  return std::abs(logarithmic - 0.5) < std::abs(linear - 0.5);
}

Dimension dimension_of(const std::string& field, const std::vector<const Trial*>& trials) {
  std::vector<std::string> texts;
  for (const Trial* trial : trials) texts.push_back(value_in(*trial, field));
  std::vector<double> numbers = numbers_of(texts), known = numbers;
  std::erase_if(known, [](double x) { return std::isnan(x); });
  if (known.empty()) return {field, std::vector<float>(numbers.size(), -1.0F)};
  std::ranges::sort(known);
  double low = known.front(), high = known.back();
  if (is_logarithmic(known)) {
    for (double& x : numbers) x = std::log(x);
    low = std::log(low), high = std::log(high);
  }
  Dimension dimension{field, {}};
  for (const double x : numbers) {
    const double span = high > low ? high - low : 1.0;
    dimension.at.push_back(std::isnan(x) ? -1.0F : static_cast<float>((x - low) / span));
  }
  return dimension;
}

std::vector<Dimension> dimensions_of(const SweepResults& results) {
  std::vector<Dimension> dimensions;
  for (const std::string& field : searched_fields(results.trials)) {
    if (field == "seed") continue;
    Dimension dimension = dimension_of(field, results.ranked);
    const auto [least, most] = std::ranges::minmax(dimension.at);
    if (least < most) dimensions.push_back(std::move(dimension));
  }
  return dimensions;
}

// [trials, 1], less the mean of each sequence.
cv::Mat targets_of(const SweepResults& results) {
  std::map<std::string, std::pair<double, int>> sums;
  for (const Trial* trial : results.ranked) {
    auto& [sum, count] = sums[trial->sequence.path];
    sum += *value_of(*trial, results.metric);
    ++count;
  }
  cv::Mat targets;
  for (const Trial* trial : results.ranked) {
    const auto& [sum, count] = sums.at(trial->sequence.path);
    targets.push_back(static_cast<float>(*value_of(*trial, results.metric) - sum / count));
  }
  return targets;
}

cv::Ptr<cv::ml::RTrees> forest_of(const cv::Mat& points, const cv::Mat& targets) {
  auto forest = cv::ml::RTrees::create();
  forest->setMaxDepth(12);
  forest->setMinSampleCount(3);
  forest->setRegressionAccuracy(0.0F);
  forest->setActiveVarCount((points.cols + 1) / 2);
  forest->setTermCriteria({cv::TermCriteria::MAX_ITER, 100, 0.0});
  forest->train(points, cv::ml::ROW_SAMPLE, targets);
  return forest;
}

double variance_of(const std::vector<double>& values) {
  double sum = 0.0, squares = 0.0;
  for (const double x : values) sum += x, squares += x * x;
  const auto n = static_cast<double>(values.size());
  return std::max(0.0, squares / n - sum / n * (sum / n));
}

// The forest over a sample of the searched space.
class Space {
 public:
  Space(const std::vector<Dimension>& dimensions, const cv::Mat& targets)
      : dimensions_(dimensions) {
    cv::Mat points(targets.rows, static_cast<int>(dimensions.size()), CV_32F);
    sample_.create(kSample, points.cols, CV_32F);
    std::mt19937_64 random(1);
    for (int column = 0; column < points.cols; ++column) {
      const Dimension& dimension = dimensions[static_cast<size_t>(column)];
      for (int row = 0; row < points.rows; ++row) {
        points.at<float>(row, column) = dimension.at[static_cast<size_t>(row)];
      }
      const std::vector<float> steps = dimension.steps(kFine);
      for (int row = 0; row < kSample; ++row) {
        const auto step = static_cast<size_t>(uniform(random) * static_cast<double>(steps.size()));
        sample_.at<float>(row, column) = steps[step];
      }
    }
    forest_ = forest_of(points, targets);
    cv::Mat all;
    forest_->predict(sample_, all);
    variance_ = variance_of({all.begin<float>(), all.end<float>()});
  }

  double variance() const { return variance_; }

  // Of the mean over all other fields, where these take their values.
  double variance_over(const std::vector<size_t>& fields) const {
    const int most = fields.size() == 1 ? kFine : kCoarse;
    std::vector<double> means;
    cv::Mat points = sample_.clone();
    sweep(fields, 0, most, points, means);
    return variance_of(means);
  }

 private:
  static constexpr int kSample = 64, kFine = 12, kCoarse = 5;

  void sweep(const std::vector<size_t>& fields, size_t level, int most, cv::Mat& points,
             std::vector<double>& means) const {
    if (level == fields.size()) {
      cv::Mat values;
      forest_->predict(points, values);
      means.push_back(cv::mean(values)[0]);
      return;
    }
    for (const float step : dimensions_[fields[level]].steps(most)) {
      points.col(static_cast<int>(fields[level])) = step;
      sweep(fields, level + 1, most, points, means);
    }
  }

  const std::vector<Dimension>& dimensions_;
  cv::Mat sample_;
  cv::Ptr<cv::ml::RTrees> forest_;
  double variance_ = 0.0;
};

}  // namespace

std::vector<Importance> importances_of(const SweepResults& results) {
  const bool halves =
      std::ranges::any_of(results.trials, [](const Trial& trial) { return trial.rung > 0; });
  if (halves || results.ranked.size() < kFewTrials) return {};
  const std::vector<Dimension> dimensions = dimensions_of(results);
  if (dimensions.empty()) return {};
  const cv::Mat targets = targets_of(results);
  if (cv::norm(targets, cv::NORM_INF) < 1e-6) return {};  // all alike but for rounding
  const Space space(dimensions, targets);
  if (space.variance() <= 0.0) return {};
  std::vector<Importance> single, pairs;
  std::vector<double> own;
  for (size_t i = 0; i < dimensions.size(); ++i) {
    own.push_back(space.variance_over({i}));
    single.push_back({{dimensions[i].field}, std::min(1.0, own[i] / space.variance())});
  }
  for (size_t i = 0; i < dimensions.size(); ++i) {
    for (size_t j = i + 1; j < dimensions.size(); ++j) {
      const double beyond = space.variance_over({i, j}) - own[i] - own[j];
      const double share = std::clamp(beyond / space.variance(), 0.0, 1.0);
      constexpr double kMatters = 0.01;
      if (share >= kMatters) pairs.push_back({{dimensions[i].field, dimensions[j].field}, share});
    }
  }
  std::ranges::stable_sort(single, std::ranges::greater{}, &Importance::share);
  std::ranges::stable_sort(pairs, std::ranges::greater{}, &Importance::share);
  pairs.resize(std::min(pairs.size(), kMostPairs));
  single.insert(single.end(), pairs.begin(), pairs.end());
  return single;
}

}  // namespace proxseg
