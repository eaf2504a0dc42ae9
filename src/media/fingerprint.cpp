#include "proxseg/media/fingerprint.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <vector>

#include "media/location.h"
#include "proxseg/core/error.h"

namespace proxseg {
namespace {

constexpr size_t kHead = size_t{64} << 10;

class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
    if (!context_ || EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1) {
      throw std::runtime_error("OpenSSL offers no SHA-256");
    }
  }

  void add(std::string_view bytes) { EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()); }

  std::string hex() {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    EVP_DigestFinal_ex(context_.get(), digest, &size);
    std::string text;
    for (unsigned int i = 0; i < size; ++i) text += fmt::format("{:02x}", digest[i]);
    return text;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

}  // namespace

Fingerprint fingerprint_of(const std::string& path) {
  Fingerprint result;
  Sha256 hash;
  std::vector<char> head(kHead);
  for (const std::filesystem::path file : locate(path).files) {
    std::ifstream stream(file, std::ios::binary);
    stream.read(head.data(), static_cast<std::streamsize>(head.size()));
    if (stream.bad() || !stream.is_open()) {
      throw InputError(fmt::format("cannot read '{}'", file.string()));
    }
    const auto size = static_cast<int64_t>(std::filesystem::file_size(file));
    hash.add(fmt::format("{}\n{}\n", file.filename().string(), size));
    hash.add({head.data(), static_cast<size_t>(stream.gcount())});
    result.bytes += size;
    ++result.files;
  }
  result.sha256 = hash.hex();
  return result;
}

}  // namespace proxseg
