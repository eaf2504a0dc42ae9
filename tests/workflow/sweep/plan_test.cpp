#include "proxseg/workflow/sweep/plan.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "proxseg/core/file.h"
#include "proxseg/recipe/fields.h"
#include "proxseg/recipe/model.h"
#include "support/expect_error.h"
#include "support/scene_files.h"
#include "support/sequence_files.h"

namespace proxseg {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class Plan : public testing::Test {
 protected:
  // inputs: JSON; rest: of the file, after inputs.
  SweepPlan plan(const std::string& inputs, const std::string& rest,
                 const std::vector<Override>& overrides = {}) const {
    save_text(folder_ / "s.json", fmt::format("{{\"inputs\": [{}],\n{}}}", inputs, rest));
    return plan_sweep((folder_ / "s.json").string(), overrides);
  }

  std::string quoted(const std::string& name) const {
    return fmt::format("\"{}\"", (folder_ / name).string());
  }

  void make_sequence(const std::string& name, int frames = 2) const {
    for (int i = 1; i <= frames; ++i) {
      save(folder_ / name / fmt::format("f{}.png", i), gray_image(i));
    }
  }

  void make_network(const std::string& name) const {
    Recipe recipe;
    recipe.model.unet.channels = 2;
    save_model(folder_ / name, Model(recipe, 1));
  }

  static std::vector<std::string> ids_of(const SweepPlan& plan) {
    std::vector<std::string> ids;
    for (const PlannedTrial& trial : plan.trials) ids.push_back(trial.id);
    return ids;
  }

  const TemporaryFolder folder_;
};

TEST_F(Plan, EveryPointMeetsEverySequence) {
  make_sequence("a");
  make_sequence("b");
  save(folder_ / "b/groundtruth/gt000001.png", gray_image(0));
  const SweepPlan sweep = plan(
      quoted("[ab]"), R"("base": "fast", "set": {"train.steps": 9}, "grid": {"seed": [4, 5]})");
  ASSERT_EQ(sweep.trials.size(), 4U);
  const PlannedTrial& trial = sweep.trials[1];
  EXPECT_EQ(trial.sequence.name, "b");
  EXPECT_EQ(trial.sequence.path, (folder_ / "b").string());
  EXPECT_TRUE(trial.has_ground_truth);
  EXPECT_FALSE(sweep.trials[0].has_ground_truth);
  EXPECT_EQ(trial.recipe.recipe.seed, 4U);
  EXPECT_EQ(trial.recipe.recipe.train.steps, 9);
  EXPECT_EQ(trial.recipe.recipe.model.unet.pixel_unshuffle, 4);
  EXPECT_EQ(trial.recipe.origins.at("seed"), (folder_ / "s.json").string() + ":2");
  EXPECT_THAT(trial.recipe.origins.at("model.pixel_unshuffle"), HasSubstr("fast.json"));
  // Equal but for seed and sequence.
  EXPECT_EQ(sweep.trials[0].configuration, sweep.trials[3].configuration);
  const auto ids = ids_of(sweep);
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), 4U);
}

TEST_F(Plan, IdsDependOnTheResolvedRecipeAndTheSequenceAlone) {
  make_sequence("a");
  const auto ids = ids_of(plan(quoted("a"), R"("grid": {"seed": [1, 2]})"));
  EXPECT_EQ(ids[0].size(), 12U);
  EXPECT_EQ(ids_of(plan(quoted("a"), R"("list": [{"seed": 1}, {"seed": 2}])")), ids);
  save_text(folder_ / "r.json", R"({"seed": 1, "description": "another word for the same"})");
  EXPECT_EQ(
      ids_of(plan(quoted("./a"), fmt::format(R"("base": {}, "grid": {{}})", quoted("r.json")))),
      std::vector<std::string>{ids[0]});
  make_sequence("a", 3);
  EXPECT_NE(ids_of(plan(quoted("a"), R"("grid": {"seed": [1, 2]})"))[0], ids[0]);
}

TEST_F(Plan, OverridesWinOverWhatTheFileFixesButNotOverWhatItSearches) {
  make_sequence("a");
  const SweepPlan sweep = plan(quoted("a"), R"("set": {"precision": "bf16"}, "grid": {})",
                               {{"precision=fp32", "--precision"}});
  EXPECT_EQ(sweep.trials.at(0).recipe.recipe.precision, Precision::kFloat32);
  EXPECT_EQ(sweep.trials.at(0).recipe.origins.at("precision"), "--precision");
  expect_error(ExitCode::kConfig,
               {"s.json:2: precision is searched, which --precision cannot change"}, [&] {
                 plan(quoted("a"), R"("grid": {"precision": ["fp32", "bf16"]})",
                      {{"precision=fp32", "--precision"}});
               });
}

