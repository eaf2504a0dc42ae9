#include "segment/products.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <opencv2/imgproc.hpp>
#include <utility>

#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/core/text.h"
#include "proxseg/media/image_file.h"
#include "proxseg/media/sink.h"
#include "proxseg/media/transform.h"
#include "proxseg/recipe/fields.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

// What it is told of a frame, each with the one before.
enum class Needs { kMasks, kObjects, kIdentities };

struct ProductType {
  Product product;
  std::string name;
  Needs needs;
  std::vector<FrameFiles> of_frames;
  std::vector<std::string> of_sequence;
  OpenProduct* open;
};

template <Product product>
std::unique_ptr<SequenceProduct> open_images_of(const ProductContext& context) {
  return open_images(context, product);
}

const std::vector<ProductType>& types() {
  using enum Product;
  using enum Needs;
  static const std::vector<ProductType> all = {
      {kMask, "mask", kMasks, {{"mask", ".png"}}, {}, open_images_of<kMask>},
      {kSoft, "soft", kMasks, {{"soft", ".png"}}, {}, open_images_of<kSoft>},
      {kBackground,
       "background",
       kMasks,
       {{"background", ".png"}},
       {},
       open_images_of<kBackground>},
      {kForeground,
       "foreground",
       kMasks,
       {{"foreground", ".png"}},
       {},
       open_images_of<kForeground>},
      {kBackgroundImage, "background-image", kMasks, {}, {"background.png"}, open_background_image},
      {kMaskVideo, "mask-video", kMasks, {}, {"mask.mkv"}, open_mask_video},
      {kOverlay, "overlay", kMasks, {}, {"overlay.mp4"}, open_overlay},
      {kBoxes, "boxes", kObjects, {}, {"boxes.csv"}, open_boxes},
      {kContours, "contours", kObjects, {}, {"contours.json"}, open_contours},
      {kCoco, "coco", kObjects, {}, {"coco.json"}, open_coco},
      {kYolo,
       "yolo",
       kObjects,
       {{"yolo/labels", ".txt"}, {"yolo/images", ".png"}},
       {"yolo/data.yaml"},
       open_yolo},
      {kLabelme,
       "labelme",
       kObjects,
       {{"labelme", ".json"}, {"labelme", ".png"}},
       {"labelme/labels.txt"},
       open_labelme},
      {kTracks, "tracks", kIdentities, {}, {"tracks.csv", "tracks.txt"}, open_tracks},
      {kLabels, "labels", kIdentities, {{"labels", ".png"}}, {"labels.csv"}, open_labels},
      {kCvat, "cvat", kIdentities, {}, {"cvat.xml"}, open_cvat},
      {kCounts,
       "counts",
       kIdentities,
       {},
       {"counts.json", "crossings.csv", "visits.csv", "occupancy.csv"},
       open_counts}};
  return all;
}

const ProductType& type_of(Product product) {
  return *std::find_if(types().begin(), types().end(),
                       [&](const ProductType& type) { return type.product == product; });
}

bool any_needs(const std::set<Product>& products, Needs needs) {
  return std::any_of(products.begin(), products.end(),
                     [&](Product product) { return type_of(product).needs >= needs; });
}

std::vector<std::string> product_names() {
  std::vector<std::string> names;
  for (const ProductType& type : types()) names.push_back(type.name);
  return names;
}

void expect_in_frame(const char* option, const std::string& name,
                     const std::vector<cv::Point2d>& points, const SequenceInfo& sequence) {
  const cv::Size frame = sequence.size;
  const auto outside = [&](auto&& is_beyond) {
    return std::all_of(points.begin(), points.end(), is_beyond);
  };
  // A line may pass by a corner.
  const auto meets = [&] {
    cv::Point from = points.front(), to = points.back();
    return points.size() > 2 || cv::clipLine(frame + cv::Size(1, 1), from, to);
  };
  if (!outside([](const cv::Point2d& p) { return p.x < 0.0; }) &&
      !outside([](const cv::Point2d& p) { return p.y < 0.0; }) &&
      !outside([&](const cv::Point2d& p) { return p.x > frame.width; }) &&
      !outside([&](const cv::Point2d& p) { return p.y > frame.height; }) && meets()) {
    return;
  }
  throw UsageError(
      fmt::format("{}: '{}' lies outside of the frame, which is {} x {} pixels in '{}'", option,
                  name, frame.width, frame.height, sequence.path),
      "Give its points in pixels of the input.");
}

}  // namespace

