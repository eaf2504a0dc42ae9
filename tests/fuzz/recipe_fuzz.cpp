#include <string_view>

#include "proxseg/core/error.h"
#include "proxseg/recipe/fields.h"
#include "proxseg/recipe/load.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const std::string written = proxseg::to_json(proxseg::recipe_from_json(text, "fuzz"));
    // What was accepted is written so that it reads back the same.
    if (proxseg::to_json(proxseg::recipe_from_json(written, "again")) != written) __builtin_trap();
  } catch (const proxseg::ConfigError&) {
  }
  return 0;
}
