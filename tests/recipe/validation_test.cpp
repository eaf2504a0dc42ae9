#include "proxseg/recipe/fields.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "proxseg/core/error.h"

namespace proxseg {
namespace {

// A sound recipe on which every rule can be broken alone.
Recipe sound() {
  Recipe recipe;
  recipe.loss.l1 = {.weight = 1.0, .on = PriorTarget::kForeground, .knee = 0.01};
  recipe.loss.group_l1.weight = 0;
  recipe.loss.tv.weight = 0;
  return recipe;
}

struct BrokenRule {
  const char* name;
  std::function<void(Recipe&)> spoil;
  std::string problem;
};

class Rules : public testing::TestWithParam<BrokenRule> {};

TEST_P(Rules, AreReportedWithValueAndRule) {
  Recipe recipe = sound();
  ASSERT_TRUE(problems_of(recipe).empty());
  GetParam().spoil(recipe);
  const auto problems = problems_of(recipe);
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_TRUE(problems[0].text.starts_with(GetParam().problem)) << problems[0].text;
  EXPECT_TRUE(problems[0].text.starts_with(problems[0].keys.front() + " = "));
  EXPECT_THROW(validate(recipe), ConfigError);
}

INSTANTIATE_TEST_SUITE_P(
    , Rules,
    testing::Values(
        BrokenRule{"Bounds", [](Recipe& r) { r.train.batch = 0; },
                   "train.batch = 0: must be an integer in [1, "},
        BrokenRule{"NaN",
                   [](Recipe& r) { r.train.momentum = std::numeric_limits<double>::quiet_NaN(); },
                   "train.momentum = nan: must be a number in [0, 1)"},
        BrokenRule{"Utf8", [](Recipe& r) { r.description = std::string("\xE9"); },
                   "description = \""},
        BrokenRule{"Device", [](Recipe& r) { r.device = std::string("cuda:x"); },
                   "device = \"cuda:x\": must be cpu, cuda or cuda:N"},
        BrokenRule{"RangeBackwards", [](Recipe& r) { r.input.range = std::string("9:3"); },
                   "input.range = \"9:3\": must be FIRST:LAST"},
        BrokenRule{"RangeFromZero", [](Recipe& r) { r.input.range = std::string("0:3"); },
                   "input.range = \"0:3\""},
        BrokenRule{"RangeWithoutColon", [](Recipe& r) { r.input.range = std::string("12"); },
                   "input.range = \"12\""},
        BrokenRule{"LevelsBackwards", [](Recipe& r) { r.input.levels = std::string("9:3"); },
                   "input.levels = \"9:3\": must be LOW:HIGH"},
        BrokenRule{"FileMissing", [](Recipe& r) { r.background.method = BackgroundMethod::kFile; },
                   "background.file = \"\": must name an image"},
        BrokenRule{"FileUnused", [](Recipe& r) { r.background.file = std::string("b.png"); },
                   "background.file = \"b.png\": is read only where"},
        BrokenRule{"UnshuffleByThree", [](Recipe& r) { r.model.unet.pixel_unshuffle = 3; },
                   "model.pixel_unshuffle = 3: must be 1, 2 or 4"},
        BrokenRule{"NuclearKnee", [](Recipe& r) { r.loss.nuclear.knee = 0; },
                   "loss.nuclear.knee = 0: must be > 0 where loss.gradient is prox"},
        BrokenRule{"SparseKnee", [](Recipe& r) { r.loss.l1.knee = 0; },
                   "loss.l1.knee = 0: must be > 0 where loss.gradient is prox"},
        BrokenRule{"RankOfTheBatch",
                   [](Recipe& r) {
                     r.loss.nuclear.penalty = SpectralPenalty::kTruncated;
                     r.loss.nuclear.rank = r.train.batch;
                   },
                   "loss.nuclear.rank = 16: must be < train.batch = 16"},
        BrokenRule{"MaskInTheSignedForm",
                   [](Recipe& r) {
                     r.model.form = Form::kSigned;
                     r.loss.tv = {.weight = 1, .on = PriorTarget::kMask, .knee = 0.01};
                   },
                   "loss.tv.on = mask: needs model.form = masked"},
        BrokenRule{"NoPrior", [](Recipe& r) { r.loss.nuclear_weight = r.loss.l1.weight = 0; },
                   "loss.nuclear.weight = 0: at least one prior"},
        BrokenRule{"FewerFramesThanABatch", [](Recipe& r) { r.train.max_frames = 15; },
                   "train.max_frames = 15: must be >= train.batch = 16"},
        BrokenRule{"GroupNormsInOpenCv",
                   [](Recipe& r) {
                     r.model.unet.norm = Norm::kGroup;
                     r.infer.engine = Engine::kOpenCv;
                   },
                   "infer.engine = opencv-dnn: cannot run model.norm = group"},
        BrokenRule{"AlternatingBySubgradient",
                   [](Recipe& r) {
                     r.train.alternating_steps = 5;
                     r.loss.gradient = Gradient::kSubgradient;
                   },
                   "train.alternating_steps = 5: the second phase needs loss.gradient = prox"},
        BrokenRule{"AlternatingWithoutNuclear",
                   [](Recipe& r) {
                     r.train.alternating_steps = 5;
                     r.loss.nuclear_weight = 0;
                   },
                   "train.alternating_steps = 5: the second phase needs loss.nuclear.weight > 0"},
        BrokenRule{"AlternatingOnTheMask",
                   [](Recipe& r) {
                     r.train.alternating_steps = 5;
                     r.loss.l1.on = PriorTarget::kMask;
                   },
                   "train.alternating_steps = 5: the second phase needs loss.l1.weight > 0 and"},
        BrokenRule{"AlternatingWithTv",
                   [](Recipe& r) {
                     r.train.alternating_steps = 5;
                     r.loss.tv.weight = 1;
                   },
                   "train.alternating_steps = 5: the second phase needs loss.group_l1.weight = 0"}),
    [](const auto& test) { return test.param.name; });

TEST(Validation, LeavesAloneWhatIsSwitchedOff) {
  Recipe recipe = sound();
  recipe.model.form = Form::kSigned;
  recipe.loss.tv = {.weight = 0, .on = PriorTarget::kMask, .knee = 0};
  recipe.loss.nuclear.rank = 1000;
  EXPECT_TRUE(problems_of(recipe).empty());
}

TEST(Validation, AcceptsTheLimitOfEveryRule) {
  Recipe recipe = sound();
  recipe.train.max_frames = recipe.train.batch;
  recipe.loss.nuclear.penalty = SpectralPenalty::kTruncated;
  recipe.loss.nuclear.rank = recipe.train.batch - 1;
  EXPECT_TRUE(problems_of(recipe).empty());
}

TEST(Validation, AcceptsEveryKindOfRange) {
  for (const char* range :
       {"", "roi", "1:1", "3:", ":9", ":", "470:1700", "2s:10s", "0:01:30-0:02:00"}) {
    Recipe recipe = sound();
    recipe.input.range = range;
    EXPECT_TRUE(problems_of(recipe).empty()) << range;
  }
}

TEST(Validation, ReportsAllProblemsAtOnce) {
  Recipe recipe = sound();
  recipe.model.unet.pixel_unshuffle = 3;
  recipe.train.batch = 0;
  recipe.device = std::string("tpu");
  EXPECT_EQ(problems_of(recipe).size(), 3u);
  try {
    validate(recipe);
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_NE(std::string(error.what()).find("3 problems"), std::string::npos);
  }
}

}  // namespace
}  // namespace proxseg
