#include "segment/record.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <algorithm>
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
#include "proxseg/scene/plausibility.h"
#include "segment/products.h"

namespace proxseg {
namespace fs = std::filesystem;
using nlohmann::ordered_json;
namespace {

constexpr const char* kFile = "segmentation.json";
constexpr const char* kFrames = "frames";
constexpr const char* kExtras = "extras";
constexpr const char* kModel = "model";
constexpr const char* kOnError = "input.on_error";
constexpr const char* kHashFollows = ", ";  // the path of a file

struct SavedRecord {
  MaskRecord record;
  std::set<Product> products;
  Extras extras;                  // of them
  std::optional<int64_t> frames;  // once all is done
};

// Records of proxseg 0.1 do not say: as if all had been made at once.
Extras extras_in(const ordered_json& json, const std::set<Product>& products) {
  if (!json.contains(kExtras)) return extras_of(products);
  Extras extras;
  for (const auto& [name, shown] : json[kExtras].items()) {
    extras[product_of(name)] = shown.get<std::set<std::string>>();
  }
  return extras;
}

// Nothing if there is none that can be read.
std::optional<SavedRecord> saved_record(const fs::path& folder) {
  if (!is_there(folder / kFile)) return std::nullopt;
  try {
    const auto json = ordered_json::parse(read_file(folder / kFile));
    SavedRecord saved;
    saved.record.input = json.at("input");
    saved.record.settings = json.at("settings").get<MaskSettings>();
    saved.record.counting = json.value("counting", MaskSettings());
    for (const std::string name : json.at("products")) saved.products.insert(product_of(name));
    saved.extras = extras_in(json, saved.products);
    if (json.contains(kFrames)) saved.frames = json[kFrames].get<int64_t>();
    return saved;
  } catch (const std::exception& error) {
    spdlog::debug("{}", error.what());
    spdlog::warn("'{}' is damaged, and left out", (folder / kFile).string());
    return std::nullopt;
  }
}

std::vector<fs::path> files_in(const fs::path& folder, const std::string& prefix,
                               const std::string& extension) {
  std::vector<fs::path> files;
  for (const std::string& name : names_if_any(folder)) {
    const fs::path path = folder / name;
    if (path.extension() == extension && name.starts_with(prefix)) files.push_back(path);
  }
  return files;
}

// What lies in folder under the name of that product.
std::vector<fs::path> files_of(const fs::path& folder, Product product) {
  std::vector<fs::path> files;
  const auto add = [&](std::vector<fs::path> found) {
    for (fs::path& file : found) files.push_back(std::move(file));
  };
  for (const std::string& name : files_of_sequence(product)) {
    if (is_there(folder / name)) files.push_back(folder / name);
  }
  for (const auto& [of_frames, extension] : files_of_frames(product)) {
    add(files_in(folder / of_frames, "", extension));
  }
  if (product == Product::kMask) add(files_in(folder, "bin", ".png"));
  return files;
}

// The frames that have a whole file of that product, in the flat layout; nothing where frames have none.
std::optional<int64_t> count_frames(const fs::path& folder, Product product) {
  if (files_of_frames(product).empty()) return std::nullopt;
  const auto& [of_frames, extension] = files_of_frames(product).front();
  return std::ranges::count_if(files_in(folder / of_frames, "", extension), is_done);
}

// A hash is shown by its first digits.
std::string shown(const std::string& value) {
  constexpr size_t kHash = 64, kShown = 12;
  return value.size() == kHash ? value.substr(0, kShown) + "..." : value;
}

std::string shown(const MaskSettings& settings, const std::string& key, const std::string& input) {
  const auto found = settings.find(key);
  const std::string value = found == settings.end() ? "" : shown(found->second);
  return key == kFrames ? fmt::format("'{}' ({})", input, value) : fmt::format("'{}'", value);
}

std::vector<std::string> differences(const MaskRecord& there, const MaskRecord& now,
                                     MaskSettings MaskRecord::*settings) {
  const MaskSettings &before = there.*settings, &after = now.*settings;
  MaskSettings keys = before;
  keys.insert(after.begin(), after.end());
  std::vector<std::string> list;
  for (const auto& [key, value] : keys) {
    const auto a = before.find(key), b = after.find(key);
    if (a != before.end() && b != after.end() && a->second == b->second) continue;
    list.push_back(fmt::format("{} was {}, is {}", key, shown(before, key, there.input),
                               shown(after, key, now.input)));
  }
  return list;
}

// Where one is of a network and one is not, all else follows from that.
std::string other_maker(const MaskRecord& there, const MaskRecord& now) {
  if (there.settings.contains(kModel) == now.settings.contains(kModel)) return "";
  const auto maker = [&](const MaskRecord& record) {
    const auto method = record.settings.find("method");
    return record.settings.contains(kModel) || method == record.settings.end()
               ? "a network"
               : fmt::format("the method {}", method->second);
  };
  return fmt::format("made by {}, and now by {}", maker(there), maker(now));
}

// By the hash that proxseg 0.1 has recorded.
bool are_of_the_same_heads(const MaskRecord& there, const std::string& sequence) {
  const auto recorded = there.settings.find(kFrames);
  return recorded != there.settings.end() && !is_stream(sequence) &&
         fingerprint_of_heads(sequence).sha256 == recorded->second;
}

// Where the path of a file alone is recorded, as proxseg 0.1 has it of a background, its content is taken to be the same.
void settle_paths(MaskSettings& there, const MaskSettings& now) {
  for (auto& [key, value] : there) {
    const auto found = now.find(key);
    if (found != now.end() && !value.empty() && found->second.starts_with(value + kHashFollows)) {
      value = found->second;
    }
  }
}

std::vector<std::string> differences(const SavedRecord& saved, const MaskRecord& now, bool counts) {
  MaskRecord there = saved.record;
  settle_paths(there.settings, now.settings);
  const std::string &before = there.settings[kFrames], &frames = now.settings.at(kFrames);
  if (before != frames && are_of_the_same_heads(there, now.input)) there.settings[kFrames] = frames;
  // Where an unreadable frame has ended a call, another one may go on without it.
  if (!saved.frames) there.settings[kOnError] = now.settings.at(kOnError);
  if (std::string other = other_maker(there, now); !other.empty()) return {std::move(other)};
  auto list = differences(there, now, &MaskRecord::settings);
  if (!counts) return list;
  const auto counting = differences(there, now, &MaskRecord::counting);
  list.insert(list.end(), counting.begin(), counting.end());
  return list;
}

std::string text_of(const std::vector<cv::Point2d>& points) {
  std::vector<std::string> numbers;
  for (const cv::Point2d& point : points) numbers.push_back(fmt::format("{},{}", point.x, point.y));
  return fmt::format("{}", fmt::join(numbers, ","));
}

MaskSettings settings_of(const CountOptions& counts) {
  MaskSettings settings;
  for (const CountLine& line : counts.lines) {
    settings["line " + line.name] = text_of({line.from, line.to});
  }
  for (const CountZone& zone : counts.zones) settings["zone " + zone.name] = text_of(zone.polygon);
  return settings;
}

// With the hash of a file, whose content may change.
std::string settled(const std::string& path) {
  return is_file(path) ? path + kHashFollows + sha256(read_file(path)) : path;
}

}  // namespace

MaskRecord record_of(const Segmenter& segmenter, const NamedSequence& sequence,
                     const SourceOptions& source, const CountOptions& counts) {
  MaskRecord record{sequence.path, segmenter.settings(), settings_of(counts)};
  if (is_stream(sequence.path)) {
    record.input = stream_name(sequence.path);  // an address may hold a password
    record.settings[kFrames] = "a stream";
  } else {
    record.settings[kFrames] = fingerprint_of(sequence.path).sha256;
  }
  record.settings["input.range"] = source.range;
  record.settings["input.every"] = std::to_string(source.every);
  record.settings["input.roi"] = settled(source.roi);
  if (const auto file = record.settings.find("background.file"); file != record.settings.end()) {
    file->second = settled(file->second);
  }
  record.settings[kOnError] = source.on_error == OnError::kRefuse ? "refuse" : "skip";
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
    const bool counts = product == Product::kCounts && products.contains(product);
    if (const auto list = differences(*saved, record, counts); !list.empty()) {
      throw OutputError(fmt::format("'{}' holds results of another call: {}", folder.string(),
                                    fmt::join(list, "; ")),
                        kRemedy);
    }
  }
}

