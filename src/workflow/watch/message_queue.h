// Messages that wait for a broker. From any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace proxseg {

struct Message {
  std::string topic, text;
};

class MessageQueue {
 public:
  explicit MessageQueue(size_t capacity) : capacity_(capacity) {}

  // Where there are too many, the oldest goes.
  void push(Message message) {
    const std::lock_guard lock(mutex_);
    messages_.push_back(std::move(message));
    if (messages_.size() <= capacity_) return;
    messages_.pop_front();
    ++dropped_;
  }

  std::optional<Message> pop() {
    const std::lock_guard lock(mutex_);
    if (messages_.empty()) return {};
    Message message = std::move(messages_.front());
    messages_.pop_front();
    return message;
  }

  // How many went since the last call.
  int64_t take_dropped() {
    const std::lock_guard lock(mutex_);
    return std::exchange(dropped_, 0);
  }

 private:
  size_t capacity_;
  std::mutex mutex_;
  std::deque<Message> messages_;
  int64_t dropped_ = 0;
};

}  // namespace proxseg
