#include "proxseg/workflow/sweep/importance.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <opencv2/ml.hpp>
#include <set>

#include "proxseg/core/statistics.h"
#include "proxseg/core/text.h"

namespace proxseg {
namespace {

// A field's values as numbers in [0, 1]: those that spread over orders of magnitude by their
// logarithm, words by their place in the alphabet; -1 where it does not take part.
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

Dimension dimension_of(const std::string& field, const std::vector<const Trial*>& trials) {
  std::vector<std::string> texts;
  for (const Trial* trial : trials) texts.push_back(value_in(*trial, field));
  std::vector<double> numbers = numbers_of(texts), known = numbers;
  std::erase_if(known, [](double x) { return std::isnan(x); });
  if (known.empty()) return {field, std::vector<float>(numbers.size(), -1.0F)};
  std::ranges::sort(known);
  double low = known.front(), high = known.back();
  if (suits_log_scale(known)) {
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

// A part of the searched space in which a tree says the same everywhere: for each dimension the
// levels from first to before last.
struct Leaf {
  struct Range {
    size_t first = 0, last = 0;
  };
  double value = 0.0;
  std::vector<Range> ranges;
};

// The searched space: every combination of the levels of its dimensions, all equally probable.
using SearchSpace = std::vector<std::vector<float>>;

// The leaves of a tree that lie in the space.
class Leaves {
 public:
  Leaves(const cv::ml::RTrees& forest, const SearchSpace& levels)
      : forest_(forest), levels_(levels) {}

  std::vector<Leaf> of(int root) {
    leaves_.clear();
    std::vector<Leaf::Range> all;
    for (const auto& own : levels_) all.push_back({0, own.size()});
    descend(root, all);
    return std::move(leaves_);
  }

 private:
  void descend(int place, const std::vector<Leaf::Range>& ranges) {
    const auto& node = forest_.getNodes()[static_cast<size_t>(place)];
    if (node.split < 0) return leaves_.push_back({node.value, ranges});
    const auto& split = forest_.getSplits()[static_cast<size_t>(node.split)];
    const auto dimension = static_cast<size_t>(split.varIdx);
    const auto& own = levels_[dimension];
    const auto middle = static_cast<size_t>(std::ranges::upper_bound(own, split.c) - own.begin());
    auto left = ranges, right = ranges;
    left[dimension].last = std::min(left[dimension].last, middle);
    right[dimension].first = std::max(right[dimension].first, middle);
    const auto is_empty = [](const Leaf::Range& range) { return range.first >= range.last; };
    if (!is_empty(left[dimension])) descend(node.left, left);
    if (!is_empty(right[dimension])) descend(node.right, right);
  }

  const cv::ml::RTrees& forest_;
  const SearchSpace& levels_;
  std::vector<Leaf> leaves_;
};

// Variances over the space of one tree, of which those of fields and pairs are parts.
class TreeVariance {
 public:
  TreeVariance(std::vector<Leaf> leaves, const SearchSpace& levels)
      : leaves_(std::move(leaves)), levels_(levels) {
    for (const Leaf& leaf : leaves_) {
      shares_.push_back(1.0);
      for (size_t d = 0; d < levels.size(); ++d) shares_.back() *= share(leaf, d);
      mean_ += shares_.back() * leaf.value;
    }
  }

  double total() const {
    double sum = 0.0;
    for (size_t i = 0; i < leaves_.size(); ++i) {
      sum += shares_[i] * (leaves_[i].value - mean_) * (leaves_[i].value - mean_);
    }
    return sum;
  }

  // Of the mean over all other dimensions at each level of this one.
  double of(size_t dimension) const {
    std::vector<double> means(levels_[dimension].size(), 0.0);
    for (size_t i = 0; i < leaves_.size(); ++i) {
      const double part = shares_[i] / share(leaves_[i], dimension) * leaves_[i].value;
      const Leaf::Range range = leaves_[i].ranges[dimension];
      for (size_t a = range.first; a < range.last; ++a) means[a] += part;
    }
    return variance_of(means);
  }

  // The same of two together.
  double of(size_t first, size_t second) const {
    const size_t width = levels_[second].size();
    std::vector<double> means(levels_[first].size() * width, 0.0);
    for (size_t i = 0; i < leaves_.size(); ++i) {
      const Leaf& leaf = leaves_[i];
      const double part = shares_[i] / (share(leaf, first) * share(leaf, second)) * leaf.value;
      const Leaf::Range rows = leaf.ranges[first], columns = leaf.ranges[second];
      for (size_t a = rows.first; a < rows.last; ++a) {
        for (size_t b = columns.first; b < columns.last; ++b) means[a * width + b] += part;
      }
    }
    return variance_of(means);
  }

 private:
  // Of the levels of a dimension.
  double share(const Leaf& leaf, size_t dimension) const {
    const Leaf::Range range = leaf.ranges[dimension];
    return static_cast<double>(range.last - range.first) /
           static_cast<double>(levels_[dimension].size());
  }

  double variance_of(const std::vector<double>& means) const {
    double sum = 0.0;
    for (const double mean : means) sum += (mean - mean_) * (mean - mean_);
    return sum / static_cast<double>(means.size());
  }

  std::vector<Leaf> leaves_;
  const SearchSpace& levels_;
  std::vector<double> shares_;  // of the space, one a leaf
  double mean_ = 0.0;
};

cv::Ptr<cv::ml::RTrees> forest_of(const std::vector<Dimension>& dimensions,
                                  const cv::Mat& targets) {
  cv::Mat points(targets.rows, static_cast<int>(dimensions.size()), CV_32F);
  for (int column = 0; column < points.cols; ++column) {
    for (int row = 0; row < points.rows; ++row) {
      points.at<float>(row, column) =
          dimensions[static_cast<size_t>(column)].at[static_cast<size_t>(row)];
    }
  }
  auto forest = cv::ml::RTrees::create();
  forest->setMaxDepth(12);
  forest->setMinSampleCount(3);
  forest->setRegressionAccuracy(0.0F);
  forest->setActiveVarCount((points.cols + 1) / 2);
  forest->setTermCriteria({cv::TermCriteria::MAX_ITER, 100, 0.0});
  forest->train(points, cv::ml::ROW_SAMPLE, targets);
  return forest;
}

// V_U / V for each dimension, then for each pair beyond its two dimensions; the mean over the trees.
struct Shares {
  std::vector<double> single;
  std::map<std::pair<size_t, size_t>, double> pairs;
};

Shares shares_of(const cv::ml::RTrees& forest, const SearchSpace& levels) {
  Shares sums{std::vector<double>(levels.size(), 0.0), {}};
  double trees = 0.0;
  for (const int root : forest.getRoots()) {
    const TreeVariance variance(Leaves(forest, levels).of(root), levels);
    const double total = variance.total();
    if (total <= 0.0) continue;
    ++trees;
    std::vector<double> own;
    for (size_t i = 0; i < levels.size(); ++i) {
      own.push_back(variance.of(i));
      sums.single[i] += own[i] / total;
      for (size_t j = 0; j < i; ++j) {
        sums.pairs[{j, i}] += std::max(0.0, variance.of(j, i) - own[j] - own[i]) / total;
      }
    }
  }
  for (double& share : sums.single) share /= std::max(1.0, trees);
  for (auto& [pair, share] : sums.pairs) share /= std::max(1.0, trees);
  return sums;
}

}  // namespace

std::vector<Importance> importances_of(const SweepResults& results) {
  const auto tried = std::ranges::count_if(results.configurations,
                                           [](const Configuration& one) { return one.trials > 0; });
  if (halves(results.trials) || tried < kFewConfigurations) return {};
  const std::vector<Dimension> dimensions = dimensions_of(results);
  if (dimensions.empty()) return {};
  const cv::Mat targets = targets_of(results);
  if (cv::norm(targets, cv::NORM_INF) < 1e-6) return {};  // all alike but for rounding
  constexpr int kLevels = 12;
  SearchSpace levels;
  for (const Dimension& dimension : dimensions) levels.push_back(dimension.steps(kLevels));
  const Shares shares = shares_of(*forest_of(dimensions, targets), levels);
  std::vector<Importance> single, pairs;
  for (size_t i = 0; i < dimensions.size(); ++i) {
    single.push_back({{dimensions[i].field}, shares.single[i]});
  }
  for (const auto& [pair, share] : shares.pairs) {
    constexpr double kMatters = 0.01;
    if (share < kMatters) continue;
    pairs.push_back({{dimensions[pair.first].field, dimensions[pair.second].field}, share});
  }
  std::ranges::stable_sort(single, std::ranges::greater{}, &Importance::share);
  std::ranges::stable_sort(pairs, std::ranges::greater{}, &Importance::share);
  pairs.resize(std::min(pairs.size(), kMostPairs));
  single.insert(single.end(), pairs.begin(), pairs.end());
  return single;
}

std::string missing_importances(const SweepResults& results) {
  const auto count = std::ssize(results.configurations);
  const bool can_have = !results.effects.empty() && count < kFewConfigurations;
  if (!can_have) return "";
  return fmt::format("How much each field mattered is told from {} configurations on; there {} {}.",
                     kFewConfigurations, count == 1 ? "is" : "are", count);
}

}  // namespace proxseg
