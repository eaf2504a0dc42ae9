#include "segment/products.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>
#include <utility>

#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/media/preview.h"
#include "proxseg/recipe/fields.h"
#include "segment/track_overlay.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

struct ProductName {
  Product product;
  const char* name;
};
constexpr ProductName kProducts[] = {{Product::kMask, "mask"},
                                     {Product::kSoft, "soft"},
                                     {Product::kBackground, "background"},
                                     {Product::kForeground, "foreground"},
                                     {Product::kBackgroundImage, "background-image"},
                                     {Product::kMaskVideo, "mask-video"},
                                     {Product::kOverlay, "overlay"},
                                     {Product::kBoxes, "boxes"},
                                     {Product::kContours, "contours"},
                                     {Product::kCoco, "coco"},
                                     {Product::kTracks, "tracks"}};

cv::Mat picture_of(Product product, const Segmentation& result) {
  switch (product) {
    case Product::kSoft: {
      cv::Mat bytes;
      result.soft.convertTo(bytes, CV_8U, 255.0);
      return bytes;
    }
    case Product::kBackground:
      return result.background;
    case Product::kForeground:
      return result.foreground;
    default:
      return result.mask;
  }
}

}  // namespace

const std::vector<Product>& all_products() {
  static const std::vector<Product> products = [] {
    std::vector<Product> list;
    for (const auto& entry : kProducts) list.push_back(entry.product);
    return list;
  }();
  return products;
}

std::vector<std::string> files_of_sequence(Product product) {
  switch (product) {
    case Product::kBackgroundImage:
      return {"background.png"};
    case Product::kMaskVideo:
      return {"mask.mkv"};
    case Product::kOverlay:
      return {"overlay.mp4"};
    case Product::kBoxes:
      return {"boxes.csv"};
    case Product::kContours:
      return {"contours.json"};
    case Product::kCoco:
      return {"coco.json"};
    case Product::kTracks:
      return {"tracks.csv", "tracks.txt"};
    default:
      return {};
  }
}

std::set<Product> needed_for(const std::set<Product>& products) {
  std::set<Product> needed = products;
  if (products.contains(Product::kTracks)) needed.insert(Product::kBackground);
  return needed;
}

const char* name_of(Product product) {
  for (const auto& entry : kProducts) {
    if (entry.product == product) return entry.name;
  }
  return "";
}

Product product_of(const std::string& name) {
  for (const auto& entry : kProducts) {
    if (name == entry.name) return entry.product;
  }
  std::vector<std::string> names;
  for (const auto& entry : kProducts) names.emplace_back(entry.name);
  throw UsageError(
      fmt::format("--save: '{}' is not known{}", name, did_you_mean(nearest(name, names))),
      "Use a list of mask, soft, background, foreground, background-image, mask-video, "
      "overlay, boxes, contours, coco, tracks.");
}

std::set<Product> parse_products(const std::string& list) {
  std::set<Product> products;
  std::istringstream stream(list);
  for (std::string name; std::getline(stream, name, ',');) products.insert(product_of(name));
  if (products.empty()) throw UsageError("--save: nothing to save");
  return products;
}

ProductWriter::ProductWriter(fs::path folder, const ExportOptions& options,
                             const SequenceInfo& sequence)
    : folder_(std::move(folder)), options_(options) {
  make_writable_folder(folder_);
  for (const Product product : options_.save) {
    if (files_of_sequence(product).empty()) continue;
    if (options_.force || !is_there(product)) open_.insert(product);
  }
  const auto open_video = [&](Product product) {
    return open_.contains(product)
               ? std::make_unique<VideoWriter>(file_of(product), sequence.size,
                                               sequence.fps > 0.0 ? sequence.fps : options_.fps)
               : nullptr;
  };
  overlay_ = open_video(Product::kOverlay);
  mask_video_ = open_video(Product::kMaskVideo);
  std::set<Product> lists;
  for (const Product list : {Product::kBoxes, Product::kContours, Product::kCoco}) {
    if (open_.contains(list)) lists.insert(list);
  }
  objects_ = ObjectList(std::move(lists), sequence.name);
  if (options_.save.contains(Product::kTracks)) tracker_.emplace();
}

// Of a product that is one file for the whole sequence.
fs::path ProductWriter::file_of(Product product) const {
  return folder_ / files_of_sequence(product).front();
}

// Of the whole sequence, by an earlier call.
bool ProductWriter::is_there(Product product) const {
  const auto files = files_of_sequence(product);
  return std::all_of(files.begin(), files.end(),
                     [&](const std::string& file) { return fs::exists(folder_ / file); });
}

fs::path ProductWriter::path_of(Product product, const Frame& frame) const {
  if (product == Product::kMask && options_.layout == Layout::kCdnet) {
    return folder_ / fmt::format("bin{:06d}.png", frame.number);
  }
  return folder_ / name_of(product) / (frame.name + ".png");
}

bool ProductWriter::is_present(const Frame& frame) const {
  if (options_.force || !open_.empty()) return false;
  return std::all_of(options_.save.begin(), options_.save.end(), [&](Product product) {
    return !files_of_sequence(product).empty() || fs::exists(path_of(product, frame));
  });
}

void ProductWriter::write(const Frame& frame, const Segmentation& result) {
  for (const Product product : options_.save) {
    if (files_of_sequence(product).empty()) {
      queue_.push(path_of(product, frame), picture_of(product, result));
    }
  }
  if (mask_video_) mask_video_->write(result.mask, frame.seconds);
  write_objects(frame, result);
}

void ProductWriter::write_objects(const Frame& frame, const Segmentation& result) {
  if (!tracker_) {
    if (overlay_) overlay_->write(draw_overlay(frame.image, result.mask), frame.seconds);
    objects_.add(frame, result.mask);
    return;
  }
  const std::vector<Track> tracks = tracker_->update(result.mask, frame.seconds);
  if (overlay_) overlay_->write(draw_tracks(frame.image, tracks), frame.seconds);
  objects_.add(frame, result.mask.size(), tracks);
  tracks_.add(frame, result.background, tracks);
}

void ProductWriter::finish(bool whole, const cv::Mat& background) {
  queue_.finish();
  if (!whole) return;
  if (mask_video_) mask_video_->close();
  if (overlay_) overlay_->close();
  if (open_.contains(Product::kBackgroundImage) && !background.empty()) {
    write_png(file_of(Product::kBackgroundImage), background);
  }
  write_lists();
}

void ProductWriter::write_lists() const {
  const auto write_list = [&](Product product, const std::string& list) {
    write_file_atomically(file_of(product), list);
  };
  if (open_.contains(Product::kBoxes)) write_list(Product::kBoxes, objects_.csv());
  if (open_.contains(Product::kContours)) write_list(Product::kContours, objects_.contours());
  if (open_.contains(Product::kCoco)) write_list(Product::kCoco, objects_.coco());
  if (!open_.contains(Product::kTracks)) return;
  const auto files = files_of_sequence(Product::kTracks);
  write_file_atomically(folder_ / files[0], tracks_.csv());
  write_file_atomically(folder_ / files[1], tracks_.motchallenge());
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
