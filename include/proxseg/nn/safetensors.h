// Weights as safetensors files: 8 bytes little-endian header length, a JSON header, raw
// little-endian data. https://huggingface.co/docs/safetensors ; nothing in such a file can run
// code.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "proxseg/nn/unet.h"

namespace proxseg {

struct WeightsFile {
  std::vector<NamedTensor> tensors;             // by name, float32, float64 or int64, on the CPU
  std::map<std::string, std::string> metadata;  // the header's "__metadata__"
};

// Writes atomically. Throws OutputError.
void save_safetensors(const std::filesystem::path& path, const WeightsFile& file);

// Throws ModelError naming the file for one that is missing, cut short or malformed: header larger
// than the file or 16 MiB, not JSON, duplicate names, offsets that are negative, overlap, leave
// gaps or pass the end, a size that does not match shape and dtype, other dtypes.
WeightsFile load_safetensors(const std::filesystem::path& path);

}  // namespace proxseg
