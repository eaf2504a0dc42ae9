// Everything that a recipe file or --set may get wrong, with what the message must say.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "recipe/recipe_files.h"

namespace proxseg {
namespace {

using namespace std::string_literals;

struct BadFile {
  const char* name;
  std::string text;
  std::string message;  // after "FILE"
};

class BadFiles : public RecipeFiles, public testing::WithParamInterface<BadFile> {};

TEST_P(BadFiles, AreRefusedWithPlaceKeyAndExpectation) {
  const std::string path = write("x.json", GetParam().text);
  const std::string text = refusal(path);
  EXPECT_NE(text.find(path + GetParam().message), std::string::npos) << text;
}

INSTANTIATE_TEST_SUITE_P(
    , BadFiles,
    testing::Values(
        BadFile{"UnknownKey", "{\n\"model\": {\n\"chanels\": 3}}",
                ":3: \"model.chanels\": unknown key; did you mean model.channels?"},
        BadFile{"SwappedLetters", R"({"sede": 3})",
                ":1: \"sede\": unknown key; did you mean seed?"},
        BadFile{"UnknownSection", "{\n\n\"modle\": {\"channels\": 3}}",
                ":3: \"modle\": unknown key; did you mean model?"},
        BadFile{"RightKeyInTheWrongPlace", R"({"learning_rate": 1})",
                ":1: \"learning_rate\": unknown key; did you mean train.learning_rate?"},
        BadFile{"KeyNearNothing", R"({"mask": {"xyzzy": 1}})",
                ":1: \"mask.xyzzy\": unknown key; known are threshold, weak, median, "
                "remove_shadows, min_area"},
        BadFile{"DerivedChannels", R"({"model": {"in_channels": 1}})",
                ":1: \"model.in_channels\": unknown key"},
        BadFile{"EmptyKey", R"({"": {"a": 1}})", ":1: \"\": unknown key; known are description"},
        BadFile{"EscapeInKey", R"({"\u001b[31m": 1})", ":1: \"\\u001b[31m\": unknown key"},
        BadFile{"DottedKey", "{\n\"train.steps\": 3}", ":2: \"train.steps\": dots belong to --set"},
        BadFile{"DuplicateKey", "{\"seed\": 1,\n\"seed\": 2}",
                ":2: \"seed\": duplicate key, first given on line 1"},
        BadFile{"DuplicateSection", "{\"mask\": {},\n\"mask\": {}}",
                ":2: \"mask\": duplicate key, first given on line 1"},
        BadFile{"TextForInteger", "{\"train\": {\n\"steps\": \"many\"}}",
                ":2: train.steps: expected an integer >= 1, found \"many\""},
        BadFile{"RealForInteger", R"({"train": {"steps": 3.0}})",
                ":1: train.steps: expected an integer >= 1, found 3.0"},
        BadFile{"NumberForBool", R"({"input": {"gray": 1}})",
                ":1: input.gray: expected true or false, found 1"},
        BadFile{"NumberForText", R"({"device": 0})", ":1: device: expected UTF-8 text, found 0"},
        BadFile{"NullForNumber", R"({"seed": null})", ":1: seed: expected an integer in [0, "},
        BadFile{"ArrayForNumber", R"({"mask": {"threshold": [0.5, {"a": 1}]}})",
                ":1: mask.threshold: expected a number in [0, 1), found an array"},
        BadFile{"ObjectForNumber", R"({"loss": {"tv": {"knee": {"knee": 1}}}})",
                ":1: loss.tv.knee: expected a number >= 0, found an object"},
        BadFile{"NumberForSection", R"({"infer": 3})",
                ":1: infer: expected an object with any of engine, batch, found 3"},
        BadFile{"BelowRange", R"({"model": {"channels": 0}})",
                ":1: model.channels: expected an integer in [1, 512], found 0"},
        BadFile{"OpenEndOfRange", R"({"loss": {"nuclear": {"p": 0}}})",
                ":1: loss.nuclear.p: expected a number in (0, 1], found 0"},
        BadFile{"NegativeSeed", R"({"seed": -1})", ":1: seed: expected an integer in [0, "},
        BadFile{"SeedBeyond64Bits", R"({"seed": 18446744073709551616})",
                ":1: seed: expected an integer in [0, "},
        BadFile{"SeedBeyond63Bits", R"({"seed": 18446744073709551615})",
                ":1: seed: expected an integer in [0, "},
        BadFile{"UnknownChoice", R"({"model": {"norm": "bacth"}})",
                ":1: model.norm: expected one of batch, group, none, found \"bacth\"; did you mean "
                "batch?"},
        BadFile{"NotANumber", "{\"train\": {\n\n\"learning_rate\": NaN}}",
                ":3: \"train.learning_rate\": syntax error while parsing value - invalid literal"},
        BadFile{"InfiniteNumber", "{\"mask\": {\"threshold\": 1e999\n}}",
                ":1: \"mask.threshold\": number overflow parsing '1e999'; expected a number in [0, "
                "1)"},
        BadFile{"MissingComma", "{\"seed\": 1\n\"device\": \"cpu\"}",
                ":2: syntax error while parsing object - unexpected string literal"},
        BadFile{"TrailingComma", "{\"seed\": 1,\n}", ":2: syntax error while parsing object key"},
        BadFile{"NotClosed", "{\"train\": {\"steps\": 1}\n\n", ":2: syntax error"},
        BadFile{"OpenComment", "{} /* ", ":1: syntax error"},
        BadFile{"TrailingText", "{}\n{}", ":2: syntax error"},
        BadFile{"Empty", "", ":1: the file is empty"},
        BadFile{"NoObject", "[1]", ":1: a recipe is an object: expected '{'"},
        BadFile{"OnlyANumber", "\n7", ":2: a recipe is an object: expected '{'"},
        BadFile{"Latin1", "{\n\"description\": \"caf\xE9\"}", ":2: not UTF-8 text"},
        BadFile{"Latin1Comment", "{}\n// caf\xE9", ":2: not UTF-8 text"},
        BadFile{"Utf16", "\xFF\xFE{\0}\0"s, ":1: not UTF-8 text"},
        BadFile{"NulByte", "{}\n\0{"s, ":2: not UTF-8 text"},
        BadFile{"TooDeep", "{\"a\":\n" + std::string(1000, '['),
                ":2: nested deeper than 16 levels"},
        BadFile{"ExtendsNothing", "{\n\"extends\": \"fasst\"}",
                ":2: extends: no built-in recipe \"fasst\" among "},
        BadFile{"ExtendsList", R"({"extends": ["default"]})",
                ":1: extends: expected the name or path of one recipe"},
        BadFile{"BrokenRule", "{\"model\": {\n\"pixel_unshuffle\": 3}}",
                ":2: model.pixel_unshuffle = 3: must be 1, 2 or 4"}),
    [](const auto& test) { return test.param.name; });

struct BadSet {
  const char* name;
  Override given;
  std::string message;
};

class BadSets : public testing::TestWithParam<BadSet> {};

TEST_P(BadSets, AreRefusedNamingTheFlag) {
  const std::string text = refusal("default", {GetParam().given});
  EXPECT_TRUE(text.starts_with(GetParam().message)) << text;
}

INSTANTIATE_TEST_SUITE_P(
    , BadSets,
    testing::Values(
        BadSet{"NoEquals", {"seed"}, "--set \"seed\": expected KEY=VALUE"},
        BadSet{"UnknownKey",
               {"train.lerning_rate=1"},
               "--set: \"train.lerning_rate\": unknown key; did you mean train.learning_rate?"},
        BadSet{"NoKey", {"=1"}, "--set: \"\": unknown key"},
        BadSet{
            "Section", {"loss.l1=1"}, "--set: loss.l1 is a section; set one of its keys: weight"},
        BadSet{"Text",
               {"train.steps=12x"},
               "--set train.steps: expected an integer >= 1, found \"12x\""},
        BadSet{
            "Nothing", {"train.steps="}, "--set train.steps: expected an integer >= 1, found \"\""},
        BadSet{
            "Bool", {"input.gray=yes"}, "--set input.gray: expected true or false, found \"yes\""},
        BadSet{
            "NaN", {"train.learning_rate=nan"}, "--set train.learning_rate: expected a number > 0"},
        BadSet{
            "Infinity", {"train.weight_decay=inf"}, "--set train.weight_decay: expected a number"},
        BadSet{"Choice", {"model.form=mask"}, "--set model.form: expected one of masked, signed"},
        BadSet{"BrokenUtf8", {"description=\xE9"}, "--set description: expected UTF-8 text"},
        BadSet{"Extends", {"extends=fast"}, "--set: \"extends\": unknown key"},
        BadSet{"Flag", {"seed=x", "--seed"}, "--seed: expected an integer in [0, "},
        BadSet{"Rule", {"device=gpu"}, "--set: device = \"gpu\": must be cpu, cuda or cuda:N"}),
    [](const auto& test) { return test.param.name; });

class BadPaths : public RecipeFiles {};

TEST_F(BadPaths, AreRefusedWithTheReason) {
  EXPECT_NE(refusal((folder_ / "none.json").string()).find("No such file"), std::string::npos);
  EXPECT_NE(refusal(folder_.string()).find("it is a folder"), std::string::npos);
  const std::string large = write("large.json", std::string((size_t{1} << 20) + 1, ' '));
  EXPECT_NE(refusal(large).find("larger than 1 MiB"), std::string::npos);
  EXPECT_NE(refusal("/dev/zero").find("larger than 1 MiB"), std::string::npos);
  const std::string missing = write("x.json", R"({"extends": "none.json"})");
  EXPECT_NE(refusal(missing).find(missing + ":1: extends: cannot read"), std::string::npos);
}

TEST_F(BadPaths, ALongValueIsCutInTheMessage) {
  const std::string path =
      write("x.json", fmt::format(R"({{"model": {{"norm": "{}"}}}})", std::string(100000, 'x')));
  EXPECT_LT(refusal(path).size(), 600u);
}

}  // namespace
}  // namespace proxseg
