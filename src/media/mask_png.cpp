#include "media/mask_png.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace proxseg {
namespace {

using namespace std::string_view_literals;
using Bytes = std::vector<unsigned char>;

// ---- Deflate (RFC 1951): one block with a Huffman code made for long runs. A row of a mask is kept
// as it is where it is empty, else as the difference to the row above (PNG's filter "up"), so that the
// bytes are 0, 1, 2 (for the filter) and 255, mostly in runs of one value.

constexpr unsigned char kUp = 2;
constexpr int kLiterals = 286, kEndOfBlock = 256, kFirstLength = 257;
constexpr int kShortestCopy = 3, kLongestCopy = 258;  // of a copy of what came before
constexpr std::array<int, 29> kBases = {3,  4,  5,  6,   7,   8,   9,   10,  11, 13,
                                        15, 17, 19, 23,  27,  31,  35,  43,  51, 59,
                                        67, 83, 99, 115, 131, 163, 195, 227, 258};
constexpr std::array<int, 29> kExtraBits = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                            2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};

struct Code {
  uint32_t bits = 0;  // the first one lowest
  int length = 0;
};

// The code whose lengths are these; RFC 1951, 3.2.2.
template <size_t kSize>
std::array<Code, kSize> code_of(const std::array<int, kSize>& lengths) {
  std::array<Code, kSize> codes;
  uint32_t next = 0;
  for (int length = 1; length < 16; ++length, next <<= 1) {
    for (size_t i = 0; i < kSize; ++i) {
      if (lengths[i] != length) continue;
      codes[i].length = length;
      for (int bit = 0; bit < length; ++bit)
        codes[i].bits |= (next >> bit & 1) << (length - 1 - bit);
      ++next;
    }
  }
  return codes;
}

// Complete: 1/2 + 4/16 + 3/64 + 26/128 = 1.
std::array<int, kLiterals> literal_lengths() {
  std::array<int, kLiterals> lengths{};
  for (const size_t value : {0, 1, 2, 255}) lengths[value] = 4;
  std::fill(lengths.begin() + kEndOfBlock, lengths.end(), 7);
  std::fill(lengths.begin() + kFirstLength, lengths.begin() + kFirstLength + 3, 6);
  lengths.back() = 1;  // the longest copy
  return lengths;
}

class BitWriter {
 public:
  explicit BitWriter(Bytes& bytes) : bytes_(bytes) {}

  void put(uint32_t bits, int count) {
    held_ |= static_cast<uint64_t>(bits) << count_;
    for (count_ += count; count_ >= 8; count_ -= 8, held_ >>= 8) {
      bytes_.push_back(static_cast<unsigned char>(held_));
    }
  }
  void put(const Code& code) { put(code.bits, code.length); }
  void finish() {
    if (count_ > 0) put(0, 8 - count_);
  }

 private:
  Bytes& bytes_;
  uint64_t held_ = 0;
  int count_ = 0;
};

// All that does not depend on the mask.
struct Tables {
  std::array<Code, kLiterals> literals = code_of(literal_lengths());
  std::array<Code, kLongestCopy + 1> copies;  // of the byte before, by length

  Tables() {
    for (size_t i = 0; i < kBases.size(); ++i) {
      const Code symbol = literals[static_cast<size_t>(kFirstLength) + i];
      const int end = i + 1 < kBases.size() ? kBases[i + 1] : kLongestCopy + 1;
      for (int length = kBases[i]; length < end; ++length) {
        // The distance, always 1, is one bit: 0.
        const auto extra = static_cast<uint32_t>(length - kBases[i]);
        copies[static_cast<size_t>(length)] = {symbol.bits | extra << symbol.length,
                                               symbol.length + kExtraBits[i] + 1};
      }
    }
  }
};

const Tables& tables() {
  static const Tables tables;
  return tables;
}

// The lengths of the code, themselves coded; RFC 1951, 3.2.7.
void put_header(BitWriter& out) {
  constexpr size_t kZeros = 18;  // a run of zeros
  constexpr std::array<size_t, 18> kOrder = {16, 17, kZeros, 0,  8, 7,  9, 6,  10,
                                             5,  11, 4,      12, 3, 13, 2, 14, 1};
  std::array<int, 19> lengths{};
  lengths[7] = 1;
  for (const size_t symbol : {size_t{1}, size_t{4}, size_t{6}, kZeros}) lengths[symbol] = 3;
  const auto codes = code_of(lengths);
  out.put(1, 1);  // the last block
  out.put(2, 2);  // with a code of its own
  out.put(kLiterals - 257, 5);
  out.put(0, 5);  // one distance
  out.put(static_cast<uint32_t>(kOrder.size()) - 4, 4);
  for (const size_t symbol : kOrder) out.put(static_cast<uint32_t>(lengths[symbol]), 3);
  const auto literals = literal_lengths();
  const auto put_zeros = [&](uint32_t count) {
    out.put(codes[kZeros]);
    out.put(count - 11, 7);
  };
  for (size_t i = 0; i < 3; ++i) out.put(codes[static_cast<size_t>(literals[i])]);
  put_zeros(138);
  put_zeros(255 - 3 - 138);
  for (size_t i = 255; i < kLiterals; ++i) out.put(codes[static_cast<size_t>(literals[i])]);
  out.put(codes[1]);  // of the distance
}

