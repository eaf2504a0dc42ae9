// What a sweep file may say, and everything that it may get wrong with what the message must say.
#include "proxseg/workflow/sweep/sweep_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>

#include <ostream>

#include "proxseg/core/file.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace proxseg {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SweepFiles : public testing::Test {
 protected:
  SweepReading read(const std::string& text) const {
    write_file_atomically(path_, text);
    return read_sweep_file(path_.string());
  }

  const TemporaryFolder folder_;
  const std::filesystem::path path_ = folder_ / "s.json";
};

TEST_F(SweepFiles, FieldsAreNestedOrDotted) {
  const auto nested = read(R"({
    // comments are welcome
    "base": "fast", "inputs": ["a", "b/*"],
    "set": {"train": {"steps": 20}},
    "grid": {"loss": {"l1": {"weight": [0.1, 1]}}, "seed": [1, 2]}
  })");
  EXPECT_THAT(nested.problems, IsEmpty());
  EXPECT_EQ(nested.file.base.text, "fast");
  ASSERT_EQ(nested.file.inputs.size(), 2U);
  EXPECT_EQ(nested.file.inputs[1].text, "b/*");
  EXPECT_EQ(nested.file.inputs[1].origin, path_.string() + ":3");
  ASSERT_EQ(nested.file.set.size(), 1U);
  EXPECT_EQ(nested.file.set[0].field->key, "train.steps");
  const auto& axes = std::get<Grid>(nested.file.search).axes;
  ASSERT_EQ(axes.size(), 2U);
  EXPECT_EQ(axes[0].field->key, "loss.l1.weight");
  EXPECT_THAT(axes[0].values, ElementsAre(FieldValue(0.1), FieldValue(1.0)));

  const auto dotted = read(R"({"inputs": ["a"], "grid": {"loss.l1.weight": [0.1, 1]}})");
  EXPECT_THAT(dotted.problems, IsEmpty());
  EXPECT_EQ(dotted.file.base.text, "default");
  EXPECT_EQ(std::get<Grid>(dotted.file.search).axes[0].field->key, "loss.l1.weight");
}

TEST_F(SweepFiles, AListHoldsPoints) {
  const auto reading =
      read(R"({"inputs": ["a"], "list": [{"seed": 3, "model.norm": "none"}, {}]})");
  EXPECT_THAT(reading.problems, IsEmpty());
  const auto& points = std::get<std::vector<Point>>(reading.file.search);
  ASSERT_EQ(points.size(), 2U);
  ASSERT_EQ(points[0].size(), 2U);
  EXPECT_EQ(points[0][1].value, FieldValue(std::string("none")));
  EXPECT_THAT(points[1], IsEmpty());
}

TEST_F(SweepFiles, ARandomSearchHasDistributions) {
  const auto reading = read(R"({"inputs": ["a"], "random": {"trials": 9, "seed": 5,
    "train.learning_rate": {"log_uniform": [1e-4, 0.1]}, "model.channels": {"integer": [4, 8]},
    "loss": {"l1": {"weight": {"uniform": [0, 1]}}}, "model.norm": {"choice": ["batch", "none"]}}})");
  EXPECT_THAT(reading.problems, IsEmpty());
  const auto& search = std::get<RandomSearch>(reading.file.search);
  EXPECT_EQ(search.trials, 9);
  EXPECT_EQ(search.seed, 5U);
  ASSERT_EQ(search.distributions.size(), 4U);
  EXPECT_EQ(search.distributions[0].kind, Distribution::Kind::kLogUniform);
  EXPECT_EQ(search.distributions[0].high, 0.1);
  EXPECT_EQ(search.distributions[2].field->key, "loss.l1.weight");
  EXPECT_EQ(search.distributions[3].choices.size(), 2U);
  EXPECT_FALSE(reading.file.halving.has_value());
}

TEST_F(SweepFiles, TheRecipesSeedMayBeDrawnToo) {
  const auto reading =
      read(R"({"inputs": ["a"], "random": {"trials": 2, "seed": {"choice": [1, 2]}}})");
  EXPECT_THAT(reading.problems, IsEmpty());
  EXPECT_EQ(std::get<RandomSearch>(reading.file.search).distributions[0].field->key, "seed");
}

TEST_F(SweepFiles, HalvingAddsRungs) {
  const auto reading = read(R"({"inputs": ["a"], "halving": {"trials": 9, "steps": 10, "factor": 3,
    "mask.threshold": {"uniform": [0.2, 0.8]}}})");
  EXPECT_THAT(reading.problems, IsEmpty());
  EXPECT_EQ(reading.file.halving, (Halving{10, 3}));
}

