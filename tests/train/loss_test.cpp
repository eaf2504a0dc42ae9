#include "proxseg/train/loss.h"

#include <cmath>
#include <map>

#include "support/expect_error.h"

namespace proxseg {
namespace {

LossOptions nuclear_only() {
  LossOptions options;
  options.l1 = {};
  options.tv = {};
  return options;
}

Decomposition example() {
  torch::manual_seed(1);
  Decomposition d;
  d.background = torch::rand({4, 3, 6, 5}, torch::kFloat64);
  d.foreground = torch::randn({4, 3, 6, 5}, torch::kFloat64);
  d.mask = torch::rand({4, 1, 6, 5}, torch::kFloat64);
  return d;
}

std::map<std::string, double> terms_of(const LossValue& loss) {
  return {loss.terms.begin(), loss.terms.end()};
}

TEST(Lambda0, IsOneOverTheRootOfTheLongerSide) {
  EXPECT_DOUBLE_EQ(lambda0(torch::zeros({50, 1, 144, 176})), 1.0 / std::sqrt(144.0 * 176.0));
  EXPECT_DOUBLE_EQ(lambda0(torch::zeros({50, 3, 2, 2})), 1.0 / std::sqrt(50.0));
}

TEST(Loss, TermsAreTheWeightedNormsAndAddUp) {
  const Decomposition d = example();
  LossOptions options = nuclear_only();
  options.nuclear_weight = 2.0;
  options.l1 = {0.5, PriorTarget::kMask, 0.01};
  options.group_l1 = {3.0, PriorTarget::kForeground, 0.01};
  options.tv = {0.25, PriorTarget::kBackground, 0.01};
  const LossValue loss = total_loss(d, options);
  auto terms = terms_of(loss);
  const double scale = 1.0 / std::sqrt(90.0);
  const auto singular = std::get<1>(torch::linalg_svd(d.background.flatten(1), false));
  const auto& b = d.background;
  const double tv = ((b.narrow(3, 1, 4) - b.narrow(3, 0, 4)).abs().sum() +
                     (b.narrow(2, 1, 5) - b.narrow(2, 0, 5)).abs().sum())
                        .item<double>();
  EXPECT_NEAR(terms.at("nuclear"), 2.0 * singular.sum().item<double>(), 1e-9);
  EXPECT_NEAR(terms.at("l1"), 3 * 0.5 * scale * d.mask.sum().item<double>(), 1e-9);
  EXPECT_NEAR(terms.at("group_l1"), 3.0 * scale * d.foreground.norm(2, 1).sum().item<double>(),
              1e-9);
  EXPECT_NEAR(terms.at("tv"), 0.25 * scale * tv, 1e-9);
  double sum = 0.0;
  for (const auto& [name, value] : terms) sum += value;
  EXPECT_NEAR(loss.total.item<double>(), sum, 1e-9);
}

TEST(Loss, TermsCountInUnitsOfTheScale) {
  Decomposition d = example();
  LossOptions options = nuclear_only();
  options.nuclear_weight = 2.0;
  options.l1 = {0.5, PriorTarget::kMask, 0.01};
  options.group_l1 = {3.0, PriorTarget::kForeground, 0.01};
  options.tv = {0.25, PriorTarget::kMask, 0.01};
  const auto without = terms_of(total_loss(d, options));
  d.scale = torch::rand({1, 1, 6, 5}, torch::kFloat64) + 0.1;
  d.reference = torch::rand({1, 3, 6, 5}, torch::kFloat64);
  const auto with = terms_of(total_loss(d, options));
  const auto argument = ((d.background - d.reference) / d.scale).flatten(1) / std::sqrt(90.0);
  const auto singular = std::get<1>(torch::linalg_svd(argument, false));
  EXPECT_NEAR(with.at("nuclear"), 2.0 * singular.sum().item<double>(), 1e-9);
  for (const char* name : {"l1", "group_l1", "tv"}) {
    EXPECT_NEAR(with.at(name), without.at(name) / std::sqrt(90.0), 1e-9) << name;
  }
}

// Frames before a background, from which a square differs by `difference`, in the first of two frames
// or in both. M is the same all over the square.
struct MaskedSquare {
  int64_t channels = 1;
  double difference = 0.0;
  double scale = 0.0;
  double background = 0.5;
  bool stands_still = false;

