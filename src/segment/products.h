// Where one sequence's results go: to files, or as raw masks to standard output.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "proxseg/media/sink.h"
#include "proxseg/segment/session.h"
#include "segment/product/product.h"

namespace proxseg {

const std::vector<Product>& all_products();

// Throws UsageError for a name that is not known.
Product product_of(const std::string& name);

// The files of a product for the whole sequence, which say that it is whole; none where it only has
// files for single frames.
const std::vector<std::string>& files_of_sequence(Product product);

// Its files for single frames: a folder, and their extension there with the dot. The first is
// written for every frame; none where it has no such files.
struct FrameFiles {
  std::string folder;
  std::string extension;
};
const std::vector<FrameFiles>& files_of_frames(Product product);

// Whether the file is there and whole: images are flushed late, and a machine that has failed may have cut
// them short.
bool is_done(const std::filesystem::path& file);

// The mask in a file; empty where there is none that can be read.
cv::Mat read_mask_if_any(const std::filesystem::path& file);

// Of so many masks on disk, at most, is told whether they can be right.
constexpr int64_t kMostMasks = 2000;

// Whether its files for the whole sequence are in folder.
bool is_whole(const std::filesystem::path& folder, Product product);

// What a product shows besides because of those that are made with it: "identities" of objects, "counts". By product,
// for those that show any.
using Extras = std::map<Product, std::set<std::string>>;
Extras extras_of(const std::set<Product>& products);

// What a segmenter must give for those: they, and the background that the objects of tracks are
// compared with.
std::set<Product> needed_for(const std::set<Product>& products);

// Whether one of them shows pixels of the frames, so that their images must have the full size.
bool show_frames(const std::set<Product>& products);

// Throws UsageError for a line or a zone that lies outside of the sequence's frames.
void expect_in_frame(const CountOptions& options, const SequenceInfo& sequence);

class ResultWriter {
 public:
  virtual ~ResultWriter() = default;

  // Every file of the frame has been written by an earlier call. To be asked for each frame. Throws InputError for
  // one whose files would replace those of another.
  virtual bool is_present(const Frame& frame) = 0;

  // The mask of a frame that is present, as it lies there; empty where masks are not saved.
  virtual cv::Mat mask_of(const Frame&) const { return {}; }

  // Throws OutputError.
  virtual void write(const Frame& frame, const Segmentation& result) = 0;

  // Waits until all is on disk. whole: every frame was written; otherwise the files for the whole
  // sequence are left out. background: of the sequence, 8UC1 or 8UC3; empty if no frame was
  // segmented. Throws OutputError.
  virtual void finish(bool whole, const cv::Mat& background) = 0;

  // Nothing unless something was counted.
  virtual std::optional<Counts> counts() const { return std::nullopt; }
};

class ProductWriter final : public ResultWriter {
 public:
  // earlier: of what earlier calls have made in folder. Throws UsageError where options.counts has a
  // line or zone outside of the frame.
  ProductWriter(std::filesystem::path folder, const ExportOptions& options,
                const SequenceInfo& sequence, const Extras& earlier);

  // Those whose files for the whole sequence this call makes.
  const std::set<Product>& begun() const { return begun_; }

  bool is_present(const Frame& frame) override;
  cv::Mat mask_of(const Frame& frame) const override;
  void write(const Frame& frame, const Segmentation& result) override;
  void finish(bool whole, const cv::Mat& background) override;
  std::optional<Counts> counts() const override;

 private:
  void open_products(const Extras& earlier);
  bool keeps(Product product, const Frame& frame) const;
  std::vector<Track> objects_in(const Frame& frame, const Segmentation& result);

  FrameFileQueue queue_;
  Counter counter_;
  ProductContext context_;
  std::optional<Tracker> tracker_;
  bool has_objects_ = false;    // some product asks for them
  bool waits_for_end_ = false;  // for files of the whole sequence that are still to be written
  std::map<Product, std::unique_ptr<SequenceProduct>> products_;
  std::set<Product> begun_;
  std::map<int64_t, std::string> names_;  // of frames by their numbers, where these name masks
  std::set<Product> lost_;  // some of whose files are gone and can't be made by themselves
};

// Masks alone, one after the other.
class MaskPipe final : public ResultWriter {
 public:
  // Throws UsageError if options.save has more than masks.
  explicit MaskPipe(const ExportOptions& options);

  bool is_present(const Frame&) override { return false; }
  void write(const Frame& frame, const Segmentation& result) override;
  void finish(bool, const cv::Mat&) override {}
};

}  // namespace proxseg
