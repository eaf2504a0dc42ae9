// Fuzzed bytes as a file. Not flushed to disk, so that many can be tried.
#pragma once

#include <filesystem>
#include <fstream>

namespace proxseg {

inline void write_bytes(const std::filesystem::path& path, const uint8_t* data, size_t size) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
}

}  // namespace proxseg
