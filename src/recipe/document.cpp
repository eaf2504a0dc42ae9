#include "proxseg/recipe/document.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <map>
#include <utility>

#include "proxseg/core/text.h"

namespace proxseg {
namespace {

using nlohmann::json;

// Deeper than any recipe.
constexpr size_t kMaxDepth = 16;

// The line of the last character that the parser has consumed. Its one character of lookahead may
// be the end of that line, which therefore counts only once something after it is consumed.
struct LineCounter {
  int line = 1;
  bool at_line_end = false;

  void consume(char c) {
    if (at_line_end) ++line;
    at_line_end = c == '\n';
  }
};

class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, LineCounter* counter) : at_(at), counter_(counter) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    counter_->consume(*at_++);
    return *this;
  }
  bool operator==(const CountingIterator& other) const { return at_ == other.at_; }

 private:
  const char* at_;
  LineCounter* counter_;
};

// "[json.exception.parse_error.101] parse error at line 2, column 9: REASON" without its head.
std::string reason_of(const json::exception& error) {
  std::string text = error.what();
  text.erase(0, text.find("] ") + 2);
  if (text.starts_with("parse error at")) text.erase(0, text.find(": ") + 2);
  return text;
}

class DocumentBuilder : public json::json_sax_t {
 public:
  DocumentBuilder(const LineCounter& counter, const DocumentSyntax& syntax)
      : counter_(counter), syntax_(syntax) {}

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(value); }
  bool number_unsigned(number_unsigned_t value) override { return add(value); }
  bool number_float(number_float_t value, const string_t&) override { return add(value); }
  bool string(string_t& value) override { return add(value); }
  bool binary(binary_t&) override { return false; }  // does not occur in text

  bool key(string_t& name) override {
    line_ = counter_.line;
    key_ = open_.back().name + (open_.size() > 1 ? "." : "") + name;
    if (!syntax_.dotted_keys && name.find('.') != std::string::npos) {
      fault(fmt::format("{}: dots belong to --set; in a file, nest the key in its section",
                        in_quotes(name)));
    }
    const auto [first, is_new] = lines_.emplace(key_, line_);
    if (!is_new) {
      fault(
          fmt::format("{}: duplicate key, first given on line {}", in_quotes(key_), first->second));
    }
    return true;
  }

  bool start_object(size_t) override { return enter(json::object()); }
  bool start_array(size_t) override { return enter(json::array()); }
  bool end_object() override { return leave(); }
  bool end_array() override { return leave(); }

  bool parse_error(size_t, const std::string&, const json::exception& error) override {
    const std::string where = key_.empty() ? "" : in_quotes(key_) + ": ";
    return stop(where + reason_of(error));
  }

  Document take() { return std::move(document_); }

 private:
  struct Container {
    std::string name;  // its key; "" of the whole
    bool is_array;
    size_t items = 0;  // so far, of an array
  };

  bool add(json value) {
    if (open_.empty()) return stop(fmt::format("{} is an object: expected '{{'", syntax_.what));
    Container& container = open_.back();
    if (container.is_array) {
      key_ = fmt::format("{}[{}]", container.name, container.items++);
      line_ = counter_.line;
    }
    document_.entries.push_back({std::exchange(key_, {}), std::move(value), line_});
    return true;
  }

  bool enter(json empty) {
    const bool is_array = empty.is_array();
    const bool is_whole = open_.empty() && !is_array;
    if (!is_whole && !add(std::move(empty))) return false;
    open_.push_back({is_whole ? "" : document_.entries.back().key, is_array});
    if (open_.size() <= kMaxDepth) return true;
    return stop(fmt::format("nested deeper than {} levels", kMaxDepth));
  }

  bool leave() {
    open_.pop_back();
    return true;
  }

  void fault(const std::string& text) { document_.faults.push_back({"", text, line_}); }

  // Ends the parse.
  bool stop(const std::string& text) {
    document_.faults.push_back({key_, text, counter_.line});
    document_.complete = false;
    return false;
  }

  const LineCounter& counter_;
  const DocumentSyntax& syntax_;
  Document document_;
  std::vector<Container> open_;
  std::map<std::string, int> lines_;  // where each key was given first
  std::string key_;                   // whose value comes next, else ""
  int line_ = 1;                      // of key_
};

// Faults that the parser would not report: an empty file, or a first line that is not text.
Document faults_before_parsing(std::string_view text) {
  Document document;
  if (text.empty()) {
    document.faults.push_back({"", "the file is empty", 1});
    document.complete = false;
  }
  int line = 0;
  while (!text.empty()) {
    ++line;
    const std::string_view row = text.substr(0, text.find('\n'));
    const bool has_nul = row.find('\0') != std::string_view::npos;
    if (has_nul || !is_utf8(row)) {
      document.faults.push_back({"", "not UTF-8 text; save the file as UTF-8", line});
      document.complete = false;
      return document;
    }
    text.remove_prefix(std::min(row.size() + 1, text.size()));
  }
  return document;
}

}  // namespace

Document parse_document(std::string_view text, const DocumentSyntax& syntax) {
  // The parser would take a NUL for the end and pass over broken UTF-8 in comments.
  if (Document document = faults_before_parsing(text); !document.complete) return document;
  LineCounter counter;
  DocumentBuilder builder(counter, syntax);
  json::sax_parse(CountingIterator(text.data(), &counter),
                  CountingIterator(text.data() + text.size(), &counter), &builder,
                  json::input_format_t::json, /*strict=*/true, /*ignore_comments=*/true);
  return builder.take();
}

bool is_below(std::string_view key, std::string_view container) {
  if (key.size() <= container.size() || !key.starts_with(container)) return false;
  return key[container.size()] == '.' || key[container.size()] == '[';
}

}  // namespace proxseg
