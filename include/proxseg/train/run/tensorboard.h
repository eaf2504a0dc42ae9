// Scalars for TensorBoard: a file of records, each an Event message of TensorFlow's protocol
// buffers, framed as TFRecord does:
//   uint64 length, uint32 masked_crc32c(length), bytes, uint32 masked_crc32c(bytes), little-endian
// https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proxseg/core/file.h"

namespace proxseg {

// CRC-32C (Castagnoli), as in RFC 3720.
uint32_t crc32c(std::string_view bytes);

using Scalars = std::vector<std::pair<std::string, double>>;  // by tag, e.g. "loss/total"

class TensorBoardLog {
 public:
  // Starts a new file, or goes on with the one that is there after dropping a record that was cut
  // short and those of first_step and later. path: TensorBoard reads files with "tfevents" in their
  // names.
  TensorBoardLog(const std::filesystem::path& path, int64_t first_step);

  // wall_time: seconds since 1970. Values are stored as float32. Throws OutputError.
  void add(int64_t step, double wall_time, const Scalars& scalars);

 private:
  AppendedFile file_;
};

}  // namespace proxseg
