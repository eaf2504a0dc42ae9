#include "proxseg/train/run/tensorboard.h"

#include <array>
#include <optional>

#include "core/protobuf.h"
#include "proxseg/core/file.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

constexpr size_t kHeader = sizeof(uint64_t) + sizeof(uint32_t);
constexpr size_t kFooter = sizeof(uint32_t);

// Numbers of the fields, as in event.proto and summary.proto.
namespace event_field {
constexpr int kWallTime = 1, kStep = 2, kFileVersion = 3, kSummary = 5;
}
namespace summary_field {
constexpr int kValue = 1, kTag = 1, kSimpleValue = 2;
}

template <typename Integer>
Integer from_little_endian(std::string_view bytes) {
  Integer value = 0;
  for (size_t i = 0; i < sizeof(value); ++i) {
    value |= static_cast<Integer>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  }
  return value;
}

ProtobufMessage event(double wall_time, int64_t step) {
  ProtobufMessage message;
  message.add_double(event_field::kWallTime, wall_time);
  message.add_integer(event_field::kStep, step);
  return message;
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
  ProtobufMessage message = event(0.0, 0);
  message.add_bytes(event_field::kFileVersion, "brain.Event:2");
  return framed(message.bytes());
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
  ProtobufMessage summary;
  for (const auto& [name, number] : scalars) {
    ProtobufMessage value;
    value.add_bytes(summary_field::kTag, name);
    value.add_float(summary_field::kSimpleValue, static_cast<float>(number));
    summary.add_bytes(summary_field::kValue, value.bytes());
  }
  ProtobufMessage message = event(wall_time, step);
  message.add_bytes(event_field::kSummary, summary.bytes());
  file_.append(framed(message.bytes()));
}

}  // namespace proxseg
