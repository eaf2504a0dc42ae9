#include "core/protobuf.h"

#include <bit>

namespace proxseg {
namespace {

constexpr int kVarint = 0, kEightBytes = 1, kLengthAndBytes = 2, kFourBytes = 5;

}  // namespace

void ProtobufMessage::add_varint(uint64_t value) {
  for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>(value | 0x80);
  bytes_ += static_cast<char>(value);
}

void ProtobufMessage::add_key(int field, int type) {
  add_varint(static_cast<uint64_t>(field << 3 | type));
}

void ProtobufMessage::add_integer(int field, int64_t value) {
  add_key(field, kVarint);
  add_varint(static_cast<uint64_t>(value));
}

void ProtobufMessage::add_bytes(int field, std::string_view bytes) {
  add_key(field, kLengthAndBytes);
  add_varint(bytes.size());
  bytes_ += bytes;
}

void ProtobufMessage::add_double(int field, double value) {
  add_key(field, kEightBytes);
  bytes_ += little_endian(std::bit_cast<uint64_t>(value));
}

void ProtobufMessage::add_float(int field, float value) {
  add_key(field, kFourBytes);
  bytes_ += little_endian(std::bit_cast<uint32_t>(value));
}

}  // namespace proxseg