  // The slope of the loss along M, whose prox gradient is that of an envelope, not of the value.
  double slope(double m, const LossOptions& options) const {
    auto level = torch::tensor(m, torch::kFloat64).requires_grad_();
    auto square = torch::zeros({2, 1, 12, 10}, torch::kFloat64);
    square[0].narrow(1, 4, 3).narrow(2, 4, 3).fill_(1.0);
    if (stands_still) square[1] = square[0];
    Decomposition d;
    d.reference = torch::full({1, channels, 12, 10}, background, torch::kFloat64);
    const auto frames = d.reference + difference * square;
    d.mask = level * square;
    d.foreground = d.mask * (frames - d.reference);
    d.background = frames - d.foreground;
    d.scale = torch::full({1, 1, 12, 10}, scale, torch::kFloat64);
    total_loss(d, options).total.backward();
    return level.grad().item<double>();
  }

  // The M of a grid where the loss stops falling.
  double optimum(const LossOptions& options) const {
    double m = 0.01;
    while (m < 1.0 && slope(m, options) < 0.0) m += 0.01;
    return m;
  }
};

TEST(Loss, MaskIsHalfWhereTheDifferenceIsTheScale) {
  for (const double knee : {1.0, 3.0}) {
    for (const double scale : {0.08, 0.2}) {
      for (const int64_t channels : {1, 3}) {
        LossOptions options = nuclear_only();
        options.nuclear.knee = knee;
        options.l1 = {1.0 / (2.0 * knee), PriorTarget::kMask, 0.004};
        for (const double ratio : {0.8, 0.95, 1.0, 1.05, 2.0}) {
          const MaskedSquare square = {channels, ratio * scale, scale};
          EXPECT_NEAR(square.optimum(options), 1.0 - 0.5 / (ratio * ratio), 0.011)
              << "difference = " << ratio << " scale";
        }
        const MaskedSquare faint = {channels, 0.7 * scale, scale};
        EXPECT_GT(faint.slope(0.01, options), 0.0) << "nothing is masked";
      }
    }
  }
}

// Whatever its sign, before a background however bright, and although it is in all frames.
TEST(Loss, ADifferenceFromTheBackgroundCountsAlikeWhereverItIs) {
  LossOptions options = nuclear_only();
  options.nuclear.knee = 1.0;
  options.l1 = {0.5, PriorTarget::kMask, 0.004};
  const double expected = MaskedSquare{3, 0.16, 0.08, 0.0}.optimum(options);
  EXPECT_NEAR(expected, 1.0 - 0.5 / 4.0, 0.011);
  for (const double difference : {-0.16, 0.16}) {
    for (const bool stands_still : {false, true}) {
      const MaskedSquare square = {3, difference, 0.08, 0.7, stands_still};
      EXPECT_NEAR(square.optimum(options), expected, 0.011) << difference << ' ' << stands_still;
    }
  }
}

TEST(Loss, AWeightOfZeroSwitchesThePriorOff) {
  LossOptions options = nuclear_only();
  EXPECT_EQ(total_loss(example(), options).terms.size(), 1U);
  options.nuclear_weight = 0.0;
  options.tv = {1.0, PriorTarget::kMask, 0.1};
  const LossValue loss = total_loss(example(), options);
  ASSERT_EQ(loss.terms.size(), 1U);
  EXPECT_EQ(loss.terms[0].first, "tv");
}

TEST(Loss, PartsAreLowRankAndSparse) {
  LossOptions options = nuclear_only();
  options.l1.weight = 1.0;
  const Decomposition d = example();
  const double low_rank = low_rank_loss(d, options).total.item<double>();
  const double sparse = sparse_loss(d, options).total.item<double>();
  EXPECT_NEAR(total_loss(d, options).total.item<double>(), low_rank + sparse, 1e-9);
  EXPECT_GT(low_rank, 0.0);
  EXPECT_GT(sparse, 0.0);
}

TEST(Loss, GradientIsTheOneTheRecipeAsksFor) {
  LossOptions options = nuclear_only();
  options.nuclear_weight = 0.0;
  options.l1 = {1.0, PriorTarget::kForeground, 0.5};
  for (const auto gradient : {Gradient::kProx, Gradient::kSubgradient}) {
    options.gradient = gradient;
    Decomposition d = example();
    d.foreground.requires_grad_();
    total_loss(d, options).total.backward();
    const auto x = d.foreground.detach();
    const auto expected =
        (gradient == Gradient::kProx ? (x / 0.5).clamp(-1, 1) : x.sign()) / std::sqrt(90.0);
    EXPECT_LT((d.foreground.grad() - expected).abs().max().item<double>(), 1e-12);
  }
}

TEST(Loss, NamesTheTermThatIsNotFinite) {
  LossOptions options = nuclear_only();
  options.nuclear_weight = 0.0;
  options.l1.weight = 1.0;
  options.tv = {1.0, PriorTarget::kMask, 0.1};
  Decomposition d = example();
  d.mask[0][0][2][2] = NAN;
  expect_error(ExitCode::kNumerics, {"the tv term", "nan"}, [&] { total_loss(d, options); });
}

}  // namespace
}  // namespace proxseg
