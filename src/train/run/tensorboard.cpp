#include "proxseg/train/run/tensorboard.h"

#include <array>
#include <bit>
#include <optional>

#include "proxseg/core/file.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

constexpr size_t kHeader = sizeof(uint64_t) + sizeof(uint32_t);
constexpr size_t kFooter = sizeof(uint32_t);

// Tags of fields: number of the field << 3 | type; 0 varint, 1 eight bytes, 2 a length and bytes, 5
// four bytes.
namespace tag {
constexpr char kWallTime = 1 << 3 | 1;
constexpr char kStep = 2 << 3 | 0;
constexpr char kFileVersion = 3 << 3 | 2;
constexpr char kSummary = 5 << 3 | 2;
constexpr char kValue = 1 << 3 | 2;
constexpr char kValueTag = 1 << 3 | 2;
constexpr char kSimpleValue = 2 << 3 | 5;
}  // namespace tag

template <typename Integer>
std::string little_endian(Integer value) {
  std::string bytes;
  for (size_t i = 0; i < sizeof(value); ++i) bytes += static_cast<char>(value >> (8 * i) & 0xff);
  return bytes;
}

template <typename Integer>
Integer from_little_endian(std::string_view bytes) {
  Integer value = 0;
  for (size_t i = 0; i < sizeof(value); ++i) {
    value |= static_cast<Integer>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  }
  return value;
}

std::string varint(uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(0x80 | (value & 0x7f));
  return bytes + static_cast<char>(value);
}

std::string block(char tag, const std::string& bytes) { return tag + varint(bytes.size()) + bytes; }

std::string event(double wall_time, int64_t step) {
  return tag::kWallTime + little_endian(std::bit_cast<uint64_t>(wall_time)) + tag::kStep +
         varint(static_cast<uint64_t>(step));
}

// Of an event as event() begins it.
int64_t step_of(std::string_view record) {
  uint64_t step = 0;
  for (size_t i = 2 + sizeof(double), shift = 0; i < record.size(); ++i, shift += 7) {
    step |= static_cast<uint64_t>(record[i] & 0x7f) << shift;
    if ((record[i] & 0x80) == 0) break;
  }
  return static_cast<int64_t>(step);
}

uint32_t masked_crc(std::string_view bytes) {
  const uint32_t crc = crc32c(bytes);
  return (crc >> 15 | crc << 17) + 0xa282ead8U;
}

std::string framed(std::string_view record) {
  const std::string length = little_endian(static_cast<uint64_t>(record.size()));
  return length + little_endian(masked_crc(length)) + std::string(record) +
         little_endian(masked_crc(record));
}

std::string first_record() {
  return framed(event(0.0, 0) + block(tag::kFileVersion, "brain.Event:2"));
}

// The next whole record, taken off the front of bytes.
std::optional<std::string_view> take_record(std::string_view& bytes) {
  if (bytes.size() < kHeader + kFooter) return std::nullopt;
  const auto length = from_little_endian<uint64_t>(bytes);
  if (length > bytes.size() - kHeader - kFooter) return std::nullopt;
  const std::string_view record = bytes.substr(kHeader, length);
  const auto crc = from_little_endian<uint32_t>(bytes.substr(kHeader + length));
  if (crc != masked_crc(record)) return std::nullopt;
  bytes.remove_prefix(kHeader + length + kFooter);
  return record;
}

// Returns path.
const fs::path& keep_records_before(const fs::path& path, int64_t first_step) {
  std::string kept = first_record();
  if (fs::exists(path)) {
    const std::string file = read_file(path);
    std::string_view rest = file;
    take_record(rest);
    for (auto record = take_record(rest); record; record = take_record(rest)) {
      if (step_of(*record) < first_step) kept += framed(*record);
    }
  }
  write_file_atomically(path, kept);
  return path;
}

}  // namespace

uint32_t crc32c(std::string_view bytes) {
  static const auto table = [] {
    std::array<uint32_t, 256> entries{};
    for (uint32_t i = 0; i < entries.size(); ++i) {
      uint32_t crc = i;
      for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78U : 0U);
      entries[i] = crc;
    }
    return entries;
  }();
  uint32_t crc = ~0U;
  for (const char byte : bytes) {
    crc = crc >> 8 ^ table[(crc ^ static_cast<unsigned char>(byte)) & 0xff];
  }
  return ~crc;
}

TensorBoardLog::TensorBoardLog(const fs::path& path, int64_t first_step)
    : file_(keep_records_before(path, first_step)) {}

void TensorBoardLog::add(int64_t step, double wall_time, const Scalars& scalars) {
  std::string summary;
  for (const auto& [name, value] : scalars) {
    const auto bits = std::bit_cast<uint32_t>(static_cast<float>(value));
    summary +=
        block(tag::kValue, block(tag::kValueTag, name) + tag::kSimpleValue + little_endian(bits));
  }
  file_.append(framed(event(wall_time, step) + block(tag::kSummary, summary)));
}

}  // namespace proxseg
