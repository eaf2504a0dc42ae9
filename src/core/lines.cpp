#include "proxseg/core/lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include "proxseg/core/text.h"

namespace proxseg {
namespace {

struct CodePoints {
  char32_t first, last;
};

// East Asian wide and full-width characters, and pictures.
constexpr CodePoints kWide[] = {
    {0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},  {0xa960, 0xa97f}, {0xac00, 0xd7a3},
    {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},  {0xffe0, 0xffe6}, {0x1f300, 0x1f64f},
    {0x1f680, 0x1f6ff}, {0x1f900, 0x1faff}, {0x20000, 0x3fffd}};
// Marks that stand over the character before them, and characters without any width.
constexpr CodePoints kZeroWidth[] = {{0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd},
                                     {0x0610, 0x061a}, {0x064b, 0x065f}, {0x200b, 0x200f},
                                     {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}};

template <size_t N>
bool is_in(const CodePoints (&ranges)[N], char32_t c) {
  return std::any_of(std::begin(ranges), std::end(ranges),
                     [c](const CodePoints& range) { return c >= range.first && c <= range.last; });
}

// The next character of UTF-8, or one byte where that is none, as it may be shown.
struct Glyph {
  std::string_view bytes;
  size_t columns;
};

Glyph first_glyph(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const size_t size = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  const std::string_view bytes = text.substr(0, size);
  if (bytes.size() < size || !is_utf8(bytes)) return {"", 1};
  auto c = static_cast<char32_t>(size == 1 ? lead : lead & (0xff >> (size + 1)));
  for (size_t i = 1; i < size; ++i) c = (c << 6) | (static_cast<unsigned char>(bytes[i]) & 0x3f);
  const bool is_control = c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029;
  if (is_control) return {"", 1};
  return {bytes, is_in(kWide, c) ? size_t{2} : is_in(kZeroWidth, c) ? size_t{0} : size_t{1}};
}

// The words of a text; is_shell: as LineBreaks has it.
std::vector<std::string_view> words_of(std::string_view text, bool is_shell) {
  std::vector<std::string_view> words;
  bool quoted = false, in_word = false;
  size_t begin = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool parts = text[i] == ' ' && !quoted;
    if (parts && in_word) words.push_back(text.substr(begin, i - begin));
    if (!parts && !in_word) begin = i;
    in_word = !parts;
    if (is_shell && text[i] == '\'') quoted = !quoted;
    if (is_shell && text[i] == '\\' && !quoted) ++i;  // what it escapes belongs to the word
  }
  if (in_word) words.push_back(text.substr(begin));
  return words;
}

bool is_command(std::string_view text, std::string_view program) {
  return text.starts_with(program) && text.substr(program.size()).starts_with(' ');
}

// Where a command begins that ends the line, as in "Go on with: proxseg train --resume runs/a".
size_t command_in(std::string_view line, std::string_view program) {
  const size_t mark = line.find(fmt::format(": {} ", program));
  return mark == std::string_view::npos ? mark : mark + 2;
}

std::string wrap_line(std::string_view line, size_t columns, std::string_view program) {
  constexpr size_t kWidestLabel = 30, kStep = 4;
  if (columns_of(line) <= columns) return std::string(line);
  const size_t margin = std::min(line.find_first_not_of(' '), line.size());
  size_t text = text_after_label(line);
  if (text == 0 || text > kWidestLabel) text = margin;
  if (is_command(line.substr(text), program)) {
    return std::string(line.substr(0, text)) +
           break_line(line.substr(text), {columns, text, text + kStep, " \\", true});
  }
  if (const size_t command = command_in(line, program); command != std::string_view::npos) {
    return wrap_line(line.substr(0, command - 1), columns, program) + "\n" +
           wrap_line(std::string(text + 2, ' ') + std::string(line.substr(command)), columns,
                     program);
  }
  const size_t indent = text > margin ? text : margin + 2;
  return std::string(line.substr(0, text)) + break_line(line.substr(text), {columns, text, indent});
}

}  // namespace

size_t columns_of(std::string_view text) {
  size_t columns = 0;
  while (!text.empty()) {
    const Glyph glyph = first_glyph(text);
    columns += glyph.columns;
    text.remove_prefix(std::max<size_t>(glyph.bytes.size(), 1));
  }
  return columns;
}

std::string printable(std::string_view text) {
  std::string shown;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : '\0');
    const bool is_c1 = byte == 0xc2 && next >= 0x80 && next < 0xa0;  // U+0080 to U+009F
    const bool is_c0 = (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f;
    if (is_c0 || is_c1) {
      shown += fmt::format("\\x{:02x}", is_c1 ? next : byte);
      i += is_c1 ? 1 : 0;
    } else {
      shown += text[i];
    }
  }
  return shown;
}

std::string fit(std::string_view text, size_t columns) {
  std::string fitting;
  while (!text.empty()) {
    const Glyph glyph = first_glyph(text);
    if (glyph.columns > columns) break;
    columns -= glyph.columns;
    fitting += glyph.bytes.empty() ? "?" : glyph.bytes;
    text.remove_prefix(std::max<size_t>(glyph.bytes.size(), 1));
  }
  return fitting;
}

std::string shorten(std::string_view text, size_t columns) {
  if (columns_of(text) <= columns || columns == 0) return fit(text, columns);
  return fit(text, columns - 1) + "…";
}

std::string break_line(std::string_view text, const LineBreaks& breaks) {
  std::string lines;
  size_t column = breaks.start;
  bool is_first = true;
  for (const std::string_view word : words_of(text, breaks.is_shell)) {
    const size_t width = columns_of(word);
    if (!is_first && column + 1 + width + breaks.end.size() > breaks.columns) {
      lines += fmt::format("{}\n{:{}}", breaks.end, "", breaks.indent);
      column = breaks.indent;
    } else if (!is_first) {
      lines += ' ';
      ++column;
    }
    lines += word;
    column += width;
    is_first = false;
  }
  return lines;
}

std::string wrap_lines(std::string_view text, size_t columns, std::string_view program) {
  if (columns == 0) return std::string(text);
  std::string lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    lines += wrap_line(text.substr(0, end), columns, program);
    if (end < text.size()) lines += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

size_t text_after_label(std::string_view line) {
  const size_t begin = line.find_first_not_of(' ');
  const size_t gap = begin == std::string_view::npos ? begin : line.find("  ", begin);
  return gap == std::string_view::npos
             ? 0
             : std::max<size_t>(std::min(line.find_first_not_of(' ', gap), line.size()), 1);
}

}  // namespace proxseg