std::set<Product> recorded_products(const fs::path& folder) {
  const auto saved = saved_record(folder);
  return saved ? saved->products : std::set<Product>();
}

Extras recorded_extras(const fs::path& folder) {
  const auto saved = saved_record(folder);
  return saved ? saved->extras : Extras();
}

std::optional<std::string> doubt_about_frames(const fs::path& folder, const std::string& sequence) {
  const auto saved = saved_record(folder);
  if (!saved || !saved->record.settings.contains(kFrames)) return std::nullopt;
  const std::string& made_from = saved->record.settings.at(kFrames);
  try {
    const bool is_same = fingerprint_of(sequence).sha256 == made_from ||
                         are_of_the_same_heads(saved->record, sequence);
    if (is_same) return std::nullopt;
  } catch (const InputError&) {  // labels without frames
    return std::nullopt;
  }
  return fmt::format(
      "its masks were made from '{}', whose files are not those of '{}': measures mean nothing unless the "
      "frames of a number show the same in both",
      saved->record.input, sequence);
}

void expect_same_counts(const fs::path& folder, const CountOptions& counts) {
  const auto saved = saved_record(folder);
  if (!saved || !saved->products.contains(Product::kCounts)) return;
  const auto list =
      differences(saved->record, {{}, {}, settings_of(counts)}, &MaskRecord::counting);
  if (list.empty()) return;
  throw OutputError(
      fmt::format("'{}' holds counts of other lines: {}", folder.string(), fmt::join(list, "; ")),
      "Choose another --output, or --force to start over.");
}

