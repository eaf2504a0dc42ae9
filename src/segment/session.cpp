#include "proxseg/segment/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <exception>

#include "proxseg/core/error.h"
#include "proxseg/media/stream.h"
#include "segment/products.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

// Gives a segmenter the frames of one sequence in batches, and a writer the results.
class BatchSegmenter {
 public:
  BatchSegmenter(Segmenter& segmenter, SequenceInfo sequence, ResultWriter& writer,
                 const std::set<Product>& products)
      : segmenter_(segmenter),
        sequence_(std::move(sequence)),
        writer_(writer),
        products_(products) {}

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
  cv::Mat background() const { return has_begun_ ? segmenter_.background() : cv::Mat(); }

 private:
  std::vector<Segmentation> segment(const std::vector<cv::Mat>& images,
                                    const std::set<Product>& products) {
    if (!has_begun_) segmenter_.begin(sequence_);
    has_begun_ = true;
    sequence_.head.clear();
    return segmenter_.segment(images, products);
  }

  Segmenter& segmenter_;
  SequenceInfo sequence_;
  ResultWriter& writer_;
  const std::set<Product>& products_;
  bool has_begun_ = false;
  std::vector<Frame> batch_;
  int64_t segmented_ = 0;
};

// The frames of a sequence, the first of which may be looked at before they are given.
class FramesAhead {
 public:
  explicit FramesAhead(std::unique_ptr<FrameSource> source) : source_(std::move(source)) {}

  // Until so many are held, the source ends, or should_stop.
  void hold(int64_t count, const std::function<bool()>& should_stop) {
    while (static_cast<int64_t>(held_.size()) < count && !should_stop()) {
      auto frame = source_->next();
      if (!frame) return;
      held_.push_back(std::move(*frame));
    }
  }

  SequenceInfo info() const {
    SequenceInfo info = source_->info();
    for (const Frame& frame : held_) info.head.push_back(frame.image);
    return info;
  }

  std::optional<Frame> next() {
    if (held_.empty()) return source_->next();
    Frame frame = std::move(held_.front());
    held_.pop_front();
    return frame;
  }

  int64_t announced() const { return source_->info().frames; }
  const std::vector<std::string>& skipped() const { return source_->skipped(); }

 private:
  std::unique_ptr<FrameSource> source_;
  std::deque<Frame> held_;
};

void expect_empty(const fs::path& folder) {
  std::error_code ignored;
  if (fs::is_empty(folder, ignored) || !fs::exists(folder, ignored)) return;
  throw OutputError(
      fmt::format("'{}' is not empty: a stream's frames would mix with it", folder.string()),
      "Choose another --output, or --force.");
}

std::unique_ptr<ResultWriter> make_writer(const fs::path& folder, const ExportOptions& options,
                                          const SequenceInfo& sequence) {
  if (folder == "-") return std::make_unique<MaskPipe>(options);
  if (sequence.kind == SequenceKind::kStream && !options.force) expect_empty(folder);
  return std::make_unique<ProductWriter>(folder, options, sequence);
}

}  // namespace

SequenceResult infer_sequence(Segmenter& segmenter, const NamedSequence& sequence,
                              const fs::path& folder, const SourceOptions& source_options,
                              const ExportOptions& options, const InferCallbacks& callbacks) {
  const auto start = std::chrono::steady_clock::now();
  SourceOptions full_size = source_options;
  full_size.scale = 1.0;
  full_size.gray = false;
  const bool is_live = is_stream(sequence.path);
  FramesAhead frames(prefetch(is_live ? open_stream(sequence.path, full_size)
                                      : open_source(sequence.path, full_size)));
  SequenceInfo written = frames.info();
  written.fps /= static_cast<double>(source_options.every);
  const auto writer = make_writer(folder, options, written);
  callbacks.on_start(frames.info());
  if (is_live) frames.hold(segmenter.wanted_head(), callbacks.should_stop);
  BatchSegmenter batches(segmenter, frames.info(), *writer, options.save);

  SequenceResult result;
  result.name = sequence.name;
  result.folder = folder;
  bool stopped = false;
  std::exception_ptr broken;
  while (!(stopped = callbacks.should_stop())) {
    std::optional<Frame> frame;
    try {
      frame = frames.next();
    } catch (const InputError&) {
      broken = std::current_exception();
    }
    if (!frame) break;
    ++result.frames;
    if (!writer->is_present(*frame)) {
      batches.add(std::move(*frame));
    } else {
      ++result.present;
      if (!segmenter.needs_every_frame()) continue;
      batches.pass(*frame);
    }
    callbacks.on_frames(result.frames, frames.announced());
  }
  batches.flush();
  writer->finish(/*whole=*/is_live || (!stopped && !broken), batches.background());
  if (broken) std::rethrow_exception(broken);
  result.segmented = batches.segmented();
  result.skipped = frames.skipped();
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace proxseg
