// Where one sequence's results go: to files, or as raw masks to standard output.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "proxseg/media/sink.h"
#include "proxseg/segment/session.h"
#include "segment/objects.h"
#include "segment/track_list.h"

namespace proxseg {

const std::vector<Product>& all_products();

// Throws UsageError for a name that is not known.
Product product_of(const std::string& name);

// The files of a product that is one for the whole sequence; none for the others, which are a folder
// of images by name_of() each.
std::vector<std::string> files_of_sequence(Product product);

// What a segmenter must give for those: they, and the background that the objects of tracks are compared
// with.
std::set<Product> needed_for(const std::set<Product>& products);

class ResultWriter {
 public:
  virtual ~ResultWriter() = default;

  // Every file of the frame has been written by an earlier call.
  virtual bool is_present(const Frame& frame) const = 0;

  // Throws OutputError.
  virtual void write(const Frame& frame, const Segmentation& result) = 0;

  // Waits until all is on disk. whole: every frame was written; otherwise the files for the whole
  // sequence are left out. background: of the sequence, 8UC1 or 8UC3; empty if no frame was
  // segmented. Throws OutputError.
  virtual void finish(bool whole, const cv::Mat& background) = 0;
};

class ProductWriter final : public ResultWriter {
 public:
  ProductWriter(std::filesystem::path folder, const ExportOptions& options,
                const SequenceInfo& sequence);

  bool is_present(const Frame& frame) const override;
  void write(const Frame& frame, const Segmentation& result) override;
  void finish(bool whole, const cv::Mat& background) override;

 private:
  std::filesystem::path path_of(Product product, const Frame& frame) const;
  std::filesystem::path file_of(Product product) const;
  bool is_there(Product product) const;
  void write_objects(const Frame& frame, const Segmentation& result);
  void write_lists() const;

  std::filesystem::path folder_;
  ExportOptions options_;
  ImageWriterQueue queue_;
  std::set<Product> open_;  // of the whole sequence each, still to be written
  std::unique_ptr<VideoWriter> overlay_;
  std::unique_ptr<VideoWriter> mask_video_;
  ObjectList objects_;
  std::optional<Tracker> tracker_;
  TrackList tracks_;
};

// Masks alone, one after the other.
class MaskPipe final : public ResultWriter {
 public:
  // Throws UsageError if options.save has more than masks.
  explicit MaskPipe(const ExportOptions& options);

  bool is_present(const Frame&) const override { return false; }
  void write(const Frame& frame, const Segmentation& result) override;
  void finish(bool, const cv::Mat&) override {}
};

}  // namespace proxseg
