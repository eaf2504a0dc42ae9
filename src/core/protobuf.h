// Messages of protocol buffers in their wire format, which ONNX and TensorBoard are made of:
// https://protobuf.dev/programming-guides/encoding. A second protobuf library would clash with
// OpenCV's and LibTorch's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace proxseg {

template <typename Integer>
std::string little_endian(Integer value) {
  std::string bytes;
  for (size_t i = 0; i < sizeof(value); ++i) bytes += static_cast<char>(value >> (8 * i) & 0xff);
  return bytes;
}

// Fields may be added in any order.
class ProtobufMessage {
 public:
  void add_integer(int field, int64_t value);
  void add_bytes(int field, std::string_view bytes);  // a text, raw data or another message
  void add_double(int field, double value);
  void add_float(int field, float value);
  const std::string& bytes() const { return bytes_; }

 private:
  void add_key(int field, int type);
  void add_varint(uint64_t value);
  std::string bytes_;
};

}  // namespace proxseg
