#include "cli/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <iterator>
#include <memory>

#include "cli/process.h"
#include "proxseg/core/text.h"

namespace proxseg::cli {
namespace {

std::atomic<bool> quiet = false, without_progress = false, line_open = false;

// Clears the line that is updated in place, for a message to stand there.
class LineClearer final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg&, const std::tm&,
              spdlog::memory_buf_t& text) override {
    constexpr std::string_view kClear = "\r\033[K";
    if (line_open) text.append(kClear.data(), kClear.data() + kClear.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<LineClearer>();
  }
};

struct Range {
  char32_t first, last;
};

// East Asian wide and full-width characters, and pictures.
constexpr Range kWide[] = {
    {0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},  {0xa960, 0xa97f}, {0xac00, 0xd7a3},
    {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},  {0xffe0, 0xffe6}, {0x1f300, 0x1f64f},
    {0x1f680, 0x1f6ff}, {0x1f900, 0x1faff}, {0x20000, 0x3fffd}};
// Marks that stand over the character before them, and characters without any width.
constexpr Range kZeroWidth[] = {{0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd},
                                {0x0610, 0x061a}, {0x064b, 0x065f}, {0x200b, 0x200f},
                                {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}};

template <size_t N>
bool is_in(const Range (&ranges)[N], char32_t c) {
  return std::any_of(std::begin(ranges), std::end(ranges),
                     [c](const Range& range) { return c >= range.first && c <= range.last; });
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

}  // namespace

void start_log() {
  auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
  sink->set_color_mode(shows_colors() ? spdlog::color_mode::always : spdlog::color_mode::never);
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  formatter->add_flag<LineClearer>('*').set_pattern("%*proxseg: %^%l%$: %v");
  sink->set_formatter(std::move(formatter));
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("proxseg", sink));
}

void add_log_options(CLI::App& command) {
  // A run's log.txt keeps what --quiet hides.
  auto* silent = command.add_flag_callback(
      "--quiet,-q",
      [] {
        quiet = true;
        spdlog::default_logger()->sinks().front()->set_level(spdlog::level::warn);
      },
      "Print results, warnings and errors only");
  command
      .add_flag_callback(
          "--verbose,-v", [] { spdlog::set_level(spdlog::level::debug); },
          "Also say what is computed with which settings")
      ->excludes(silent);
  command.add_flag_callback(
      "--no-progress", [] { without_progress = true; }, "Show no progress");
}

bool is_quiet() { return quiet; }

bool shows_progress() { return !quiet && !without_progress; }

void set_line_open(bool open) { line_open = open; }

size_t columns_of(std::string_view text) {
  size_t columns = 0;
  while (!text.empty()) {
    const Glyph glyph = first_glyph(text);
    columns += glyph.columns;
    text.remove_prefix(std::max<size_t>(glyph.bytes.size(), 1));
  }
  return columns;
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

}  // namespace proxseg::cli
