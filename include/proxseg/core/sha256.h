// SHA-256, by OpenSSL.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace proxseg {

// Of bytes that come in pieces. Sha256 hash; hash.add(a); hash.add(b); hash.hex();
class Sha256 {
 public:
  Sha256();
  void add(std::string_view bytes);

  // 64 hexadecimal digits. The last call.
  std::string hex();

 private:
  std::unique_ptr<void, void (*)(void*)> context_;
};

std::string sha256(std::string_view bytes);

}  // namespace proxseg
