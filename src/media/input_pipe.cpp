#include "media/input_pipe.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "proxseg/core/error.h"

namespace proxseg {

InputPipe::InputPipe(int file, ShouldStop should_stop)
    : file_(file), should_stop_(should_stop ? std::move(should_stop) : [] { return false; }) {}

size_t InputPipe::read(void* bytes, size_t size) {
  constexpr int kMilliseconds = 100;
  while (!interrupted_) {
    pollfd waiting{file_, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, kMilliseconds);
    if (ready == 0 && should_stop_()) interrupt();
    if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
    const ssize_t count = ::read(file_, bytes, size);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count < 0) {
      throw InputError(fmt::format("cannot read standard input: {}", std::strerror(errno)));
    }
    total_ += count;
    return static_cast<size_t>(count);
  }
  return 0;
}

}  // namespace proxseg
