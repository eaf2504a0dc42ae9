#include "proxseg/segment/session.h"

#include <fmt/format.h>

#include <chrono>
#include <deque>
#include <exception>

#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/media/sink.h"
#include "proxseg/media/stream.h"
#include "segment/products.h"
#include "segment/record.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

// All of the file, of which options may ask for a part.
SequenceInfo whole_of(const SequenceInfo& sequence, const SourceOptions& options) {
  const bool is_whole = options.range.empty() && options.every == 1;
  if (is_whole || sequence.kind == SequenceKind::kStream) return sequence;
  return open_ahead(sequence, {.on_error = OnError::kSkipSilently})->info();
}

// Gives a segmenter the frames of one sequence in batches, and a writer the results.
class BatchSegmenter {
 public:
  BatchSegmenter(Segmenter& segmenter, SequenceInfo sequence, std::vector<Span> parts,
                 ResultWriter& writer, const std::set<Product>& products,
                 const InferCallbacks& callbacks)
      : segmenter_(segmenter),
        sequence_(std::move(sequence)),
        parts_(std::move(parts)),
        frames_(sequence_.frames),
        writer_(writer),
        made_(products),
        products_(needed_for(products)),
        callbacks_(callbacks) {}

  // Those of head, then those of source, until there is none, one cannot be read, or it is called off.
  void segment_all(std::deque<Frame> head, FrameSource& source) {
    const auto next = [&]() -> std::optional<Frame> {
      if (head.empty()) return source.next();
      Frame frame = std::move(head.front());
      head.pop_front();
      return frame;
    };
    while (!(stopped_ = callbacks_.should_stop())) {
      std::optional<Frame> frame;
      try {
        frame = next();
      } catch (const InputError&) {
        broken_ = std::current_exception();
      }
      if (!frame) break;
      ++taken_;
      writer_.is_present(*frame) ? pass(*frame) : add(std::move(*frame), taken_);
    }
    flush();
  }

  int64_t taken() const { return taken_; }      // frames
  int64_t present() const { return present_; }  // that an earlier call has segmented
  bool stopped() const { return stopped_; }
  std::exception_ptr broken() const { return broken_; }
  const MaskFacts& facts() const { return facts_; }
  cv::Mat background() const { return has_begun_ ? segmenter_.background() : cv::Mat(); }

 private:
  struct Waiting {
    Frame frame;
    int64_t position;
    std::set<Product> also;  // wanted besides products_
  };

  void add(Frame frame, int64_t position) {
    std::set<Product> also;
    if (callbacks_.also_wanted) also = callbacks_.also_wanted(frame, position);
    enter_part_of(frame);
    batch_.push_back({std::move(frame), position, std::move(also)});
    if (static_cast<int64_t>(batch_.size()) == segmenter_.batch()) flush();
  }

  // A frame that only the results of later ones may depend on.
  void pass(const Frame& frame) {
    if (present_ % (1 + frames_ / kMostMasks) == 0) facts_.add(writer_.mask_of(frame));
    ++present_;
    if (!segmenter_.needs_every_frame()) return;
    flush();
    segment({frame.image}, {}, time_in(sequence_, frame));
    callbacks_.on_frames(taken_, frames_);
  }

  void flush() {
    if (batch_.empty()) return;
    std::vector<cv::Mat> images;
    std::set<Product> products = products_;
    for (const Waiting& waiting : batch_) {
      images.push_back(waiting.frame.image);
      products.insert(waiting.also.begin(), waiting.also.end());
    }
    const auto results = segment(images, products, time_in(sequence_, batch_.front().frame));
    for (size_t i = 0; i < batch_.size(); ++i) {
      const auto& [frame, position, also] = batch_[i];
      writer_.write(frame, results[i]);
      facts_.add(results[i].mask);
      if (!also.empty()) callbacks_.on_result(frame, position, results[i]);
    }
    callbacks_.on_frames(batch_.back().position, frames_);
    batch_.clear();
  }

  std::vector<Segmentation> segment(const std::vector<cv::Mat>& images,
                                    const std::set<Product>& products, double seconds) {
    if (!has_begun_) begin();
    segmenter_.set_time(seconds);
    return segmenter_.segment(images, products);
  }

  // Each part is begun anew, once what waits of another has been segmented. The last one has no end.
  void enter_part_of(const Frame& frame) {
    size_t part = 0;
    while (time_in(sequence_, frame) >= parts_[part].end) ++part;
    if (part == part_) return;
    flush();
    part_ = part;
    has_begun_ = false;
  }

  void begin() {
    const bool learns = segmenter_.wanted_head() > 0;
    if (learns) callbacks_.on_learning();
    if (parts_.size() > 1) sequence_.part = parts_[part_];
    segmenter_.begin(sequence_, made_);
    sequence_.head.clear();
    has_begun_ = true;
  }

  Segmenter& segmenter_;
  SequenceInfo sequence_;
  std::vector<Span> parts_;
  size_t part_ = 0;  // that the segmenter has begun, or is to begin
  int64_t frames_;   // in it
  ResultWriter& writer_;
  std::set<Product> made_, products_;  // of the results; what they are made of
  const InferCallbacks& callbacks_;
  bool has_begun_ = false;
  std::vector<Waiting> batch_;
  MaskFacts facts_;
  int64_t taken_ = 0, present_ = 0;
  bool stopped_ = false;
  std::exception_ptr broken_;
};

