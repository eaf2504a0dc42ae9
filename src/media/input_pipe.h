// Bytes from standard input, whose reader can be called off while it waits.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "media/stored.h"

namespace proxseg {

class InputPipe {
 public:
  explicit InputPipe(ShouldStop should_stop);

  // Up to `size` bytes; 0 at the end, after interrupt(), and once should_stop(), which is asked
  // while nothing comes. Throws InputError.
  size_t read(void* bytes, size_t size);

  // From any thread.
  void interrupt() { interrupted_ = true; }

  bool is_called_off() const { return interrupted_; }
  int64_t total() const { return total_; }  // bytes read so far

 private:
  ShouldStop should_stop_;
  std::atomic<bool> interrupted_ = false;
  int64_t total_ = 0;
};

}  // namespace proxseg