// Another call on the same sweep may give others.
TEST_F(Plan, TrialsSayWhatIsOverridden) {
  make_sequence("a");
  const SweepPlan sweep =
      plan(quoted("a"), R"("grid": {"seed": [1]})", {{"train.init=generic", "--model"}});
  std::vector<std::string> settings;
  for (const Assignment& given : sweep.trials.at(0).point) {
    settings.push_back(given.field->key + "=" + to_text(given.value));
  }
  EXPECT_THAT(settings, testing::ElementsAre("seed=1", "train.init=generic"));
}

TEST_F(Plan, WhatCannotBeStartedFromIsRefusedAtOnce) {
  make_sequence("a");
  save_text(folder_ / "net", "no network");
  const std::string net = (folder_ / "net").string();
  for (const std::string& init : {std::string("nosuch"), net}) {
    expect_error(ExitCode::kConfig, {"--model: train.init: ", init}, [&] {
      plan(quoted("a"), R"("grid": {"seed": [1, 2]})", {{"train.init=" + init, "--model"}});
    });
  }
  expect_error(ExitCode::kConfig, {"s.json:2: train.init: ", net}, [&] {
    plan(quoted("a"), R"("set": {"train.init": "net"}, "grid": {"seed": [1, 2]})");
  });
}

TEST_F(Plan, AnOverrideThatIsWrongIsNoFaultOfTheFile) {
  make_sequence("a");
  try {
    plan(quoted("a"), R"("grid": {})", {{"precision=fp3", "--precision"}});
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_THAT(error.what(), HasSubstr("--precision: expected one of"));
    EXPECT_THAT(error.what(), testing::Not(HasSubstr("s.json")));
  }
}

TEST_F(Plan, EveryPointOfAListSaysTheFieldsThatAnyOfThemSets) {
  make_sequence("a");
  const SweepPlan sweep =
      plan(quoted("a"), R"("base": "fast", "list": [{}, {"train.steps": 9}, {"train.batch": 3}])");
  std::vector<std::string> steps;
  for (const PlannedTrial& trial : sweep.trials) {
    const auto given = std::ranges::find_if(
        trial.point, [](const Assignment& one) { return one.field->key == "train.steps"; });
    ASSERT_NE(given, trial.point.end());
    steps.push_back(to_text(given->value));
    EXPECT_EQ(trial.point.size(), 2U);
  }
  const std::string base = to_text(find_field("train.steps")->get(load_recipe("fast")));
  EXPECT_THAT(steps, testing::ElementsAre(base, "9", base));
}

TEST_F(Plan, TrialsTakeTheShapeOfTheNetworkThatTheyStartFrom) {
  make_sequence("a");
  const SweepPlan sweep = plan(quoted("a"), R"("base": "fast", "grid": {"seed": [1, 2]})",
                               {{"train.init=generic", "--model"}});
  ASSERT_EQ(sweep.trials.size(), 2U);
  for (const PlannedTrial& trial : sweep.trials) {
    EXPECT_EQ(trial.recipe.recipe.model.unet.pixel_unshuffle, 2);
    EXPECT_EQ(trial.recipe.origins.at("model.pixel_unshuffle"), "train.init");
  }
}

TEST_F(Plan, AShapeThatDoesNotFitIsRefusedWithWhatToWrite) {
  make_sequence("a");
  expect_error(ExitCode::kConfig,
               {"s.json:2: model.pixel_unshuffle is 4, but 2 in the network 'generic'",
                R"(say "model.pixel_unshuffle": 2 in "set")"},
               [&] {
                 plan(quoted("a"), R"("list": [{}, {"model.pixel_unshuffle": 4}])",
                      {{"train.init=generic", "--model"}});
               });
}

TEST_F(Plan, ProblemsComeInTheOrderOfTheLines) {
  make_sequence("a");
  try {
    plan(quoted("none"), "\"set\": {\n\"train.steps\": 0},\n\"grid\": {\"sede\": [1]}");
    FAIL();
  } catch (const ConfigError& error) {
    const std::string text = error.what();
    EXPECT_LT(text.find("s.json:1: inputs"), text.find("s.json:3: "));
    EXPECT_LT(text.find("s.json:3: "), text.find("s.json:4: "));
  }
}

