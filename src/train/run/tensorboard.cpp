#include "proxseg/train/run/tensorboard.h"

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/protobuf.h"
#include "proxseg/core/file.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

constexpr size_t kHeader = sizeof(uint64_t) + sizeof(uint32_t);
constexpr size_t kFooter = sizeof(uint32_t);

// Numbers of the fields, as in event.proto, summary.proto and, for hyperparameters, TensorBoard's
// plugin_data.proto and api.proto.
namespace event_field {
constexpr int kWallTime = 1, kStep = 2, kFileVersion = 3, kSummary = 5;
}
namespace summary_field {
constexpr int kValue = 1, kTag = 1, kSimpleValue = 2, kImage = 4, kHistogram = 5, kMetadata = 9;
}
namespace image_field {
constexpr int kHeight = 1, kWidth = 2, kColorspace = 3, kEncoded = 4;
}
namespace histogram_field {
constexpr int kMin = 1, kMax = 2, kCount = 3, kSum = 4, kSumOfSquares = 5, kLimits = 6,
              kBuckets = 7;
}
namespace metadata_field {
constexpr int kPluginData = 1, kPluginName = 1, kContent = 2;
}
namespace hparams_field {
constexpr int kVersion = 1, kExperiment = 2, kSessionStart = 3, kSessionEnd = 4;
constexpr int kExperimentCreated = 3, kExperimentSettings = 4, kExperimentMetrics = 5;
constexpr int kSettingName = 1, kSettingType = 4;
constexpr int kMetricName = 1, kMetricTag = 2;
constexpr int kStartSettings = 1, kStartTime = 5, kMapKey = 1, kMapValue = 2;
constexpr int kValueNumber = 2, kValueText = 3, kValueBool = 4;  // google.protobuf.Value
constexpr int kEndStatus = 1, kEndTime = 2;
constexpr int64_t kText = 1, kBool = 2, kNumber = 3;  // DataType
constexpr int64_t kSuccess = 1;                       // Status
}  // namespace hparams_field

constexpr const char* kHyperparameters = "_hparams_/";  // begins the tags of their records

template <typename Integer>
Integer from_little_endian(std::string_view bytes) {
  Integer value = 0;
  for (size_t i = 0; i < sizeof(value); ++i) {
    value |= static_cast<Integer>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  }
  return value;
}

ProtobufMessage event(double wall_time, int64_t step) {
  ProtobufMessage message;
  message.add_double(event_field::kWallTime, wall_time);
  message.add_integer(event_field::kStep, step);
  return message;
}

// Of an event as event() begins it.
int64_t step_of(std::string_view record) {
  uint64_t step = 0;
  for (size_t i = 2 + sizeof(double), shift = 0; i < record.size(); ++i, shift += 7) {
    step |= static_cast<uint64_t>(record[i] & 0x7f) << shift;
    if ((record[i] & 0x80) == 0) break;
  }
  return static_cast<int64_t>(step);
}

uint32_t masked_crc(std::string_view bytes) {
  const uint32_t crc = crc32c(bytes);
  return (crc >> 15 | crc << 17) + 0xa282ead8U;
}

std::string framed(std::string_view record) {
  const std::string length = little_endian(static_cast<uint64_t>(record.size()));
  return length + little_endian(masked_crc(length)) + std::string(record) +
         little_endian(masked_crc(record));
}

std::string first_record() {
  ProtobufMessage message = event(0.0, 0);
  message.add_bytes(event_field::kFileVersion, "brain.Event:2");
  return framed(message.bytes());
}

// The next whole record, taken off the front of bytes.
std::optional<std::string_view> take_record(std::string_view& bytes) {
  if (bytes.size() < kHeader + kFooter) return std::nullopt;
  const auto length = from_little_endian<uint64_t>(bytes);
  if (length > bytes.size() - kHeader - kFooter) return std::nullopt;
  const std::string_view record = bytes.substr(kHeader, length);
  const auto crc = from_little_endian<uint32_t>(bytes.substr(kHeader + length));
  if (crc != masked_crc(record)) return std::nullopt;
  bytes.remove_prefix(kHeader + length + kFooter);
  return record;
}