TEST_F(SweepFiles, EveryProblemIsListed) {
  const auto reading = read(
      "{\"bse\": 1,\n\"inputs\": [1],\n\"grid\": {\n\"sede\": [1],\n"
      "\"train.batch\": [0, 4, \"x\"]}}");
  const std::string at = path_.string();
  EXPECT_THAT(reading.problems,
              ElementsAre(at + ":1: \"bse\": unknown key; did you mean base?",
                          at + ":2: inputs[0]: expected a path, found 1",
                          at + ":4: grid: \"sede\": unknown key; did you mean seed?",
                          HasSubstr(":5: grid.train.batch[0]: expected an integer in [1, 4096]"),
                          HasSubstr(":5: grid.train.batch[2]: expected an integer in [1, 4096]")));
}

TEST_F(SweepFiles, AMissingFileIsRefused) {
  expect_error(ExitCode::kConfig, {"none.json", "cannot read"},
               [] { read_sweep_file("none.json"); });
  expect_error(ExitCode::kConfig, {"fast", "cannot read"}, [] { read_sweep_file("fast"); });
}

struct BadSweep {
  const char* name;
  std::string text;
  std::string message;  // after "FILE:"
};

void PrintTo(const BadSweep& bad, std::ostream* stream) { *stream << bad.name; }

class BadSweeps : public SweepFiles, public testing::WithParamInterface<BadSweep> {};

TEST_P(BadSweeps, AreRefusedWithPlaceAndReason) {
  const auto reading = read(GetParam().text);
  EXPECT_THAT(reading.problems,
              testing::Contains(testing::StartsWith(path_.string() + ":" + GetParam().message)));
}

// With what else a sweep needs, on line 1.
std::string with(const std::string& search) { return "{\"inputs\": [\"a\"],\n" + search + "}"; }

