// How a TIFF is laid out.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "media/byte_order.h"

namespace proxseg {

// TIFF 6.0, section 2, and BigTIFF: the header leads to the first directory of fields, each
// directory to the next. Functions of a TIFF take its bytes, too, which become one of these.
class TiffDirectories {
 public:
  // bytes: have to stay. start: where the first one lies, if it is not that of the header.
  TiffDirectories(std::string_view bytes, std::optional<size_t> start = std::nullopt)
      : bytes_(bytes) {
    if (bytes.size() < 8 || !(bytes.starts_with("II") || bytes.starts_with("MM"))) return;
    is_big_ = number(2, 2) == 43;
    size_t at = start.value_or(number(is_big_ ? 8 : 4, word()));
    // A broken file may lead round in a circle.
    for (std::unordered_set<size_t> seen; at != 0 && seen.insert(at).second;) {
      const uint64_t count = number(at, is_big_ ? 8 : 2);
      const size_t fields = at + (is_big_ ? 8 : 2);
      is_cut_ = count == 0 || count > bytes.size() / field_size() ||
                fields + count * field_size() > bytes.size();
      if (is_cut_) break;
      starts_.push_back({fields, count});
      at = number(fields + count * field_size(), word());
    }
  }

  TiffDirectories(const std::string& bytes) : TiffDirectories(std::string_view(bytes)) {}

  size_t count() const { return starts_.size(); }
  size_t file_size() const { return bytes_.size(); }

  // The last one leads to a next one that is not in the file.
  bool is_cut() const { return is_cut_; }

  bool is_little_endian() const { return bytes_.starts_with("II"); }

  // The first of a field's values, or `otherwise` if there is no such directory or it lacks the field.
  // Values of 16, 32 and 64 bits.
  uint64_t field(size_t directory, uint64_t tag, uint64_t otherwise) const {
    const auto values = field_values(directory, tag, 1);
    return values.empty() ? otherwise : values.front();
  }

  // All of a field's values, or the first ones; none if the directory lacks it.
  std::vector<uint64_t> field_values(size_t directory, uint64_t tag, uint64_t most) const {
    const auto at = find(directory, tag);
    if (!at) return {};
    constexpr uint64_t kShort = 3, kLong8 = 16;
    const uint64_t type = number(*at + 2, 2), count = number(*at + 4, word());
    const size_t bytes = type == kShort ? 2 : type == kLong8 ? 8 : 4;
    const bool is_elsewhere = count > word() / bytes;
    const size_t start = is_elsewhere ? number(value_of(*at), word()) : value_of(*at);
    std::vector<uint64_t> values(std::min({count, most, uint64_t{bytes_.size()} / bytes}));
    for (size_t i = 0; i < values.size(); ++i) values[i] = number(start + i * bytes, bytes);
    return values;
  }

  // A field of text; "" if the directory lacks it.
  std::string_view text(size_t directory, uint64_t tag) const {
    const auto at = find(directory, tag);
    if (!at) return "";
    const size_t length = number(*at + 4, word());
    const size_t start = length <= word() ? value_of(*at) : number(value_of(*at), word());
    if (start > bytes_.size() || length > bytes_.size() - start) return "";
    return bytes_.substr(start, length);
  }

 private:
  struct Directory {
    size_t fields;
    uint64_t count;
  };

  // Where the field begins.
  std::optional<size_t> find(size_t directory, uint64_t tag) const {
    if (directory >= starts_.size()) return std::nullopt;
    const auto& [fields, count] = starts_[directory];
    for (uint64_t i = 0; i < count; ++i) {
      const size_t at = fields + i * field_size();
      if (number(at, 2) == tag) return at;
    }
    return std::nullopt;
  }

  size_t value_of(size_t field) const { return field + (is_big_ ? 12 : 8); }
  size_t word() const { return is_big_ ? 8 : 4; }
  size_t field_size() const { return is_big_ ? 20 : 12; }

  // 0 beyond the end.
  uint64_t number(size_t at, size_t count) const {
    if (at > bytes_.size() || count > bytes_.size() - at) return 0;
    return bytes_[0] == 'I' ? little_endian(bytes_, at, count) : big_endian(bytes_, at, count);
  }

  std::string_view bytes_;
  bool is_big_ = false, is_cut_ = false;
  std::vector<Directory> starts_;
};

}  // namespace proxseg