void expect_in_frame(const CountOptions& options, const SequenceInfo& sequence) {
  for (const CountLine& line : options.lines) {
    expect_in_frame("--line", line.name, {line.from, line.to}, sequence);
  }
  for (const CountZone& zone : options.zones) {
    expect_in_frame("--zone", zone.name, zone.polygon, sequence);
  }
}

const std::vector<Product>& all_products() {
  static const std::vector<Product> products = [] {
    std::vector<Product> list;
    for (const ProductType& type : types()) list.push_back(type.product);
    return list;
  }();
  return products;
}

const std::vector<std::string>& files_of_sequence(Product product) {
  return type_of(product).of_sequence;
}

bool is_done(const fs::path& file) {
  return file.extension() == ".png" ? is_whole_png(file) : fs::exists(file);
}

bool is_whole(const fs::path& folder, Product product) {
  const auto& files = files_of_sequence(product);
  return std::all_of(files.begin(), files.end(),
                     [&](const std::string& file) { return is_there(folder / file); });
}

const std::vector<FrameFiles>& files_of_frames(Product product) {
  return type_of(product).of_frames;
}

Extras extras_of(const std::set<Product>& products) {
  Extras extras;
  for (const Product product : products) {
    const bool is_overlay = product == Product::kOverlay;
    const bool has_objects = is_overlay || type_of(product).needs == Needs::kObjects;
    if (has_objects && any_needs(products, Needs::kIdentities)) {
      extras[product].insert("identities");
    }
    if (is_overlay && products.contains(Product::kCounts)) extras[product].insert("counts");
  }
  return extras;
}

std::set<Product> needed_for(const std::set<Product>& products) {
  std::set<Product> needed = products;
  if (products.contains(Product::kTracks)) needed.insert(Product::kBackground);
  return needed;
}

bool show_frames(const std::set<Product>& products) {
  using enum Product;
  constexpr std::array kShowing = {kBackground, kForeground, kBackgroundImage, kOverlay,
                                   kTracks,     kYolo,       kLabelme};
  return std::ranges::any_of(kShowing, [&](Product p) { return products.contains(p); });
}

const char* name_of(Product product) { return type_of(product).name.c_str(); }

Product product_of(const std::string& name) {
  for (const ProductType& type : types()) {
    if (name == type.name) return type.product;
  }
  const std::vector<std::string> names = product_names();
  throw UsageError(
      fmt::format("--save: '{}' is not known{}", name, did_you_mean(nearest(name, names))),
      fmt::format("Use a list of {}.", fmt::join(names, ", ")));
}

cv::Mat read_mask_if_any(const fs::path& file) {
  try {
    return to_gray(read_image(file));
  } catch (const InputError&) {
    return {};
  }
}

std::set<Product> parse_products(const std::string& list) {
  std::set<Product> products;
  for (const std::string& name : split(list, ',')) products.insert(product_of(name));
  if (products.empty()) throw UsageError("--save: nothing to save");
  return products;
}

fs::path frame_file(const ProductContext& context, Product product, const Frame& frame) {
  if (product == Product::kMask && context.options.layout == Layout::kCdnet) {
    return context.folder / fmt::format("bin{:06d}.png", frame.number);
  }
  const FrameFiles& files = files_of_frames(product).front();
  return context.folder / files.folder / (frame.name + files.extension);
}

ProductWriter::ProductWriter(fs::path folder, const ExportOptions& options,
                             const SequenceInfo& sequence, const Extras& earlier)
    : counter_(options.counts),
      context_{.folder = std::move(folder),
               .sequence = sequence,
               .options = options,
               .has_identities = any_needs(options.save, Needs::kIdentities),
               .queue = queue_,
               .counter = counter_},
      has_objects_(any_needs(options.save, Needs::kObjects)) {
  expect_in_frame(counter_.options(), sequence);
  make_writable_folder(context_.folder);
  if (context_.has_identities) tracker_.emplace(tracker_options_for(sequence.fps));
  open_products(earlier);
}