INSTANTIATE_TEST_SUITE_P(
    , BadSweeps,
    testing::Values(
        BadSweep{"Syntax", "{\"inputs\": [\"a\",\n]}", "2: syntax error"},
        BadSweep{"NoObject", "[]", "1: a sweep file is an object: expected '{'"},
        BadSweep{"NoSearch", "{\"inputs\": [\"a\"]}",
                 " one of grid, list, random, tpe and halving is missing"},
        BadSweep{"NoInputs", "{\"grid\": {}}", " inputs is missing"},
        BadSweep{"EmptyInputs", "{\"inputs\": [], \"grid\": {}}", "1: inputs: no path"},
        BadSweep{"InputsAsText", "{\"inputs\": \"a\", \"grid\": {}}",
                 "1: inputs: expected an array of paths, found \"a\""},
        BadSweep{"BaseAsNumber", with("\"grid\": {},\n\"base\": 1"),
                 "3: base: expected the name or path of a recipe, found 1"},
        BadSweep{"TwoSearches", with("\"grid\": {},\n\"list\": [{\"no\": 1}]"),
                 "3: list: grid is there already; a sweep has one of grid, list, random, tpe and"},
        BadSweep{"UnknownTopKey", with("\"grids\": {}"), "2: \"grids\": unknown key; did you mean"},
        BadSweep{"NothingNear", with("\"xyzzy\": {}"),
                 "2: \"xyzzy\": unknown key; known are base,"},
        BadSweep{"UnknownField", with("\"grid\": {\n\"train.stps\": [1]}"),
                 "3: grid: \"train.stps\": unknown key; did you mean train.steps?"},
        BadSweep{"UnknownNestedField", with("\"grid\": {\"train\":\n{\"stps\": [1]}}"),
                 "3: grid: \"train.stps\": unknown key; did you mean train.steps?"},
        BadSweep{"UnknownFieldInSet", with("\"grid\": {}, \"set\":\n{\"sede\": 1}"),
                 "3: set: \"sede\": unknown key; did you mean seed?"},
        BadSweep{"UnknownFieldInTheList", with("\"list\": [{},\n{\"sede\": 1}]"),
                 "3: list[1]: \"sede\": unknown key; did you mean seed?"},
        BadSweep{"DuplicateField", with("\"grid\": {\"seed\": [1],\n\"seed\": [2]}"),
                 "3: \"grid.seed\": duplicate key, first given on line 2"},
        BadSweep{"NestedAndDotted",
                 with("\"grid\": {\"train.steps\": [1],\n\"train\": {\"steps\": [2]}}"),
                 "3: \"grid.train.steps\": duplicate key, first given on line 2"},
        BadSweep{"SectionAsNumber", with("\"grid\": {\"infer\": [1]}"),
                 "2: grid.infer: expected an object with any of engine, batch, found an array"},
        BadSweep{"AxisWithoutArray", with("\"grid\": {\"seed\": 1}"),
                 "2: grid.seed: expected an array of values, found 1"},
        BadSweep{"AxisWithoutValue", with("\"grid\": {\"seed\": []}"), "2: grid.seed: no value"},
        BadSweep{"ValueOutOfRange", with("\"grid\": {\"mask.threshold\": [0.5,\n1.5]}"),
                 "3: grid.mask.threshold[1]: expected a number in [0, 1), found 1.5"},
        BadSweep{"ValueOfAnotherType", with("\"set\": {\"seed\": \"x\"}, \"grid\": {}"),
                 "2: set.seed: expected an integer in [0, "},
        BadSweep{"UnknownChoice", with("\"list\": [{\"model.norm\": \"bacth\"}]"),
                 "2: list[0].model.norm: expected one of batch, group, none, found \"bacth\"; did "
                 "you mean batch?"},
        BadSweep{"PointAsNumber", with("\"list\": [3]"),
                 "2: list[0]: expected an object of fields and their values, found 3"},
        BadSweep{"EmptyList", with("\"list\": []"), " list: no trial"},
        BadSweep{"SetAndSearched", with("\"set\": {\"seed\": 1},\n\"grid\": {\"seed\": [1]}"),
                 "3: grid: seed is in set already, on line 2"},
        BadSweep{"TooManyTrials",
                 with(fmt::format("\"random\": {{\"trials\": {}}}", kMaxPoints + 1)),
                 " random: more than 100000 trials"},
        BadSweep{"NoTrials", with("\"random\": {\"seed\": 1}"), "2: random: trials is missing"},
        BadSweep{"TrialsAsText", with("\"random\": {\"trials\": \"x\"}"),
                 "2: random.trials: expected an integer >= 1, found \"x\""},
        BadSweep{"StepsOfARandomSearch", with("\"random\": {\"trials\": 1, \"steps\": 3}"),
                 "2: random: \"steps\": unknown key; did you mean train.steps?"},
        BadSweep{"MisspeltTrials", with("\"random\": {\"trails\": 3}"),
                 "2: random: \"trails\": unknown key; did you mean trials?"},
        BadSweep{"MisspeltFactor", with("\"halving\": {\"trials\": 4, \"fctor\": 2}"),
                 "2: halving: \"fctor\": unknown key; did you mean factor?"},
        BadSweep{"MisspeltDistribution",
                 with("\"random\": {\"trials\": 1, \"seed\": {\"choise\": [1]}}"),
                 "2: random.seed: unknown distribution \"choise\"; did you mean choice?"},
        BadSweep{"NoRung", with("\"halving\": {\"trials\": 4}"), "2: halving: steps is missing"},
        BadSweep{"FactorOfOne", with("\"halving\": {\"trials\": 4, \"steps\": 1, \"factor\": 1}"),
                 "2: halving.factor: expected an integer >= 2, found 1"},
        BadSweep{"StepsUnderHalving",
                 with("\"halving\": {\"trials\": 4, \"steps\": 1},\n\"set\": {\"train.steps\": 9}"),
                 "3: set.train.steps: halving itself sets the steps"},
        BadSweep{"ValueForADistribution", with("\"random\": {\"trials\": 1, \"train.batch\": 3}"),
                 "2: random.train.batch: expected an object with one of log_uniform, uniform, "
                 "integer, choice, found 3"},
        BadSweep{"UnknownDistribution",
                 with("\"random\": {\"trials\": 1, \"mask.threshold\": {\"normal\": [0, 1]}}"),
                 "2: random.mask.threshold: unknown distribution \"normal\"; expected"},
        BadSweep{"TwoDistributions",
                 with("\"random\": {\"trials\": 1, \"seed\": {\"choice\": [1], \"integer\": [1, "
                      "2]}}"),
                 "2: random.seed: expected an object with one of log_uniform, uniform, integer, "
                 "choice, found more"},
        BadSweep{"OneBound", with("\"random\": {\"trials\": 1, \"seed\": {\"integer\": [1]}}"),
                 "2: random.seed.integer: expected [LOW, HIGH]"},
        BadSweep{"BoundsTheOtherWay",
                 with("\"random\": {\"trials\": 1, \"seed\": {\"integer\": [2, 1]}}"),
                 "2: random.seed.integer: expected [LOW, HIGH]"},
        BadSweep{"BoundOutOfRange",
                 with("\"random\": {\"trials\": 1, \"mask.threshold\": {\"uniform\": [0, 1]}}"),
                 "2: random.mask.threshold.uniform[1]: expected a number in [0, 1), found 1"},
        BadSweep{"LogarithmOfZero",
                 with("\"random\": {\"trials\": 1, \"loss.tv.weight\": {\"log_uniform\": [0, 1]}}"),
                 "2: random.loss.tv.weight.log_uniform: the lower bound must be > 0"},
        BadSweep{"UniformInteger",
                 with("\"random\": {\"trials\": 1, \"seed\": {\"uniform\": [1, 2]}}"),
                 "2: random.seed.uniform: does not fit seed, which is an integer in [0, "},
        BadSweep{"IntegersOfAText",
                 with("\"random\": {\"trials\": 1, \"device\": {\"integer\": [1, 2]}}"),
                 "2: random.device.integer: does not fit device, which is UTF-8 text"}),
    [](const auto& test) { return test.param.name; });

