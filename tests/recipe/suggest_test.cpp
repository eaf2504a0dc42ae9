#include "proxseg/recipe/fields.h"

#include <gtest/gtest.h>

namespace proxseg {
namespace {

TEST(Nearest, TakesTheLeastEditsAndNothingFarAway) {
  const std::vector<std::string> names = {"adam", "adamw", "sgd"};
  EXPECT_EQ(nearest("adm", names), "adam");
  EXPECT_EQ(nearest("adamww", names), "adamw");
  EXPECT_EQ(nearest("sdg", names), "sgd");
  EXPECT_EQ(nearest("rmsprop", names), "");
  EXPECT_EQ(nearest("", names), "");
  EXPECT_EQ(nearest(std::string(100000, 'a'), names), "");
}

TEST(NearestKey, FindsMisspeltSectionsKeysAndNamesInTheWrongSection) {
  EXPECT_EQ(nearest_key("extend"), "extends");
  EXPECT_EQ(nearest_key("loss.nuclaer"), "loss.nuclear");
  EXPECT_EQ(nearest_key("loss.nuclear.wieght"), "loss.nuclear.weight");
  EXPECT_EQ(nearest_key("infr.batch"), "infer.batch");
  EXPECT_EQ(nearest_key("train.threshold"), "mask.threshold");
  EXPECT_EQ(nearest_key("optimiser"), "train.optimizer");
  EXPECT_EQ(nearest_key("lr"), "");
}

}  // namespace
}  // namespace proxseg