TEST_F(Plan, InputsAndBaseAreRelativeToTheFile) {
  make_sequence("a");
  save_text(folder_ / "r.json", R"({"seed": 9})");
  const SweepPlan sweep = plan(R"("a", "./a/../[a]")", R"("base": "./r.json", "grid": {})");
  ASSERT_EQ(sweep.trials.size(), 1U);
  EXPECT_EQ(sweep.trials[0].sequence.path, (folder_ / "a").string());
  EXPECT_EQ(sweep.trials[0].recipe.recipe.seed, 9U);
  expect_error(ExitCode::kInput, {"inputs: ", (folder_ / "tests").string()},
               [&] { plan(R"("tests")", R"("grid": {})"); });
}

TEST_F(Plan, EqualTrialsAreOne) {
  make_sequence("a");
  EXPECT_EQ(plan(quoted("a") + ", " + quoted("./a"), R"("grid": {"seed": [1, 1]})").trials.size(),
            1U);
}

TEST_F(Plan, ImagesThatAGlobMatchesAreOneSequence) {
  make_sequence("a");
  const SweepPlan sweep = plan(quoted("a/*.png"), R"("grid": {})");
  ASSERT_EQ(sweep.trials.size(), 1U);
  EXPECT_EQ(sweep.trials[0].sequence.name, "a");
}

TEST_F(Plan, ATreeIsManySequencesAndLikeNamesBecomePaths) {
  make_sequence("x/one/input");
  make_sequence("x/two/input");
  make_sequence("y/one/input");
  const SweepPlan sweep = plan(quoted("x") + ", " + quoted("y"), R"("grid": {})");
  ASSERT_EQ(sweep.trials.size(), 3U);
  EXPECT_EQ("/" + sweep.trials[0].sequence.name, (folder_ / "x/one").string());
  EXPECT_EQ(sweep.trials[1].sequence.name, "two");
}

TEST_F(Plan, HalvingStartsAtItsFirstRung) {
  make_sequence("a");
  const SweepPlan sweep =
      plan(quoted("a"),
           R"("halving": {"trials": 3, "steps": 7, "mask.threshold": {"uniform": [0.2, 0.8]}})");
  ASSERT_EQ(sweep.trials.size(), 3U);
  EXPECT_EQ(sweep.trials[0].recipe.recipe.train.steps, 7);
  EXPECT_EQ(sweep.halving, (Halving{7, 2}));
}

TEST_F(Plan, SeedsRepeatEveryConfiguration) {
  make_sequence("a");
  const SweepPlan sweep = plan(quoted("a"), R"("seeds": [3, 4], "grid": {"train.batch": [8, 9]})");
  ASSERT_EQ(sweep.trials.size(), 4U);
  EXPECT_EQ(sweep.trials[0].configuration, sweep.trials[1].configuration);
  EXPECT_NE(sweep.trials[0].configuration, sweep.trials[2].configuration);
  EXPECT_EQ(sweep.trials[1].recipe.recipe.seed, 4U);
  EXPECT_EQ(sweep.trials[1].point.back().field->key, "seed");
}

TEST_F(Plan, PathsInFieldsAreRelativeToTheFile) {
  make_sequence("a");
  save(folder_ / "b.png", gray_image(1));
  make_network("net");
  const std::string init =
      fmt::format("../{}/net", folder_.string().substr(1 + folder_.string().rfind('/')));
  const SweepPlan sweep =
      plan(quoted("a"),
           fmt::format(R"("set": {{"background.method": "file", "background.file": "b.png"}},
                           "grid": {{"train.init": ["none", "{}"], "input.roi": ["1,2,3,4,5,6"]}})",
                       init));
  ASSERT_EQ(sweep.trials.size(), 2U);
  const Recipe& recipe = sweep.trials[1].recipe.recipe;
  EXPECT_EQ(recipe.background.file, (folder_ / "b.png").string());
  EXPECT_EQ(recipe.train.init, (folder_ / "net").string());
  EXPECT_EQ(recipe.input.roi, "1,2,3,4,5,6");
  EXPECT_EQ(sweep.trials[0].recipe.recipe.train.init, "none");
}

TEST_F(Plan, PathsThatASearchDrawsAreRelativeToTheFile) {
  make_sequence("a");
  for (const std::string name : {"x/y", "x/z"}) make_network(name);
  for (const std::string search : {"random", "tpe"}) {
    const SweepPlan sweep = plan(
        quoted("a"), fmt::format(R"("{}": {{"trials": 6, "train.init": {{"choice": ["x/y", "x/z"]}},
                                 "loss.l1.weight": {{"log_uniform": [0.1, 1]}}}})",
                                 search));
    ASSERT_FALSE(sweep.trials.empty());
    for (const PlannedTrial& trial : sweep.trials) {
      EXPECT_THAT(trial.recipe.recipe.train.init, testing::StartsWith(folder_ / "x/")) << search;
    }
    EXPECT_THAT(sweep.log_fields, testing::ElementsAre("loss.l1.weight"));
  }
}

