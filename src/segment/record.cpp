#include "segment/record.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>
#include <vector>

#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/core/sha256.h"
#include "proxseg/core/text.h"
#include "proxseg/core/version.h"
#include "proxseg/media/sequences.h"
#include "proxseg/media/sink.h"
#include "proxseg/media/stream.h"
#include "segment/products.h"

namespace proxseg {
namespace fs = std::filesystem;
using nlohmann::ordered_json;
namespace {

constexpr const char* kFile = "segmentation.json";
constexpr const char* kFrames = "frames";

struct SavedRecord {
  MaskRecord record;
  std::set<Product> products;
};

// Nothing if there is none that can be read.
std::optional<SavedRecord> saved_record(const fs::path& folder) {
  std::error_code ignored;
  if (!fs::exists(folder / kFile, ignored)) return std::nullopt;
  try {
    const auto json = ordered_json::parse(read_file(folder / kFile));
    SavedRecord saved;
    saved.record.input = json.at("input");
    saved.record.settings = json.at("settings").get<MaskSettings>();
    for (const std::string name : json.at("products")) saved.products.insert(product_of(name));
    return saved;
  } catch (const std::exception& error) {
    spdlog::warn("'{}' is left out: {}", (folder / kFile).string(), error.what());
    return std::nullopt;
  }
}

std::vector<fs::path> images_in(const fs::path& folder, const std::string& prefix) {
  std::vector<fs::path> images;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const fs::path& path = it->path();
    if (path.extension() == ".png" && path.filename().string().starts_with(prefix)) {
      images.push_back(path);
    }
  }
  return images;
}

// What lies in folder under the name of that product.
std::vector<fs::path> files_of(const fs::path& folder, Product product) {
  if (const auto names = files_of_sequence(product); !names.empty()) {
    std::vector<fs::path> files;
    std::error_code ignored;
    for (const std::string& name : names) {
      if (fs::exists(folder / name, ignored)) files.push_back(folder / name);
    }
    return files;
  }
  std::vector<fs::path> images = images_in(folder / name_of(product), "");
  if (product == Product::kMask) {
    for (fs::path& image : images_in(folder, "bin")) images.push_back(std::move(image));
  }
  return images;
}

// A hash is shown by its first digits.
std::string shown(const std::string& value) {
  constexpr size_t kHash = 64, kShown = 12;
  return value.size() == kHash ? value.substr(0, kShown) + "..." : value;
}

std::string shown(const MaskRecord& record, const std::string& key) {
  const auto found = record.settings.find(key);
  const std::string value = found == record.settings.end() ? "" : shown(found->second);
  return key == kFrames ? fmt::format("'{}' ({})", record.input, value)
                        : fmt::format("'{}'", value);
}

std::vector<std::string> differences(const MaskRecord& there, const MaskRecord& now) {
  MaskSettings keys = there.settings;
  keys.insert(now.settings.begin(), now.settings.end());
  std::vector<std::string> list;
  for (const auto& [key, value] : keys) {
    const auto a = there.settings.find(key), b = now.settings.find(key);
    if (a != there.settings.end() && b != now.settings.end() && a->second == b->second) continue;
    list.push_back(fmt::format("{} was {}, is {}", key, shown(there, key), shown(now, key)));
  }
  return list;
}

std::string settled(const std::string& roi) {
  std::error_code ignored;
  return fs::is_regular_file(roi, ignored) ? roi + ", " + sha256(read_file(roi)) : roi;
}

}  // namespace

MaskRecord record_of(const Segmenter& segmenter, const NamedSequence& sequence,
                     const SourceOptions& source) {
  MaskRecord record{sequence.path, segmenter.settings()};
  if (is_stream(sequence.path)) {
    record.input = stream_name(sequence.path);  // an address may hold a password
    record.settings[kFrames] = "a stream";
  } else {
    record.settings[kFrames] = fingerprint_of(sequence.path).sha256;
  }
  record.settings["input.range"] = source.range;
  record.settings["input.every"] = std::to_string(source.every);
  record.settings["input.roi"] = settled(source.roi);
  if (!source.levels.empty()) record.settings["input.levels"] = source.levels;
  return record;
}

void expect_same_record(const fs::path& folder, const MaskRecord& record,
                        const std::set<Product>& products) {
  constexpr const char* kRemedy =
      "Choose another --output, or --force to start over: it removes what the program wrote there.";
  const auto saved = saved_record(folder);
  for (const Product product : all_products()) {
    const bool is_recorded = saved && saved->products.contains(product);
    if (!is_recorded && !products.contains(product)) continue;
    const std::vector<fs::path> files = files_of(folder, product);
    if (files.empty()) continue;
    if (!is_recorded) {
      throw OutputError(fmt::format("'{}' is there, and no {} says from what it was made",
                                    files.front().string(), kFile),
                        kRemedy);
    }
    if (const auto list = differences(saved->record, record); !list.empty()) {
      throw OutputError(fmt::format("'{}' holds results of another call: {}", folder.string(),
                                    fmt::join(list, "; ")),
                        kRemedy);
    }
  }
}

void remove_products(const fs::path& folder) {
  const auto saved = saved_record(folder);
  int64_t foreign = 0;
  std::error_code ignored;
  for (const Product product : all_products()) {
    const bool is_image = files_of_sequence(product).empty();
    const bool is_recorded = saved && saved->products.contains(product);
    for (const fs::path& file : files_of(folder, product)) {
      if (is_image ? is_own_png(file) : is_recorded) {
        fs::remove(file, ignored);
      } else {
        ++foreign;
      }
    }
    if (is_image) fs::remove(folder / name_of(product), ignored);  // if it is empty
  }
  fs::remove(folder / kFile, ignored);
  if (foreign == 0) return;
  spdlog::warn("'{}': files with names of results that this program may not have made stay: {}",
               folder.string(), foreign);
}

void save_record(const fs::path& folder, const MaskRecord& record,
                 const std::set<Product>& products) {
  std::set<Product> all = products;
  const auto saved = saved_record(folder);
  if (saved && differences(saved->record, record).empty()) all.merge(std::set(saved->products));
  ordered_json json = {{"program", {{"version", version()}, {"commit", commit()}}},
                       {"input", record.input},
                       {"settings", record.settings},
                       {"products", ordered_json::array()}};
  for (const Product product : all) json["products"].push_back(name_of(product));
  write_file_atomically(folder / kFile, json_text(json));
}

}  // namespace proxseg
