#include "proxseg/workflow/sweep/sweep_file.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace proxseg {
namespace {

using Kind = Distribution::Kind;

std::string describe(const Point& point) {
  std::string text;
  for (const Assignment& given : point) {
    text += (text.empty() ? "" : " ") + given.field->key + "=" + to_text(given.value);
  }
  return text;
}

std::vector<std::string> described(const Search& search) {
  std::vector<std::string> texts;
  for (const Point& point : expand(search)) texts.push_back(describe(point));
  return texts;
}

Distribution over(const char* key, Kind kind, double low, double high) {
  return {find_field(key), kind, low, high, {}, "s.json:1"};
}

RandomSearch random_search(int64_t trials, uint64_t seed) {
  return {trials,
          seed,
          {over("train.learning_rate", Kind::kLogUniform, 1e-4, 1e-1),
           over("loss.l1.weight", Kind::kUniform, 0.2, 0.4),
           over("train.batch", Kind::kInteger, 4, 7),
           over("train.steps", Kind::kLogUniform, 10, 1000),
           {find_field("model.norm"),
            Kind::kChoice,
            0,
            0,
            {std::string("batch"), std::string("group")},
            "s.json:1"}}};
}

double real(const Point& point, size_t index) { return std::get<double>(point[index].value); }
int64_t integer(const Point& point, size_t index) { return std::get<int64_t>(point[index].value); }

TEST(Search, AGridHasEveryCombinationAndItsLastAxisVariesFastest) {
  const Grid grid{{{find_field("seed"), {int64_t{1}, int64_t{2}}, ""},
                   {find_field("loss.l1.weight"), {0.25, 0.5}, ""}}};
  EXPECT_EQ(described(grid),
            (std::vector<std::string>{"seed=1 loss.l1.weight=0.25", "seed=1 loss.l1.weight=0.5",
                                      "seed=2 loss.l1.weight=0.25", "seed=2 loss.l1.weight=0.5"}));
  EXPECT_EQ(count_points(grid), 4);
}

TEST(Search, AnEmptyGridIsTheBaseAlone) {
  EXPECT_EQ(described(Grid{}), std::vector<std::string>{""});
}

TEST(Search, AListIsTakenAsItStands) {
  const std::vector<Point> list = {{{find_field("seed"), int64_t{7}, ""}}, {}};
  EXPECT_EQ(described(list), (std::vector<std::string>{"seed=7", ""}));
}

TEST(Search, TheSameSeedDrawsTheSamePointsAndMoreBeginWithThem) {
  const auto ten = described(random_search(10, 3));
  EXPECT_EQ(described(random_search(10, 3)), ten);
  auto more = described(random_search(20, 3));
  more.resize(10);
  EXPECT_EQ(more, ten);
  EXPECT_NE(described(random_search(10, 4)), ten);
}

// The generator is fixed by the standard, so these hold on every machine.
TEST(Search, ThePointsOfASeedNeverChange) {
  EXPECT_EQ(described(random_search(1, 1)),
            (std::vector<std::string>{"train.learning_rate=0.0002521 loss.l1.weight=0.2273 "
                                      "train.batch=5 train.steps=11 model.norm=batch"}));
}

TEST(Search, DrawsStayWithinTheirBoundsAndReachBothEnds) {
  std::set<int64_t> batches;
  std::set<std::string> norms;
  int below = 0;
  const auto points = expand(random_search(2000, 1));
  for (const Point& point : points) {
    const double rate = real(point, 0), weight = real(point, 1);
    EXPECT_GE(rate, 1e-4);
    EXPECT_LE(rate, 1e-1);
    EXPECT_GE(weight, 0.2);
    EXPECT_LE(weight, 0.4);
    EXPECT_GE(integer(point, 3), 10);
    EXPECT_LE(integer(point, 3), 1000);
    batches.insert(integer(point, 2));
    norms.insert(std::get<std::string>(point[4].value));
    below += rate < std::sqrt(1e-4 * 1e-1);
  }
  EXPECT_EQ(batches, (std::set<int64_t>{4, 5, 6, 7}));
  EXPECT_EQ(norms, (std::set<std::string>{"batch", "group"}));
  // Half of the draws lie below the geometric mean; four standard deviations are 90.
  EXPECT_NEAR(below, 1000, 90);
}

TEST(Search, RealDrawsAreShort) {
  for (const Point& point : expand(random_search(50, 2))) {
    EXPECT_LE(to_text(point[1].value).size(), std::string("0.2345").size());
  }
}

TEST(Search, AGridTooLargeToExpandIsStillCounted) {
  const Axis axis{find_field("seed"), std::vector<FieldValue>(1000, int64_t{1}), ""};
  EXPECT_EQ(count_points(Grid{std::vector<Axis>(10, axis)}), kMaxPoints + 1);
}

TEST(Search, APlaceIsWhereItsValueIsDrawn) {
  for (const Distribution& from : random_search(1, 1).distributions) {
    for (const double u : {0.0, 0.11, 0.5, 0.93, 1.0}) {
      const FieldValue value = value_at(from, u);
      const auto place = place_of(from, value);
      ASSERT_TRUE(place) << from.field->key;
      EXPECT_EQ(value_at(from, *place), value) << from.field->key;
    }
  }
  EXPECT_FALSE(place_of(over("train.batch", Kind::kInteger, 4, 7), int64_t{8}));
  EXPECT_FALSE(place_of(over("loss.l1.weight", Kind::kUniform, 0.2, 0.4), 0.1));
}

TEST(Search, AConditionalFieldIsDrawnWithItsCondition) {
  RandomSearch search = random_search(40, 3);
  Distribution tv = over("loss.tv.weight", Kind::kUniform, 0, 1);
  tv.condition = Condition{find_field("train.batch"), {int64_t{4}, int64_t{7}}};
  search.distributions.push_back(tv);
  int with = 0;
  for (const Point& point : expand(search)) {
    const int64_t batch = integer(point, 2);
    EXPECT_EQ(point.size() == 6, batch == 4 || batch == 7);
    with += point.size() == 6;
  }
  EXPECT_GT(with, 0);
  EXPECT_LT(with, 40);
}

}  // namespace
}  // namespace proxseg
