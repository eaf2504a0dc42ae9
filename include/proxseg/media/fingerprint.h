// A hash by which the frames that a result was made from can be recognised.
#pragma once

#include <cstdint>
#include <string>

namespace proxseg {

struct Fingerprint {
  int64_t files = 0;
  int64_t bytes = 0;
  std::string sha256;  // 64 hexadecimal digits
};

// Fingerprint of the sequence that path stands for, as for open_source(): SHA-256 over the name,
// the size and the first 64 KiB of each of its files, in order. That covers most images whole, and the
// beginning of a video. It does not depend on where the sequence lies. Throws InputError as
// open_source() does.
Fingerprint fingerprint_of(const std::string& path);

}  // namespace proxseg
