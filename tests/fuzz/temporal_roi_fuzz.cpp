#include "fuzz/write_bytes.h"
#include "proxseg/core/error.h"
#include "proxseg/core/temporary_folder.h"
#include "proxseg/media/cdnet.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace proxseg;
  static const TemporaryFolder folder;
  write_bytes(folder / "temporalROI.txt", data, size);
  try {
    const auto range = read_temporal_roi(folder.string());
    if (!range || range->first < 0 || range->second < range->first) __builtin_trap();
  } catch (const InputError&) {
  }
  return 0;
}
