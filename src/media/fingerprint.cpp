#include "proxseg/media/fingerprint.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <vector>

#include "media/location.h"
#include "proxseg/core/error.h"
#include "proxseg/core/sha256.h"

namespace proxseg {
namespace {

constexpr size_t kHead = size_t{64} << 10;

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
