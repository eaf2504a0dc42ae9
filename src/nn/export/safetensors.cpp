#include "proxseg/nn/export/safetensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/core/text.h"

namespace proxseg {
namespace fs = std::filesystem;
using nlohmann::json;
static_assert(std::endian::native == std::endian::little, "safetensors data is little-endian");

namespace {

constexpr uint64_t kLengthBytes = 8;
constexpr uint64_t kMaxHeader = uint64_t{16} << 20;
constexpr uint64_t kMaxElements = uint64_t{1} << 40;
constexpr size_t kMaxDimensions = 8;

struct DtypeName {
  torch::ScalarType type;
  const char* name;
};
constexpr DtypeName kDtypes[] = {
    {torch::kFloat32, "F32"}, {torch::kFloat64, "F64"}, {torch::kInt64, "I64"}};

const char* name_of(torch::ScalarType type) {
  for (const auto& dtype : kDtypes) {
    if (dtype.type == type) return dtype.name;
  }
  throw UsageError(
      fmt::format("safetensors: tensors of {} are not supported", c10::toString(type)));
}

torch::ScalarType dtype_of(const std::string& name) {
  for (const auto& dtype : kDtypes) {
    if (name == dtype.name) return dtype.type;
  }
  throw ModelError(fmt::format("dtype '{}' is not supported", name));
}

// Refuses names that occur twice, which nlohmann_json would merge in silence.
json parse_header(const std::string& text) {
  std::vector<std::set<std::string>> open_objects;
  const auto watch = [&](int depth, json::parse_event_t event, json& parsed) {
    if (depth > 8) throw ModelError("the header is nested too deeply");
    if (event == json::parse_event_t::object_start) open_objects.emplace_back();
    if (event == json::parse_event_t::object_end) open_objects.pop_back();
    if (event == json::parse_event_t::key &&
        !open_objects.back().insert(parsed.get<std::string>()).second) {
      throw ModelError(fmt::format("the name '{}' occurs twice", parsed.get<std::string>()));
    }
    return true;
  };
  try {
    json header = json::parse(text, watch);
    if (!header.is_object()) throw ModelError("the header is not a JSON object");
    return header;
  } catch (const json::exception& error) {
    throw ModelError(fmt::format("the header is not valid JSON: {}", error.what()));
  }
}

struct Entry {
  std::string name;
  torch::ScalarType dtype;
  std::vector<int64_t> shape;
  uint64_t begin = 0;
  uint64_t end = 0;
};

// Returns the number of elements.
uint64_t parse_shape(const json& shape, Entry& entry) {
  if (!shape.is_array() || shape.size() > kMaxDimensions) {
    throw ModelError(fmt::format("the shape of '{}' is not a list of at most {} sizes", entry.name,
                                 kMaxDimensions));
  }
  uint64_t elements = 1, product = 1;  // of sizes that are not 0, as strides are
  for (const json& size : shape) {
    if (!size.is_number_unsigned()) {
      throw ModelError(fmt::format("a size of '{}' is not a natural number", entry.name));
    }
    const auto n = size.get<uint64_t>();
    if (n > 0 && product > kMaxElements / n) {
      throw ModelError(fmt::format("'{}' is impossibly large", entry.name));
    }
    product *= std::max<uint64_t>(n, 1);
    elements *= n;
    entry.shape.push_back(static_cast<int64_t>(n));
  }
  return elements;
}

Entry parse_entry(const std::string& name, const json& value) {
  try {
    Entry entry{name, dtype_of(value.at("dtype").get<std::string>()), {}};
    const uint64_t elements = parse_shape(value.at("shape"), entry);
    const json& offsets = value.at("data_offsets");
    if (!offsets.is_array() || offsets.size() != 2 || !offsets[0].is_number_unsigned() ||
        !offsets[1].is_number_unsigned()) {
      throw ModelError(fmt::format("'{}' has malformed data_offsets", name));
    }
    entry.begin = offsets[0].get<uint64_t>();
    entry.end = offsets[1].get<uint64_t>();
    if (entry.end < entry.begin ||
        entry.end - entry.begin != elements * c10::elementSize(entry.dtype)) {
      throw ModelError(fmt::format("the data_offsets of '{}' do not match its shape", name));
    }
    return entry;
  } catch (const json::exception& error) {
    throw ModelError(fmt::format("the entry '{}' is malformed: {}", name, error.what()));
  }
}

// Data must be tiled by the tensors, which are in its order, without overlap or gap.
void check_layout(const std::vector<Entry>& entries, uint64_t data_size) {
  uint64_t position = 0;
  for (const Entry& entry : entries) {
    if (entry.begin != position) {
      throw ModelError(
          fmt::format("the data of '{}' overlaps another tensor's or leaves a gap", entry.name));
    }
    position = entry.end;
  }
  if (position != data_size) {
    throw ModelError(fmt::format("the file holds {} bytes of data, its header describes {}",
                                 data_size, position));
  }
}

Metadata parse_metadata(const json& object) {
  if (!object.is_object()) throw ModelError("__metadata__ is not an object");
  Metadata metadata;
  for (const auto& [key, text] : object.items()) {
    if (!text.is_string()) throw ModelError(fmt::format("metadata '{}' is not a text", key));
    metadata[key] = text.get<std::string>();
  }
  return metadata;
}

void read_exactly(std::istream& stream, void* to, uint64_t bytes) {
  stream.read(static_cast<char*>(to), static_cast<std::streamsize>(bytes));
  if (!stream) throw ModelError("the file is cut short");
}

std::string read_header(std::istream& stream, uint64_t size) {
  if (size < kLengthBytes) throw ModelError("the file is cut short");
  uint64_t length = 0;
  read_exactly(stream, &length, kLengthBytes);
  if (length > kMaxHeader || length > size - kLengthBytes) {
    throw ModelError(
        fmt::format("the header's length, {} bytes, passes the end of the file or 16 MiB", length));
  }
  std::string text(length, '\0');
  read_exactly(stream, text.data(), length);
  return text;
}

torch::Tensor read_tensor(std::istream& stream, const Entry& entry) {
  auto tensor = torch::empty(entry.shape, entry.dtype);
  read_exactly(stream, tensor.data_ptr(), entry.end - entry.begin);
  if (tensor.is_floating_point() && !torch::isfinite(tensor).all().item<bool>()) {
    throw ModelError(fmt::format("'{}' holds NaN or infinity", entry.name));
  }
  return tensor;
}

// size: of the whole file. Memory is taken for data only once the header fits the size.
WeightsFile read_weights(std::istream& stream, uint64_t size) {
  const std::string text = read_header(stream, size);
  const json header = parse_header(text);
  WeightsFile file;
  std::vector<Entry> entries;
  for (const auto& [name, value] : header.items()) {
    if (name == "__metadata__") {
      file.metadata = parse_metadata(value);
    } else {
      entries.push_back(parse_entry(name, value));
    }
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  check_layout(entries, size - kLengthBytes - text.size());
  for (const Entry& entry : entries) {
    file.tensors.emplace_back(entry.name, read_tensor(stream, entry));
  }
  return file;
}

}  // namespace

std::string to_safetensors(const WeightsFile& file) {
  json header = json::object();
  if (!file.metadata.empty()) header["__metadata__"] = file.metadata;
  std::string data;
  for (const auto& [name, tensor] : file.tensors) {
    const auto value = tensor.detach().to(torch::kCPU).contiguous();
    const size_t begin = data.size();
    data.append(static_cast<const char*>(value.data_ptr()), value.nbytes());
    header[name] = {{"dtype", name_of(value.scalar_type())},
                    {"shape", value.sizes().vec()},
                    {"data_offsets", {begin, data.size()}}};
  }
  std::string text = json_line(header);
  text.append((8 - text.size() % 8) % 8, ' ');
  const uint64_t length = text.size();
  std::string bytes(reinterpret_cast<const char*>(&length), kLengthBytes);
  return bytes + text + data;
}

void save_safetensors(const fs::path& path, const WeightsFile& file) {
  write_file_atomically(path, to_safetensors(file));
}

WeightsFile parse_safetensors(const std::string& bytes) {
  std::istringstream stream(bytes);
  return read_weights(stream, bytes.size());
}

WeightsFile load_safetensors(const fs::path& path) {
  std::error_code error;
  const uint64_t size = fs::file_size(path, error);
  std::ifstream stream(path, std::ios::binary);
  if (error || !stream) {
    throw ModelError(fmt::format("cannot read '{}': {}", path.string(),
                                 error ? error.message() : std::strerror(errno)));
  }
  try {
    return read_weights(stream, size);
  } catch (const ModelError& problem) {
    throw ModelError(
        fmt::format("'{}' is not a valid safetensors file: {}", path.string(), problem.what()),
        "Use a model.safetensors that a run has written.");
  }
}

}  // namespace proxseg