// A zlib stream (RFC 1950) of runs.
class RunWriter {
 public:
  explicit RunWriter(Bytes& bytes) : bytes_(bytes), out_(bytes) {
    bytes_.insert(bytes_.end(), {0x78, 0x01});
    put_header(out_);
  }

  void add(unsigned char value, int64_t count) {
    if (value != value_ || count_ > kMost) flush();
    value_ = value;
    count_ += count;
  }

  void finish() {
    flush();
    out_.put(tables().literals[kEndOfBlock]);
    out_.finish();
    for (const uint64_t half : {high_, low_}) {
      bytes_.push_back(static_cast<unsigned char>(half >> 8));
      bytes_.push_back(static_cast<unsigned char>(half));
    }
  }

 private:
  static constexpr int64_t kMost = 1 << 24;  // so that the sums below do not overflow

  void flush() {
    if (count_ == 0) return;
    const uint64_t value = value_, count = static_cast<uint64_t>(count_);
    high_ = (high_ + count * low_ + value * (count * (count + 1) / 2)) % kAdler;
    low_ = (low_ + count * value) % kAdler;
    const Code literal = tables().literals[value_];
    out_.put(literal);
    for (--count_; count_ >= kShortestCopy;) {
      const int64_t length = std::min<int64_t>(count_, kLongestCopy);
      out_.put(tables().copies[static_cast<size_t>(length)]);
      count_ -= length;
    }
    for (; count_ > 0; --count_) out_.put(literal);
  }

  static constexpr uint64_t kAdler = 65521;
  Bytes& bytes_;
  BitWriter out_;
  uint64_t low_ = 1, high_ = 0;  // of the checksum Adler-32
  unsigned char value_ = 0;
  int64_t count_ = 0;
};

void add_runs(RunWriter& runs, const unsigned char* row, int width) {
  for (int x = 0; x < width;) {
    const unsigned char value = row[x];
    const uint64_t eight = value * 0x0101010101010101ULL;
    int end = x + 1;
    for (uint64_t next = 0; end + 8 <= width; end += 8) {
      std::memcpy(&next, row + end, 8);
      if (next != eight) break;
    }
    while (end < width && row[end] == value) ++end;
    runs.add(value, end - x);
    x = end;
  }
}

// ---- PNG

void put_number(Bytes& bytes, uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<unsigned char>(number >> shift));
  }
}

uint32_t crc_of(const unsigned char* bytes, size_t size) {
  static const auto table = [] {
    std::array<uint32_t, 256> values{};
    for (uint32_t i = 0; i < 256; ++i) {
      uint32_t value = i;
      for (int bit = 0; bit < 8; ++bit) value = value >> 1 ^ ((value & 1) ? 0xEDB88320U : 0U);
      values[i] = value;
    }
    return values;
  }();
  uint32_t crc = ~0U;
  for (size_t i = 0; i < size; ++i) crc = table[(crc ^ bytes[i]) & 0xFF] ^ crc >> 8;
  return ~crc;
}

// write: appends the data.
template <typename Write>
void put_chunk(Bytes& bytes, std::string_view type, const Write& write) {
  const size_t start = bytes.size();
  put_number(bytes, 0);
  bytes.insert(bytes.end(), type.begin(), type.end());
  write();
  const size_t size = bytes.size() - start - 8;
  for (size_t i = 0; i < 4; ++i) {
    bytes[start + i] = static_cast<unsigned char>(size >> (24 - 8 * i));
  }
  put_number(bytes, crc_of(bytes.data() + start + 4, size + 4));
}

// Whether row has no value but 0 and 255; its difference to the row above.
bool subtract(const unsigned char* row, const unsigned char* above, size_t width,
              unsigned char* __restrict difference) {
  int odd = 0;
  for (size_t x = 0; x < width; ++x) odd |= (row[x] + 1) & 0xFE;
  for (size_t x = 0; x < width; ++x) difference[x] = static_cast<unsigned char>(row[x] - above[x]);
  return odd == 0;
}

}  // namespace

Bytes encode_mask(const cv::Mat& image) {
  if (image.type() != CV_8UC1 || image.empty()) return {};
  constexpr auto kSignature = "\x89PNG\r\n\x1a\n"sv;
  Bytes bytes(kSignature.begin(), kSignature.end());
  const auto width = static_cast<size_t>(image.cols);
  put_chunk(bytes, "IHDR", [&] {
    put_number(bytes, static_cast<uint32_t>(image.cols));
    put_number(bytes, static_cast<uint32_t>(image.rows));
    bytes.insert(bytes.end(), {8, 0, 0, 0, 0});  // 8 bits, grey
  });
  bool is_mask = true;
  put_chunk(bytes, "IDAT", [&] {
    RunWriter runs(bytes);
    const Bytes nothing(width, 0);
    Bytes difference(width);
    const unsigned char* above = nothing.data();
    for (int y = 0; y < image.rows && is_mask; ++y) {
      const unsigned char* row = image.ptr(y);
      if (std::memcmp(row, nothing.data(), width) == 0) {
        runs.add(0, 1 + image.cols);
      } else {
        is_mask = subtract(row, above, width, difference.data());
        if (!is_mask) break;
        runs.add(kUp, 1);
        add_runs(runs, difference.data(), image.cols);
      }
      above = row;
    }
    runs.finish();
  });
  if (!is_mask) return {};
  put_chunk(bytes, "IEND", [] {});
  return bytes;
}

}  // namespace proxseg
