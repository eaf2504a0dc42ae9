// What TensorBoard shows of a run: a file of records, each an Event message of TensorFlow's protocol
// buffers, framed as TFRecord does:
//   uint64 length, uint32 masked_crc32c(length), bytes, uint32 masked_crc32c(bytes), little-endian
// https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details
#pragma once

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proxseg/core/file.h"

namespace proxseg {

// CRC-32C (Castagnoli), as in RFC 3720.
uint32_t crc32c(std::string_view bytes);

double seconds_since_1970();

using Scalars = std::vector<std::pair<std::string, double>>;  // by tag, e.g. "loss/total"

// Each under its tag, e.g. "mask"; a PNG or JPEG file.
struct TaggedImage {
  std::string tag;
  std::string file;
  int64_t width = 0, height = 0, channels = 0;
};

// Calls from several threads are written one after the other.
class TensorBoardLog {
 public:
  // Starts a new file, or goes on with the one that is there after dropping a record that was cut
  // short and those of first_step and later. path: TensorBoard reads files with "tfevents" in their
  // names.
  TensorBoardLog(const std::filesystem::path& path, int64_t first_step);

  // wall_time: seconds since 1970. Values are stored as float32. All throw OutputError.
  void add(int64_t step, double wall_time, const Scalars& scalars);
  void add_images(int64_t step, double wall_time, const std::vector<TaggedImage>& images);

  // values: at least one, finite; counted in 30 buckets of equal width between the least and the
  // greatest of them.
  void add_histogram(int64_t step, double wall_time, const std::string& tag,
                     const std::vector<double>& values);

  // For the HParams tab. settings: an object of numbers, truth values and texts. metrics: tags of
  // scalars that a run is judged by. Earlier ones of the file no longer count.
  void add_hyperparameters(double wall_time, const nlohmann::ordered_json& settings,
                           const std::vector<std::string>& metrics);
  void end_hyperparameters(double wall_time);

 private:
  void append(const std::string& event);

  std::mutex mutex_;
  AppendedFile file_;
};

// The tags under which a run's results stand, for add_hyperparameters().
inline constexpr const char* kFMeasureTag = "F";
inline constexpr const char* kScoreTag = "score";

// Adds results to the file of a run that has ended, for its last step. Nothing where there is no such
// file. Throws OutputError.
void add_results(const std::filesystem::path& path, int64_t step, const Scalars& results);

}  // namespace proxseg
