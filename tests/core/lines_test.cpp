#include "proxseg/core/lines.h"

#include <gtest/gtest.h>

#include "proxseg/core/text.h"

namespace proxseg {
namespace {

TEST(Columns, CountWhatATerminalShows) {
  EXPECT_EQ(columns_of("clip"), 4U);
  EXPECT_EQ(columns_of("caf\u00e9"), 4U);
  EXPECT_EQ(columns_of("\u9332\u753b"), 4U);
  EXPECT_EQ(columns_of("e\u0301"), 1U);
  EXPECT_EQ(fit("\u9332\u753b", 3), "\u9332");
  EXPECT_EQ(fit("a\nb\033[2J\xff", 80), "a?b?[2J?");
}

TEST(Columns, ACutTextEndsInAnEllipsis) {
  EXPECT_EQ(shorten("caf\u00e9", 4), "caf\u00e9");
  EXPECT_EQ(shorten("caf\u00e9s", 4), "caf\u2026");
  EXPECT_EQ(columns_of(shorten("\u9332\u753b\u9332", 4)), 3U);
  EXPECT_EQ(shorten("abc", 0), "");
}

TEST(Lines, AreNotSteeredByNames) {
  EXPECT_EQ(printable("a\033[31m\r\x7f\u009b2J\tb\n"), "a\\x1b[31m\\x0d\\x7f\\x9b2J\tb\n");
  EXPECT_EQ(printable("caf\u00e9 \u9332 \xff"), "caf\u00e9 \u9332 \xff");
}

TEST(Lines, AreBrokenByWordsUnderTheirText) {
  EXPECT_EQ(wrap_lines("time:   0:10, forward 9%, loss 8%\n", 24),
            "time:   0:10, forward\n        9%, loss 8%\n");
  EXPECT_EQ(wrap_lines("one two three\n  four five six", 9),
            "one two\n  three\n  four\n    five\n    six");
  EXPECT_EQ(wrap_lines("caf\u00e9 caf\u00e9", 9), "caf\u00e9 caf\u00e9");
}

TEST(Lines, StayWholeWhereTheyFitAndWithoutATerminal) {
  const std::string text = "masks:      out: 120 frames segmented\n\n  x  y\n";
  EXPECT_EQ(wrap_lines(text, 0), text);
  EXPECT_EQ(wrap_lines(text, 37), text);
  EXPECT_EQ(wrap_lines("a_word_longer_than_that b", 8), "a_word_longer_than_that\n  b");
}

TEST(Lines, CommandsCanBePastedHoweverTheyAreBroken) {
  EXPECT_EQ(wrap_lines("next:  proxseg infer --input 'it'\\''s a clip' --model a\n", 28),
            "next:  proxseg infer \\\n"
            "           --input \\\n"
            "           'it'\\''s a clip' \\\n"
            "           --model a\n");
  EXPECT_EQ(wrap_lines("  Go on with: proxseg train --resume a", 30),
            "  Go on with:\n    proxseg train --resume a");
}

const std::vector<Cells> kRows = {{"id", "F", "Re", "note"},
                                  {"a", "0.5", "0.25", "some words about it"},
                                  {"b", "0.75", "0.5", ""}};

TEST(Table, FitsATerminalAndSaysWhatIsLeftOut) {
  EXPECT_EQ(text_table(kRows, 4),
            "id  F     Re    note\n"
            "a   0.5   0.25  some words about it\n"
            "b   0.75  0.5\n");
  EXPECT_EQ(text_table(kRows, 4, {35, {"Re"}, "--json has all"}), text_table(kRows, 4));
  EXPECT_EQ(text_table(kRows, 4, {29, {"Re", "F"}, "--json has all"}),
            "id  F     note\n"
            "a   0.5   some words about it\n"
            "b   0.75\n"
            "left out: Re; --json has all\n");
}

TEST(Table, BreaksTextInItsLastColumn) {
  const std::vector<Cells> rows = {{"id", "note"},
                                   {"a", "a note that is longer than the terminal"}};
  EXPECT_EQ(text_table(rows, 2, {28, {}, ""}),
            "id  note\n"
            "a   a note that is longer\n"
            "    than the terminal\n");
}

}  // namespace
}  // namespace proxseg
