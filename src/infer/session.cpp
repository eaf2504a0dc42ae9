#include "proxseg/infer/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "products.h"
#include "proxseg/core/error.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

// Gives a segmenter the frames of one sequence in batches, and a writer the results.
class BatchSegmenter {
 public:
  BatchSegmenter(Segmenter& segmenter, const SequenceInfo& sequence, ProductWriter& writer,
                 const std::set<Product>& products)
      : segmenter_(segmenter), sequence_(sequence), writer_(writer), products_(products) {}

  void add(Frame frame) {
    batch_.push_back(std::move(frame));
    if (static_cast<int64_t>(batch_.size()) == segmenter_.batch()) flush();
  }

  // A frame that only the results of later ones depend on.
  void pass(const Frame& frame) {
    flush();
    segment({frame.image}, {});
  }

  void flush() {
    if (batch_.empty()) return;
    std::vector<cv::Mat> images;
    for (const Frame& frame : batch_) images.push_back(frame.image);
    const auto results = segment(images, products_);
    for (size_t i = 0; i < batch_.size(); ++i) writer_.write(batch_[i], results[i]);
    segmented_ += static_cast<int64_t>(batch_.size());
    batch_.clear();
  }

  int64_t segmented() const { return segmented_; }

 private:
  std::vector<Segmentation> segment(const std::vector<cv::Mat>& images,
                                    const std::set<Product>& products) {
    if (!has_begun_) segmenter_.begin(sequence_);
    has_begun_ = true;
    return segmenter_.segment(images, products);
  }

  Segmenter& segmenter_;
  const SequenceInfo& sequence_;
  ProductWriter& writer_;
  const std::set<Product>& products_;
  bool has_begun_ = false;
  std::vector<Frame> batch_;
  int64_t segmented_ = 0;
};

}  // namespace

SequenceResult infer_sequence(Segmenter& segmenter, const NamedSequence& sequence,
                              const fs::path& folder, const SourceOptions& source_options,
                              const ExportOptions& options, const InferCallbacks& callbacks) {
  const auto start = std::chrono::steady_clock::now();
  SourceOptions full_size = source_options;
  full_size.scale = 1.0;
  full_size.gray = false;
  const auto source = prefetch(open_source(sequence.path, full_size));
  const SequenceInfo info = source->info();
  callbacks.on_start(info);

  SequenceResult result;
  result.name = sequence.name;
  result.folder = folder;
  ProductWriter writer(folder, options, info.size);
  BatchSegmenter batches(segmenter, info, writer, options.save);
  bool stopped = false;
  while (!(stopped = callbacks.should_stop())) {
    auto frame = source->next();
    if (!frame) break;
    ++result.frames;
    if (!writer.is_present(*frame)) {
      batches.add(std::move(*frame));
    } else {
      ++result.present;
      if (!segmenter.needs_every_frame()) continue;
      batches.pass(*frame);
    }
    callbacks.on_frames(result.frames, info.frames);
  }
  batches.flush();
  result.segmented = batches.segmented();
  writer.finish(/*whole=*/!stopped);
  result.skipped = source->skipped();
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace proxseg
