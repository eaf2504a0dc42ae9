// How often each file of a folder is opened while the counter lives.
#pragma once

#include <gtest/gtest.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <map>
#include <string>

namespace proxseg {

class OpenCounter {
 public:
  explicit OpenCounter(const std::filesystem::path& folder)
      : queue_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
    EXPECT_GE(::inotify_add_watch(queue_, folder.c_str(), IN_OPEN | IN_CLOSE_NOWRITE), 0);
  }
  ~OpenCounter() { ::close(queue_); }
  OpenCounter(const OpenCounter&) = delete;
  OpenCounter& operator=(const OpenCounter&) = delete;

  // By name. Opens of one file in a row, without a close between them, count as one.
  std::map<std::string, int> counts() const {
    std::map<std::string, int> counts;
    alignas(inotify_event) std::array<char, 65536> bytes{};
    for (ssize_t size = 0; (size = ::read(queue_, bytes.data(), bytes.size())) > 0;) {
      for (ssize_t at = 0; at < size;) {
        const auto* event = reinterpret_cast<const inotify_event*>(bytes.data() + at);
        if (event->len > 0 && (event->mask & IN_OPEN) != 0) ++counts[event->name];
        at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
      }
    }
    return counts;
  }

 private:
  int queue_;
};

}  // namespace proxseg