CountOptions recorded_counts(const fs::path& folder) {
  CountOptions counts;
  const auto saved = saved_record(folder);
  if (!saved || !saved->products.contains(Product::kCounts)) return counts;
  for (const auto& [key, points] : saved->record.counting) {
    const std::string text = key.substr(key.find(' ') + 1) + "=" + points;
    if (key.starts_with("line ")) {
      counts.lines.push_back(parse_line(text));
    } else {
      counts.zones.push_back(parse_zone(text));
    }
  }
  return counts;
}

std::optional<int64_t> frames_done(const fs::path& folder, const ExportOptions& options) {
  const auto saved = saved_record(folder);
  if (!saved || !saved->frames) return std::nullopt;
  const auto is_there = [&](Product product) {
    return saved->products.contains(product) && is_whole(folder, product) &&
           count_frames(folder, product).value_or(*saved->frames) >= *saved->frames;
  };
  const bool counts_the_same =
      options.counts.empty() || saved->record.counting == settings_of(options.counts);
  const bool all_are_there = std::all_of(options.save.begin(), options.save.end(), is_there);
  return counts_the_same && all_are_there ? saved->frames : std::nullopt;
}

void remove_products(const fs::path& folder) {
  const auto saved = saved_record(folder);
  std::vector<std::string> foreign;
  std::error_code ignored;
  for (const Product product : all_products()) {
    const auto& of_frames = files_of_frames(product);
    const bool is_recorded = saved && saved->products.contains(product);
    for (const fs::path& file : files_of(folder, product)) {
      const bool is_image = !of_frames.empty() && file.extension() == ".png";
      if (is_image ? is_own_png(file) : is_recorded) {
        fs::remove(file, ignored);
      } else {
        foreign.push_back(fs::relative(file, folder, ignored).string());
      }
    }
    // Folders that are empty now.
    for (const FrameFiles& files : of_frames) {
      for (fs::path inner = files.folder; !inner.empty(); inner = inner.parent_path()) {
        fs::remove(folder / inner, ignored);
      }
    }
  }
  fs::remove(folder / kFile, ignored);
  if (foreign.empty()) return;
  constexpr size_t kNamed = 8;
  const size_t more = foreign.size() - std::min(foreign.size(), kNamed);
  foreign.resize(foreign.size() - more);
  spdlog::warn(
      "'{}': nothing says whether this program made these files, which stay and may be of another input: {}{}",
      folder.string(), fmt::join(foreign, ", "), more > 0 ? fmt::format(" and {} more", more) : "");
}

void save_record(const fs::path& folder, const MaskRecord& record,
                 const std::set<Product>& products, const std::set<Product>& begun,
                 const std::optional<Levels>& levels) {
  std::set<Product> all = products;
  Extras extras;
  MaskSettings counting = record.counting;
  const auto saved = saved_record(folder);
  if (saved && differences(*saved, record, /*counts=*/false).empty()) {
    all.merge(std::set(saved->products));
    extras = saved->extras;
    if (!products.contains(Product::kCounts)) counting = saved->record.counting;
  }
  for (const Product product : begun) extras.erase(product);
  for (const auto& [product, shown] : extras_of(products)) {
    if (begun.contains(product)) extras[product] = shown;
  }
  ordered_json json = {{"program", {{"version", version()}, {"commit", commit()}}},
                       {"input", record.input},
                       {"settings", record.settings},
                       {"products", ordered_json::array()}};
  if (!counting.empty()) json["counting"] = counting;
  if (levels) json["levels"] = {levels->low, levels->high};
  for (const Product product : all) json["products"].push_back(name_of(product));
  json[kExtras] = ordered_json::object();
  for (const auto& [product, shown] : extras) json[kExtras][name_of(product)] = shown;
  write_file_atomically(folder / kFile, json_text(json));
}

std::vector<std::string> doubts_about_masks(const fs::path& folder) {
  const auto saved = saved_record(folder);
  if (!saved || !saved->frames) return {};
  const auto files = files_of(folder, Product::kMask);
  MaskFacts facts;
  facts.frames = *saved->frames;
  for (const int64_t i : spread_evenly(kMostMasks, std::ssize(files))) {
    facts.add(read_mask_if_any(files[static_cast<size_t>(i)]));
  }
  const bool is_of_network = saved->record.settings.contains(kModel);
  return doubts_about(facts, is_of_network ? MaskMaker::kNetwork : MaskMaker::kClassicalMethod);
}

void record_end(const fs::path& folder, int64_t frames) {
  auto json = ordered_json::parse(read_file(folder / kFile));
  json[kFrames] = frames;
  write_file_atomically(folder / kFile, json_text(json));
}

}  // namespace proxseg