// Returns path.
const fs::path& keep_records_before(const fs::path& path, int64_t first_step) {
  std::string kept = first_record();
  if (fs::exists(path)) {
    const std::string file = read_file(path);
    std::string_view rest = file;
    take_record(rest);
    for (auto record = take_record(rest); record; record = take_record(rest)) {
      const bool is_earlier_call = record->find(kHyperparameters) != std::string_view::npos;
      if (step_of(*record) < first_step && !is_earlier_call) kept += framed(*record);
    }
  }
  write_file_atomically(path, kept);
  return path;
}

// ---- values of a summary

ProtobufMessage tagged(const std::string& tag) {
  ProtobufMessage value;
  value.add_bytes(summary_field::kTag, tag);
  return value;
}

std::string event_of(int64_t step, double wall_time, const std::vector<ProtobufMessage>& values) {
  ProtobufMessage summary;
  for (const ProtobufMessage& value : values) {
    summary.add_bytes(summary_field::kValue, value.bytes());
  }
  ProtobufMessage message = event(wall_time, step);
  message.add_bytes(event_field::kSummary, summary.bytes());
  return message.bytes();
}

std::string scalars_event(int64_t step, double wall_time, const Scalars& scalars) {
  std::vector<ProtobufMessage> values;
  for (const auto& [name, number] : scalars) {
    ProtobufMessage& value = values.emplace_back(tagged(name));
    value.add_float(summary_field::kSimpleValue, static_cast<float>(number));
  }
  return event_of(step, wall_time, values);
}

ProtobufMessage image_value(const TaggedImage& image) {
  ProtobufMessage message;
  message.add_integer(image_field::kHeight, image.height);
  message.add_integer(image_field::kWidth, image.width);
  message.add_integer(image_field::kColorspace, image.channels);
  message.add_bytes(image_field::kEncoded, image.file);
  ProtobufMessage value = tagged(image.tag);
  value.add_bytes(summary_field::kImage, message.bytes());
  return value;
}

std::string packed(const std::vector<double>& values) {
  std::string bytes;
  for (const double value : values) bytes += little_endian(std::bit_cast<uint64_t>(value));
  return bytes;
}

ProtobufMessage histogram_message(const std::vector<double>& values) {
  constexpr size_t kBuckets = 30;
  const auto [least, greatest] = std::ranges::minmax(values);
  const double width = (greatest - least) / kBuckets;
  std::vector<double> limits(kBuckets), counts(kBuckets);
  for (size_t i = 0; i < kBuckets; ++i) limits[i] = least + width * static_cast<double>(i + 1);
  limits.back() = greatest;
  double sum = 0.0, squares = 0.0;
  for (const double value : values) {
    const auto at = width > 0.0 ? static_cast<size_t>((value - least) / width) : 0;
    ++counts[std::min(at, kBuckets - 1)];
    sum += value;
    squares += value * value;
  }
  ProtobufMessage message;
  message.add_double(histogram_field::kMin, least);
  message.add_double(histogram_field::kMax, greatest);
  message.add_double(histogram_field::kCount, static_cast<double>(values.size()));
  message.add_double(histogram_field::kSum, sum);
  message.add_double(histogram_field::kSumOfSquares, squares);
  message.add_bytes(histogram_field::kLimits, packed(limits));
  message.add_bytes(histogram_field::kBuckets, packed(counts));
  return message;
}

// ---- hyperparameters

// What the plugin reads: an event whose only content is data for it. part: of HParamsPluginData.
std::string hyperparameters_event(double wall_time, const std::string& tag, int part,
                                  const ProtobufMessage& content) {
  ProtobufMessage data;
  data.add_integer(hparams_field::kVersion, 0);
  data.add_bytes(part, content.bytes());
  ProtobufMessage plugin;
  plugin.add_bytes(metadata_field::kPluginName, "hparams");
  plugin.add_bytes(metadata_field::kContent, data.bytes());
  ProtobufMessage metadata;
  metadata.add_bytes(metadata_field::kPluginData, plugin.bytes());
  ProtobufMessage value = tagged(kHyperparameters + tag);
  value.add_bytes(summary_field::kMetadata, metadata.bytes());
  return event_of(0, wall_time, {value});
}

int64_t type_of(const nlohmann::ordered_json& setting) {
  if (setting.is_boolean()) return hparams_field::kBool;
  return setting.is_number() ? hparams_field::kNumber : hparams_field::kText;
}

