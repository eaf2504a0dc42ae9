// YUV4MPEG2 on standard input.
#include <spdlog/spdlog.h>

#include "proxseg/core/error.h"
#include "proxseg/media/stream.h"
#include "support/standard_input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace proxseg;
  spdlog::set_level(spdlog::level::off);
  const StandardInput input({reinterpret_cast<const char*>(data), size});
  try {
    const auto source = open_stream("-");
    while (const auto frame = source->next()) {
      if (frame->image.size() != source->info().size) __builtin_trap();
    }
  } catch (const InputError&) {
  }
  return 0;
}
