#include "proxseg/nn/export/safetensors.h"

#include "proxseg/core/error.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const std::string bytes(reinterpret_cast<const char*>(data), size);
    const proxseg::WeightsFile file = proxseg::parse_safetensors(bytes);
    // What was read can be written, and is then read the same.
    const auto again = proxseg::parse_safetensors(proxseg::to_safetensors(file));
    if (again.tensors.size() != file.tensors.size() || again.metadata != file.metadata)
      __builtin_trap();
  } catch (const proxseg::ModelError&) {
  }
  return 0;
}