SourceOptions with_images(SourceOptions options, const SourceOptions& images) {
  options.scale = images.scale;
  options.pixels = images.pixels;
  return options;
}

void expect_empty(const fs::path& folder) {
  std::error_code ignored;
  if (fs::is_empty(folder, ignored) || !is_there(folder)) return;
  throw OutputError(
      fmt::format("'{}' is not empty: a stream's frames would mix with it", folder.string()),
      "Choose another --output, or --force.");
}

// Throws unless products may be written to folder: what lies there is no frame of the sequence, and
// comes from the same call or is to be replaced.
void check_folder(const fs::path& folder, const NamedSequence& sequence, const MaskRecord& record,
                  const ExportOptions& options) {
  expect_products_apart(folder, sequence);
  if (is_there(folder / "watch.json")) {
    throw OutputError(
        fmt::format("'{}' is the folder of a camera that is watched", folder.string()),
        "Choose another --output.");
  }
  if (options.force) return;
  is_stream(sequence.path) ? expect_empty(folder)
                           : expect_same_record(folder, record, options.save);
}

// Throws OutputError where an image of the user has the name of a product.
void expect_no_foreign_image(const fs::path& folder, const std::set<Product>& products) {
  for (const Product product : products) {
    for (const std::string& name : files_of_sequence(product)) {
      const fs::path file = folder / name;
      if (file.extension() != ".png" || !is_there(file) || is_own_png(file)) continue;
      throw OutputError(
          fmt::format("'{}' is no result of this program, and would be replaced", file.string()),
          "Move it away, or choose another --output.");
    }
  }
}

std::unique_ptr<ResultWriter> open_writer(const fs::path& folder, const Segmenter& segmenter,
                                          const NamedSequence& sequence, SequenceInfo info,
                                          const SourceOptions& source,
                                          const ExportOptions& options) {
  if (folder == "-") return std::make_unique<MaskPipe>(options);
  const MaskRecord record = record_of(segmenter, sequence, source, options.counts);
  check_folder(folder, sequence, record, options);
  if (options.force) {
    remove_products(folder);
    expect_no_foreign_image(folder, options.save);
  }
  const Extras earlier = recorded_extras(folder);
  info.fps /= static_cast<double>(source.every);
  auto writer = std::make_unique<ProductWriter>(folder, options, info, earlier);
  save_record(folder, record, options.save, writer->begun(), info.levels);
  return writer;
}

}  // namespace

void expect_products_apart(const fs::path& folder, const NamedSequence& sequence) {
  std::vector<fs::path> folders = {folder}, files;
  for (const Product product : all_products()) {
    for (const FrameFiles& files_there : files_of_frames(product)) {
      folders.push_back(folder / files_there.folder);
    }
    for (const std::string& name : files_of_sequence(product)) files.push_back(folder / name);
  }
  expect_apart(folders, files, sequence.path);
}

void expect_free_folder(const fs::path& folder, const Segmenter& segmenter,
                        const NamedSequence& sequence, const SourceOptions& source,
                        const ExportOptions& options) {
  check_folder(folder, sequence, record_of(segmenter, sequence, source, options.counts), options);
  if (options.counts.empty() || is_stream(sequence.path)) return;
  const auto frames =
      open_source(sequence.path, {.levels = source.levels, .on_error = source.on_error});
  expect_in_frame(Counter(options.counts).options(), frames->info());
}

SequenceResult infer_sequence(Segmenter& segmenter, const NamedSequence& sequence,
                              const fs::path& folder, const SourceOptions& source_options,
                              const ExportOptions& options, const InferCallbacks& callbacks) {
  const auto start = std::chrono::steady_clock::now();
  SequenceResult result;
  result.name = sequence.name;
  result.folder = folder;
  result.products = options.save;
  const bool are_shown = show_frames(options.save) || callbacks.also_wanted;
  const SourceOptions images = are_shown ? SourceOptions() : segmenter.least_images();
  const auto source =
      open_frames(sequence, with_images(source_options, images), callbacks.should_stop);
  if (!source) return result;
  const auto writer =
      open_writer(folder, segmenter, sequence, source->info(), source_options, options);
  const bool is_live = source->info().kind == SequenceKind::kStream;
  callbacks.on_start(source->info());
  std::deque<Frame> head;
  if (is_live) head = take_head(*source, segmenter.wanted_head(), callbacks.should_stop);
  BatchSegmenter batches(segmenter, with_head(source->info(), head),
                         segmenter.parts(whole_of(source->info(), source_options)), *writer,
                         options.save, callbacks);
  batches.segment_all(std::move(head), *source);
  result.frames = batches.taken();
  result.present = batches.present();
  const bool stopped = batches.stopped();
  const std::exception_ptr broken = batches.broken();
  const bool is_whole = is_live || (!stopped && !broken);
  writer->finish(is_whole, batches.background());
  if (is_whole && folder != "-") record_end(folder, result.frames);
  result.segmented = result.frames - result.present;
  result.counts = writer->counts();
  if (broken) std::rethrow_exception(broken);
  MaskFacts facts = batches.facts();
  facts.frames = result.frames;
  if (is_whole) result.warnings = doubts_about(facts, segmenter.maker());
  result.skipped = source->skipped();
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace proxseg
