// Which frames a result was made from.
#pragma once

#include <cstdint>
#include <string>

namespace proxseg {

struct Fingerprint {
  int64_t files = 0;
  int64_t bytes = 0;
  std::string sha256;  // 64 hexadecimal digits
};

// Of the sequence that path stands for, as open_source() takes it: SHA-256 over the name, the size
// and the first 64 KiB of each of its files in order; that is all of most images, and the head of a
// video. The same wherever the sequence lies. Throws InputError as open_source() does.
Fingerprint fingerprint_of(const std::string& path);

}  // namespace proxseg