// But for files of the whole sequence that are there and show what they are to show.
void ProductWriter::open_products(const Extras& earlier) {
  const ExportOptions& options = context_.options;
  const Extras extras = extras_of(options.save);
  const auto is_there = [&](Product product) {
    const auto wanted = extras.find(product), shown = earlier.find(product);
    const bool shows_all =
        wanted == extras.end() ||
        (shown != earlier.end() && std::ranges::includes(shown->second, wanted->second));
    return !options.force && is_whole(context_.folder, product) && shows_all;
  };
  for (const Product product : options.save) {
    const bool is_one_file = !files_of_sequence(product).empty();
    const bool is_whole_now = is_one_file && is_there(product);
    // Files of single frames without identities can be made again by themselves.
    const bool is_by_frame = !files_of_frames(product).empty() && !context_.has_identities;
    if (is_whole_now && !is_by_frame) continue;
    products_.emplace(product, type_of(product).open(context_));
    if (is_whole_now) continue;
    begun_.insert(product);
    waits_for_end_ = waits_for_end_ || is_one_file;
    // What is made anew does not stand in for it if this call is interrupted.
    std::error_code ignored;
    for (const std::string& file : files_of_sequence(product)) {
      fs::remove(context_.folder / file, ignored);
    }
  }
}

bool ProductWriter::is_present(const Frame& frame) {
  if (context_.options.layout == Layout::kCdnet) {
    const auto [other, is_new] = names_.emplace(frame.number, frame.name);
    if (!is_new) {
      throw InputError(
          fmt::format("'{}' and '{}' both are frame {}, by which --layout cdnet names masks",
                      other->second, frame.name, frame.number),
          "Leave --layout cdnet out, or give each frame a number of its own.");
    }
  }
  if (context_.options.force || waits_for_end_) return false;
  const auto& save = context_.options.save;
  return std::all_of(save.begin(), save.end(), [&](Product product) {
    return files_of_frames(product).empty() || is_done(frame_file(context_, product, frame));
  });
}

cv::Mat ProductWriter::mask_of(const Frame& frame) const {
  if (!context_.options.save.contains(Product::kMask)) return {};
  return read_mask_if_any(frame_file(context_, Product::kMask, frame));
}

void ProductWriter::write(const Frame& frame, const Segmentation& result) {
  const std::vector<Track> objects = objects_in(frame, result);
  for (const auto& [product, file] : products_) {
    if (!keeps(product, frame)) file->add({frame, result, objects});
  }
  for (const Product product : context_.options.save) {
    if (products_.contains(product) || files_of_frames(product).empty()) continue;
    if (!fs::exists(frame_file(context_, product, frame))) lost_.insert(product);
  }
}

// The frame's file is there, and perhaps corrected by hand; identities depend on all frames.
bool ProductWriter::keeps(Product product, const Frame& frame) const {
  const Needs needs = type_of(product).needs;
  const bool stands_alone =
      needs == Needs::kMasks || (needs == Needs::kObjects && !context_.has_identities);
  return !context_.options.force && stands_alone && !files_of_frames(product).empty() &&
         is_done(frame_file(context_, product, frame));
}

std::vector<Track> ProductWriter::objects_in(const Frame& frame, const Segmentation& result) {
  std::vector<Track> objects;
  if (tracker_) {
    objects = tracker_->update(result.mask, frame.seconds);
    counter_.update(objects, frame.seconds);
  } else if (has_objects_) {
    for (Shape& shape : components_of(result.mask)) objects.push_back({.shape = std::move(shape)});
  }
  return objects;
}

void ProductWriter::finish(bool whole, const cv::Mat& background) {
  queue_.finish();
  for (const Product product : lost_) {
    spdlog::warn(
        "'{}': files of {} are missing that an earlier call has written; as ids depend on all frames "
        "before, only --force makes them again",
        context_.folder.string(), name_of(product));
  }
  if (!whole) return;
  for (const auto& [product, file] : products_) file->finish(background);
}

std::optional<Counts> ProductWriter::counts() const {
  if (!products_.contains(Product::kCounts)) return std::nullopt;
  return counter_.counts();
}

MaskPipe::MaskPipe(const ExportOptions& options) {
  if (options.save == std::set{Product::kMask}) return;
  throw UsageError("--save: standard output takes masks alone",
                   "Give a folder as --output for anything else.");
}

void MaskPipe::write(const Frame&, const Segmentation& result) {
  write_raw(STDOUT_FILENO, result.mask);
}

}  // namespace proxseg
