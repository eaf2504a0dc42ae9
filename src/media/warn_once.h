// Warnings of files, which may be read several times.
#pragma once

#include <spdlog/spdlog.h>

#include <mutex>
#include <set>
#include <string>

namespace proxseg {

// Keeps what it has said: not for streams, which may have new things to warn of for weeks.
inline void warn_once(const std::string& text) {
  static std::mutex mutex;
  static std::set<std::string> said;
  const std::lock_guard lock(mutex);
  if (said.insert(text).second) spdlog::warn(text);
}

}  // namespace proxseg