ProtobufMessage value_of(const nlohmann::ordered_json& setting) {
  ProtobufMessage value;
  if (setting.is_boolean()) {
    value.add_integer(hparams_field::kValueBool, setting.get<bool>() ? 1 : 0);
  } else if (setting.is_number()) {
    value.add_double(hparams_field::kValueNumber, setting.get<double>());
  } else {
    value.add_bytes(hparams_field::kValueText, setting.get<std::string>());
  }
  return value;
}

ProtobufMessage experiment_of(double wall_time, const nlohmann::ordered_json& settings,
                              const std::vector<std::string>& metrics) {
  ProtobufMessage experiment;
  experiment.add_double(hparams_field::kExperimentCreated, wall_time);
  for (const auto& [name, setting] : settings.items()) {
    ProtobufMessage info;
    info.add_bytes(hparams_field::kSettingName, name);
    info.add_integer(hparams_field::kSettingType, type_of(setting));
    experiment.add_bytes(hparams_field::kExperimentSettings, info.bytes());
  }
  for (const std::string& tag : metrics) {
    ProtobufMessage name, info;
    name.add_bytes(hparams_field::kMetricTag, tag);
    info.add_bytes(hparams_field::kMetricName, name.bytes());
    experiment.add_bytes(hparams_field::kExperimentMetrics, info.bytes());
  }
  return experiment;
}

ProtobufMessage session_start(double wall_time, const nlohmann::ordered_json& settings) {
  ProtobufMessage start;
  for (const auto& [name, setting] : settings.items()) {
    ProtobufMessage entry;
    entry.add_bytes(hparams_field::kMapKey, name);
    entry.add_bytes(hparams_field::kMapValue, value_of(setting).bytes());
    start.add_bytes(hparams_field::kStartSettings, entry.bytes());
  }
  start.add_double(hparams_field::kStartTime, wall_time);
  return start;
}

}  // namespace

uint32_t crc32c(std::string_view bytes) {
  static const auto table = [] {
    std::array<uint32_t, 256> entries{};
    for (uint32_t i = 0; i < entries.size(); ++i) {
      uint32_t crc = i;
      for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78U : 0U);
      entries[i] = crc;
    }
    return entries;
  }();
  uint32_t crc = ~0U;
  for (const char byte : bytes) {
    crc = crc >> 8 ^ table[(crc ^ static_cast<unsigned char>(byte)) & 0xff];
  }
  return ~crc;
}

double seconds_since_1970() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

TensorBoardLog::TensorBoardLog(const fs::path& path, int64_t first_step)
    : file_(keep_records_before(path, first_step)) {}

void TensorBoardLog::append(const std::string& event) {
  const std::scoped_lock lock(mutex_);
  file_.append(framed(event));
}

void TensorBoardLog::add(int64_t step, double wall_time, const Scalars& scalars) {
  append(scalars_event(step, wall_time, scalars));
}

void TensorBoardLog::add_images(int64_t step, double wall_time,
                                const std::vector<TaggedImage>& images) {
  std::vector<ProtobufMessage> values;
  for (const TaggedImage& image : images) values.push_back(image_value(image));
  append(event_of(step, wall_time, values));
}

void TensorBoardLog::add_histogram(int64_t step, double wall_time, const std::string& tag,
                                   const std::vector<double>& values) {
  ProtobufMessage value = tagged(tag);
  value.add_bytes(summary_field::kHistogram, histogram_message(values).bytes());
  append(event_of(step, wall_time, {value}));
}

void TensorBoardLog::add_hyperparameters(double wall_time, const nlohmann::ordered_json& settings,
                                         const std::vector<std::string>& metrics) {
  append(hyperparameters_event(wall_time, "experiment", hparams_field::kExperiment,
                               experiment_of(wall_time, settings, metrics)));
  append(hyperparameters_event(wall_time, "session_start_info", hparams_field::kSessionStart,
                               session_start(wall_time, settings)));
}

void TensorBoardLog::end_hyperparameters(double wall_time) {
  ProtobufMessage end;
  end.add_integer(hparams_field::kEndStatus, hparams_field::kSuccess);
  end.add_double(hparams_field::kEndTime, wall_time);
  append(hyperparameters_event(wall_time, "session_end_info", hparams_field::kSessionEnd, end));
}

void add_results(const fs::path& path, int64_t step, const Scalars& results) {
  if (!is_there(path)) return;
  AppendedFile(path).append(framed(scalars_event(step, seconds_since_1970(), results)));
}

}  // namespace proxseg
