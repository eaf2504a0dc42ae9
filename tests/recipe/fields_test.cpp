#include "proxseg/recipe/fields.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "recipe/recipe_files.h"

namespace proxseg {
namespace {

std::string other_text(const Field& field) {
  static const std::map<std::string, std::string> texts = {
      {"description", "a \"quoted\" caf\u00e9 = {1}"},
      {"device", "cuda:1"},
      {"input.range", "5:90"},
      {"input.roi", "0,0,9,0,9,9"},
      {"input.levels", "100:4000.5"},
      {"background.file", "some folder/empty.png"},
      {"train.init", "runs/week"}};
  return texts.at(field.key);
}

// A value that is allowed and not the default.
FieldValue other_value(const Field& field) {
  const FieldValue value = field.get(Recipe{});
  switch (field.type) {
    case FieldType::kBool:
      return !std::get<bool>(value);
    case FieldType::kInteger:
      if (field.key == "model.pixel_unshuffle") return int64_t{4};
      return std::get<int64_t>(value) + 1;
    case FieldType::kReal:
      return std::get<double>(value) * 0.7 + 0.1 / 3;
    case FieldType::kChoice:
      return field.choices[std::get<std::string>(value) == field.choices[0] ? 1 : 0];
    case FieldType::kText:
      return other_text(field);
  }
  return {};
}

using Values = std::map<std::string, FieldValue>;

// What else a field needs before its other value breaks no rule.
Values companions(const std::string& key) {
  using std::string;
  if (key == "background.file") return {{"background.method", string("file")}};
  if (key == "model.form") {
    return {{"loss.l1.on", string("foreground")},
            {"loss.group_l1.on", string("foreground")},
            {"loss.tv.on", string("foreground")}};
  }
  if (key == "train.alternating_steps") {
    return {{"loss.l1.weight", 1.0},
            {"loss.l1.on", string("foreground")},
            {"loss.group_l1.weight", 0.0},
            {"loss.tv.weight", 0.0}};
  }
  return {};
}

std::vector<Override> as_overrides(const Values& values) {
  std::vector<Override> overrides;
  for (const auto& [key, value] : values) overrides.push_back({key + "=" + to_text(value)});
  return overrides;
}

Values values_of(const Recipe& recipe) {
  Values values;
  for (const Field& field : recipe_fields()) values[field.key] = field.get(recipe);
  return values;
}

class EveryField : public RecipeFiles {
 protected:
  // Only `field` changed, to its other value, beside what its companions set.
  void expect_set(const Field& field, const ResolvedRecipe& resolved, const std::string& origin) {
    Values expected = companions(field.key);
    expected[field.key] = other_value(field);
    expected.merge(values_of(Recipe{}));
    EXPECT_EQ(values_of(resolved.recipe), expected) << field.key;
    EXPECT_EQ(resolved.origins.at(field.key), origin);
    EXPECT_EQ(values_of(recipe_from_json(to_json(resolved.recipe), "stored")), expected);
  }
};

TEST_F(EveryField, IsSetBySetAndRoundTrips) {
  const std::string empty = write("empty.json", "{}");
  for (const Field& field : recipe_fields()) {
    SCOPED_TRACE(field.key);
    Values values = companions(field.key);
    values[field.key] = other_value(field);
    expect_set(field, resolve_recipe(empty, as_overrides(values)), "--set");
  }
}

TEST_F(EveryField, IsSetByAFileAndRoundTrips) {
  for (const Field& field : recipe_fields()) {
    SCOPED_TRACE(field.key);
    nlohmann::ordered_json tree;
    tree[nlohmann::ordered_json::json_pointer(pointer_of(field.key))] = std::visit(
        [](const auto& held) { return nlohmann::ordered_json(held); }, other_value(field));
    const std::string path = write("one.json", tree.dump());
    expect_set(field, resolve_recipe(path, as_overrides(companions(field.key))), path + ":1");
  }
}

TEST_F(EveryField, RefusesWhatLiesBeyondItsBounds) {
  for (const Field& field : recipe_fields()) {
    SCOPED_TRACE(field.key);
    const auto refused = [&](double x) {
      const FieldValue value =
          field.type == FieldType::kInteger ? FieldValue(static_cast<int64_t>(x)) : FieldValue(x);
      return violation(field, value) == expectation(field);
    };
    const Bounds& bounds = field.bounds;
    if (std::isfinite(bounds.min)) {
      EXPECT_TRUE(refused(bounds.min - 1));
      EXPECT_EQ(refused(bounds.min), bounds.min_open);
    }
    if (std::isfinite(bounds.max)) {
      EXPECT_TRUE(refused(bounds.max + 1));
      EXPECT_EQ(refused(bounds.max), bounds.max_open);
    }
    if (field.type == FieldType::kReal) {
      EXPECT_TRUE(refused(std::nan("")));
      EXPECT_TRUE(refused(std::numeric_limits<double>::infinity()));
    }
  }
}

TEST(Fields, HaveUniqueKeysASectionAndOneSentenceOfHelp) {
  std::set<std::string> sections, keys;
  for (const Section& section : recipe_sections()) sections.insert(section.name);
  for (const Field& field : recipe_fields()) {
    EXPECT_TRUE(keys.insert(field.key).second) << field.key;
    const size_t dot = field.key.find('.');
    EXPECT_TRUE(sections.contains(dot == std::string::npos ? "" : field.key.substr(0, dot)))
        << field.key;
    EXPECT_TRUE(field.help.ends_with('.')) << field.key;
    EXPECT_EQ(field.type == FieldType::kChoice, field.choices.size() > 1) << field.key;
  }
}

// The rest of the suite compares keys with keys; this compares keys with members.
TEST_F(RecipeFiles, KeysReachTheMembersTheyName) {
  const Recipe recipe = load_recipe(write("all.json", R"({
    "seed": 9007199254740991, "precision": "bf16",
    "input": {"on_error": "skip", "every": 3, "gray": true},
    "background": {"method": "first", "frames": 7, "noise_floor": 0.25, "stabilize": false},
    "model": {"form": "masked", "channels": 24, "norm": "group", "skip": "difference"},
    "loss": {"gradient": "subgradient",
             "nuclear": {"weight": 0.5, "penalty": "log_det", "knee": 2, "rank": 3, "epsilon": 4},
             "l1": {"weight": 0.1, "on": "background", "knee": 0.01},
             "group_l1": {"weight": 0.2, "knee": 0.02},
             "tv": {"weight": 0.3, "on": "mask", "knee": 0.03}},
    "train": {"optimizer": "sgd", "schedule": "step", "sampling": "fixed", "schedule_period": 11},
    "mask": {"min_area": 0.12, "fill_holes": 0.13, "remove_shadows": false}, "infer": {"batch": 14}})"));
  EXPECT_EQ(recipe.seed, 9007199254740991u);
  EXPECT_EQ(recipe.precision, Precision::kBFloat16);
  EXPECT_EQ(recipe.input.on_error, OnError::kSkip);
  EXPECT_EQ(recipe.input.every, 3);
  EXPECT_TRUE(recipe.input.gray);
  EXPECT_EQ(recipe.background.method, BackgroundMethod::kFirst);
  EXPECT_EQ(recipe.background.frames, 7);
  EXPECT_EQ(recipe.background.noise_floor, 0.25);
  EXPECT_FALSE(recipe.background.stabilize);
  EXPECT_EQ(recipe.model.form, Form::kMasked);
  EXPECT_EQ(recipe.model.unet.channels, 24);
  EXPECT_EQ(recipe.model.unet.norm, Norm::kGroup);
  EXPECT_EQ(recipe.model.unet.skip, Skip::kDifference);
  EXPECT_EQ(recipe.loss.gradient, Gradient::kSubgradient);
  EXPECT_EQ(recipe.loss.spectral().gradient, Gradient::kSubgradient);
  EXPECT_EQ(recipe.loss.nuclear_weight, 0.5);
  EXPECT_EQ(recipe.loss.nuclear.penalty, SpectralPenalty::kLogDet);
  EXPECT_EQ(recipe.loss.nuclear.knee, 2);
  EXPECT_EQ(recipe.loss.nuclear.rank, 3);
  EXPECT_EQ(recipe.loss.nuclear.epsilon, 4);
  EXPECT_EQ(recipe.loss.l1.weight, 0.1);
  EXPECT_EQ(recipe.loss.l1.on, PriorTarget::kBackground);
  EXPECT_EQ(recipe.loss.group_l1.weight, 0.2);
  EXPECT_EQ(recipe.loss.group_l1.knee, 0.02);
  EXPECT_EQ(recipe.loss.tv.weight, 0.3);
  EXPECT_EQ(recipe.loss.tv.on, PriorTarget::kMask);
  EXPECT_EQ(recipe.train.optimizer, OptimizerKind::kSgd);
  EXPECT_EQ(recipe.train.schedule, Schedule::kStep);
  EXPECT_EQ(recipe.train.sampling, Sampling::kFixed);
  EXPECT_EQ(recipe.train.schedule_period, 11);
  EXPECT_EQ(recipe.mask.min_area, 0.12);
  EXPECT_EQ(recipe.mask.fill_holes, 0.13);
  EXPECT_FALSE(recipe.mask.remove_shadows);
  EXPECT_EQ(recipe.infer.batch, 14);
  EXPECT_EQ(
      load_recipe(write("engine.json", R"({"infer": {"engine": "opencv-dnn"}})")).infer.engine,
      Engine::kOpenCv);
}

}  // namespace
}  // namespace proxseg
