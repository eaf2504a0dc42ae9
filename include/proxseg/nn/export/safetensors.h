// Weights as safetensors files (https://huggingface.co/docs/safetensors): the header's length in 8
// bytes, a JSON header, raw data, all little-endian. Nothing in such a file can run code.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "proxseg/nn/unet.h"

namespace proxseg {

using Metadata = std::map<std::string, std::string>;

struct WeightsFile {
  std::vector<NamedTensor> tensors;  // by name, float32, float64 or int64, on the CPU
  Metadata metadata;                 // the header's "__metadata__"
};

// The bytes of such a file. Throws UsageError for tensors of another dtype.
std::string to_safetensors(const WeightsFile& file);

// Writes atomically. Throws OutputError.
void save_safetensors(const std::filesystem::path& path, const WeightsFile& file);

// Throws ModelError for bytes that are cut short or malformed: a header larger than the file or
// than 16 MiB, or that is not JSON; duplicate names; offsets that are negative, overlap, leave gaps
// or pass the end; sizes that do not match shape and dtype; other dtypes; values that are not
// finite.
WeightsFile parse_safetensors(const std::string& bytes);

// The same for a file; errors name it, also if it is missing.
WeightsFile load_safetensors(const std::filesystem::path& path);

}  // namespace proxseg
