#include "proxseg/core/text.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/protobuf.h"
#include "proxseg/core/clock.h"
#include "proxseg/core/sha256.h"
#include "proxseg/core/statistics.h"

namespace proxseg {
namespace {

TEST(UtcTime, IsIso8601) {
  using namespace std::chrono;
  EXPECT_EQ(utc_time(system_clock::time_point(milliseconds(1700000000007))),
            "2023-11-14T22:13:20.007Z");
}

TEST(Medians, OfAnEvenNumberLieInTheMiddle) {
  EXPECT_EQ(median_of({4, 1, 3, 2}), 2.5);
  EXPECT_EQ(median_of({3, 1, 2}), 2.0);
  EXPECT_EQ(upper_median(std::vector{4, 1, 3, 2}), 3);
  EXPECT_EQ(quantile(std::vector{4, 1, 3, 2}, 0.5), 2);
  EXPECT_EQ(quantile(std::vector{7}, 0.9), 7);
}

TEST(Lists, AreSplitAtEachSeparator) {
  EXPECT_EQ(split(" a,b c ,,d,", ','), (std::vector<std::string>{"a", "b c", "", "d"}));
  EXPECT_TRUE(split("", ',').empty());
}

TEST(Lists, OfNumbersHoldNothingElse) {
  EXPECT_EQ(parse_numbers("0.1, -2,3e2"), (std::vector<double>{0.1, -2.0, 300.0}));
  for (const char* list : {"1,,2", "1 2", "1,x", "nan", "1,inf"}) {
    EXPECT_FALSE(parse_numbers(list)) << list;
  }
}

TEST(Text, NumbersAreReadWholeOrNotAtAll) {
  EXPECT_EQ(parse_number<double>("0.5"), 0.5);
  EXPECT_EQ(parse_number<int>("-12"), -12);
  for (const char* text : {"", " 1", "1 ", "0,5", "1.5x", "x"}) {
    EXPECT_EQ(parse_number<double>(text), std::nullopt) << text;
  }
}

TEST(Text, SizesAreTwoPositiveNumbersWithAnX) {
  const auto size = parse_size("320x240");
  ASSERT_TRUE(size);
  EXPECT_EQ(size->width, 320);
  EXPECT_EQ(size->height, 240);
  for (const char* text : {"", "x", "320", "320x", "x240", "320x240x3", "-320x240", "320x0",
                           "320 x 240", "320X240", "99999999999x2"}) {
    EXPECT_FALSE(parse_size(text)) << text;
  }
}

TEST(Text, SpreadsEvenly) {
  using Indices = std::vector<int64_t>;
  EXPECT_EQ(spread_evenly(2, 10), (Indices{2, 7}));
  EXPECT_EQ(spread_evenly(1, 3), Indices{1});
  EXPECT_EQ(spread_evenly(5, 3), (Indices{0, 1, 2}));
  EXPECT_EQ(spread_evenly(3, 0), Indices{});
}

TEST(Text, JsonTakesNamesOfAnyBytes) {
  for (const std::string name : {"", "caf\u00e9", "caf\xe9/\xff"}) {
    const auto text = json_line(name_as_json(name));
    EXPECT_EQ(name_from_json(nlohmann::ordered_json::parse(text)), name) << text;
  }
  const nlohmann::ordered_json value = {{"caf\xe9", "a\n\"b\"\xff"}};
  EXPECT_EQ(json_line(value), "{\"caf\uFFFD\":\"a\\n\\\"b\\\"\uFFFD\"}");
  EXPECT_EQ(json_text(value), "{\n  \"caf\uFFFD\": \"a\\n\\\"b\\\"\uFFFD\"\n}\n");
}

TEST(Text, QuotedTextIsCutBetweenCharacters) {
  EXPECT_EQ(in_quotes("a\tb"), R"("a\tb")");
  std::string umlauts = "x";
  for (int i = 0; i < 60; ++i) umlauts += "\u00fc";
  const std::string quoted = in_quotes(umlauts);
  EXPECT_TRUE(is_utf8(quoted));
  EXPECT_EQ(quoted.find("\uFFFD"), std::string::npos);
  EXPECT_TRUE(quoted.ends_with("\u00fc...\""));
}

TEST(Text, ShellWordsStayOneWord) {
  EXPECT_EQ(shell_line({"proxseg", "run", "a/b.mp4", "--set", "train.steps=2"}),
            "proxseg run a/b.mp4 --set train.steps=2");
  EXPECT_EQ(shell_line({"it's", "", "*.jpg", "$x", "a b", "\xe9"}),
            "'it'\\''s' '' '*.jpg' '$x' 'a b' '\xe9'");
  EXPECT_EQ(shell_path("-x y"), "'./-x y'");
  EXPECT_EQ(shell_path("x-y"), "x-y");
}

TEST(Text, CsvFieldsAreQuotedWhereTheyMustBe) {
  EXPECT_EQ(csv_field("plain name"), "plain name");
  EXPECT_EQ(csv_field("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_field("say \"a\"\n"), "\"say \"\"a\"\"\n\"");
}

// FIPS 180-2, appendix B.
TEST(Sha256, GivesTheStandardsDigests) {
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  Sha256 hash;
  hash.add("a");
  hash.add("bc");
  EXPECT_EQ(hash.hex(), sha256("abc"));
}

// https://protobuf.dev/programming-guides/encoding
TEST(Protobuf, WritesTheWireFormat) {
  ProtobufMessage inner, message;
  inner.add_integer(1, 150);
  EXPECT_EQ(inner.bytes(), "\x08\x96\x01");
  message.add_bytes(3, inner.bytes());
  message.add_bytes(2, "testing");
  message.add_float(16, 1.0F);
  message.add_double(1, 1.0);
  EXPECT_EQ(message.bytes(), std::string("\x1a\x03\x08\x96\x01\x12\x07testing\x85\x01\0\0\x80\x3f"
                                         "\x09\0\0\0\0\0\0\xf0\x3f",
                                         29));
}

TEST(Durations, AreReadInDaysHoursMinutesAndSeconds) {
  EXPECT_EQ(parse_duration("7d"), 604800.0);
  EXPECT_EQ(parse_duration("1d12h"), 129600.0);
  EXPECT_EQ(parse_duration("2h"), 7200.0);
  EXPECT_EQ(parse_duration("1h30m"), 5400.0);
  EXPECT_EQ(parse_duration("0.5m10s"), 40.0);
  for (const char* text : {"", "2", "h", "2 h", "-1h", "30m1h", "1h1h", "2w", "1h1d", "1hx"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace proxseg