TEST_F(Plan, FilesThatFieldsNameMustBeThere) {
  make_sequence("a");
  expect_error(ExitCode::kConfig,
               {"s.json:2: background.file: there is no '" + (folder_ / "b.png").string(),
                "s.json:3: train.init: there is no '" + (folder_ / "x").string()},
               [&] {
                 plan(quoted("a"),
                      R"("set": {"background.method": "file", "background.file": "b.png"},
                                      "list": [{}, {"train.init": "x"}, {"train.init": "generic"}])");
               });
}

TEST_F(Plan, ASearchThatLearnsSaysHowManyTrialsThereMayBe) {
  make_sequence("a");
  make_sequence("b");
  const std::string tpe = R"("tpe": {"trials": 20, "loss.l1.weight": {"log_uniform": [0.1, 1]}})";
  EXPECT_EQ(plan(quoted("a"), tpe).most_trials, 20);
  EXPECT_EQ(plan(quoted("[ab]"), R"("seeds": [1, 2, 3], )" + tpe).most_trials, 120);
  EXPECT_EQ(plan(quoted("a"), R"("grid": {"seed": [1, 2, 3]})").most_trials, 3);
}

TEST_F(Plan, AnEarlierSweepMustBeThere) {
  make_sequence("a");
  expect_error(ExitCode::kConfig, {"s.json:2: tpe.earlier", "runs", "holds no sweep"}, [&] {
    plan(quoted("a"),
         R"("tpe": {"trials": 3, "earlier": ["runs"], "train.batch": {"integer": [3, 9]}})");
  });
}

TEST_F(Plan, RulesBetweenFieldsAreRefusedOnceWithTheirPlace) {
  make_sequence("a");
  const std::string at = (folder_ / "s.json").string();
  try {
    plan(quoted("a"), "\"grid\": {\"seed\": [1, 2],\n\"model.pixel_unshuffle\": [2, 3]}");
    FAIL() << "was accepted";
  } catch (const ConfigError& error) {
    EXPECT_EQ(std::string(error.what()),
              fmt::format("{}:3: model.pixel_unshuffle = 3: must be 1, 2 or 4", at));
  }
}

TEST_F(Plan, ProblemsOfFileBaseAndInputsAreListedTogether) {
  expect_error(ExitCode::kConfig,
               {"3 problems in the sweep", "s.json:2: base: no built-in recipe \"fasst\"",
                "did you mean fast?", "s.json:3: grid: \"sede\": unknown key; did you mean seed?",
                "s.json:1: inputs: cannot read '", "nowhere"},
               [&] { plan(quoted("nowhere"), "\"base\": \"fasst\",\n\"grid\": {\"sede\": [1]}"); });
}

TEST_F(Plan, InputsAloneAreAFaultOfTheInput) {
  make_sequence("a");
  expect_error(ExitCode::kInput, {"2 problems", "matches '", "none*", "inputs: cannot read"},
               [&] { plan(quoted("none*") + ", " + quoted("gone"), R"("grid": {})"); });
}

TEST_F(Plan, GroundTruthThatCannotBeUsedIsFoundBeforeAnyTraining) {
  make_sequence("a");
  fs::create_directories(folder_ / "a/groundtruth");
  expect_error(ExitCode::kInput, {"s.json:1: inputs: no ground truth", (folder_ / "a").string()},
               [&] { plan(quoted("a"), R"("grid": {})"); });
}

TEST_F(Plan, HalvingRefusesASecondPhase) {
  make_sequence("a");
  expect_error(ExitCode::kConfig, {"train.alternating_steps: halving needs a base with 0"}, [&] {
    plan(quoted("a"), R"("base": "sakai2021", "halving": {"trials": 3, "steps": 7})");
  });
}

// What the manual shows can be read.
TEST(SweepExamples, OfTheManualAndOfConfigsAreSound) {
  const fs::path root = PROXSEG_SOURCE_DIR;
  const auto example = read_sweep_file((root / "configs/sweep-example.json").string());
  EXPECT_THAT(example.problems, testing::IsEmpty());
  const std::string manual = read_file(root / "docs/sweeps.md");
  const TemporaryFolder folder;
  int examples = 0;
  for (size_t at = manual.find("```json\n"); at != std::string::npos;
       at = manual.find("```json\n", at + 1)) {
    const size_t begin = at + 8;
    save_text(folder / "s.json", manual.substr(begin, manual.find("```", begin) - begin));
    const auto reading = read_sweep_file((folder / "s.json").string());
    EXPECT_THAT(reading.problems, testing::IsEmpty());
    ++examples;
  }
  EXPECT_EQ(examples, 5);
}

}  // namespace
}  // namespace proxseg