TEST_F(SweepFiles, SeedsBudgetAndPruningStandBesideTheSearch) {
  const auto reading = read(R"({"inputs": ["a"], "seeds": [1, 2], "budget": "1h30m",
    "prune": {"every": 25}, "grid": {"train.batch": [4]}})");
  EXPECT_THAT(reading.problems, IsEmpty());
  ASSERT_EQ(reading.file.seeds.size(), 2U);
  EXPECT_EQ(reading.file.seeds[1].value, FieldValue(int64_t{2}));
  EXPECT_EQ(reading.file.budget, 5400.0);
  EXPECT_EQ(reading.file.pruning, (Pruning{25, 4}));
}

TEST_F(SweepFiles, TpeHasDistributionsConditionsAndEarlierSweeps) {
  const auto reading = read(R"({"inputs": ["a"], "tpe": {"trials": 20, "seed": 7,
    "earlier": ["runs/one"],
    "loss.l1.on": {"choice": ["mask", "foreground"]},
    "loss.tv.weight": {"uniform": [0, 1], "if": {"loss.l1.on": "mask"}}}})");
  EXPECT_THAT(reading.problems, IsEmpty());
  const auto& tpe = std::get<TpeSearch>(reading.file.search);
  EXPECT_EQ(tpe.space.trials, 20);
  EXPECT_EQ(tpe.space.seed, 7U);
  ASSERT_EQ(tpe.earlier.size(), 1U);
  ASSERT_EQ(tpe.space.distributions.size(), 2U);
  const auto& condition = tpe.space.distributions[1].condition;
  ASSERT_TRUE(condition);
  EXPECT_EQ(condition->field->key, "loss.l1.on");
  EXPECT_THAT(condition->values, ElementsAre(FieldValue(std::string("mask"))));
}

TEST_F(SweepFiles, WhatIsWrongWithThemIsSaid) {
  const auto problems = [&](const std::string& rest) {
    return fmt::format("{}", fmt::join(read(R"({"inputs": ["a"], )" + rest + "}").problems, "\n"));
  };
  EXPECT_THAT(problems(R"("budget": "2 hours", "grid": {})"), HasSubstr("a duration such as"));
  EXPECT_THAT(problems(R"("budget": 7200, "grid": {})"), HasSubstr("a duration such as"));
  EXPECT_THAT(problems(R"("prune": {"evry": 5}, "grid": {})"), HasSubstr("did you mean every?"));
  EXPECT_THAT(problems(R"("prune": {}, "grid": {})"), HasSubstr("prune: every is missing"));
  EXPECT_THAT(problems(R"("prune": {"every": 5}, "halving": {"trials": 3, "steps": 9})"),
              HasSubstr("halving itself gives trials up"));
  EXPECT_THAT(problems(R"("seeds": [1, 2], "grid": {"seed": [3]})"),
              HasSubstr("seed is in seeds already"));
  EXPECT_THAT(problems(R"("seeds": [], "grid": {})"), HasSubstr("seeds: no value"));
  EXPECT_THAT(problems(R"("tpe": {"trials": 4})"), HasSubstr("a field to search is missing"));
  EXPECT_THAT(problems(R"("tpe": {"trials": 4, "earlir": ["x"]})"),
              HasSubstr("did you mean earlier?"));
  EXPECT_THAT(problems(R"("random": {"trials": 4, "loss.tv.weight":
                {"uniform": [0, 1], "if": {"loss.l1.on": "mask"}}})"),
              HasSubstr("is no field that this search draws before"));
  EXPECT_THAT(problems(R"("random": {"trials": 4, "loss.l1.on": {"choice": ["mask"]},
                "loss.tv.weight": {"uniform": [0, 1], "if": {"loss.l1.on": "msk"}}})"),
              HasSubstr("did you mean mask?"));
  EXPECT_THAT(problems(R"("random": {"trials": 4, "loss.tv.weight":
                {"unifrm": [0, 1], "if": {"loss.l1.no": "mask"}}})"),
              testing::AllOf(HasSubstr("unifrm"), HasSubstr("loss.l1.no")));
  EXPECT_THAT(problems(R"("random": {"trials": 4, "loss.tv.weight": {"if": {}}})"),
              HasSubstr("expected"));
}

}  // namespace
}  // namespace proxseg
