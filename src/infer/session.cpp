#include "proxseg/infer/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "products.h"
#include "proxseg/core/error.h"
#include "proxseg/media/image_file.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

bool has_input_folder(const fs::path& folder) {
  std::error_code error;
  return fs::is_directory(folder / "input", error);
}

std::vector<NamedSequence> find_below(const fs::path& root) {
  std::vector<NamedSequence> found;
  const auto skip = fs::directory_options::skip_permission_denied;
  std::error_code error;
  for (auto it = fs::recursive_directory_iterator(root, skip, error);
       it != fs::recursive_directory_iterator(); it.increment(error)) {
    if (it->is_directory(error) && has_input_folder(it->path())) {
      found.push_back({it->path().string(), fs::relative(it->path(), root).string()});
      it.disable_recursion_pending();
    }
  }
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return found;
}

bool holds_images(const fs::path& folder) {
  std::error_code error;
  const auto entries = fs::directory_iterator(folder, error);
  return std::any_of(begin(entries), end(entries),
                     [](const auto& e) { return has_image_extension(e.path()); });
}

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

std::vector<NamedSequence> find_sequences(const std::string& path) {
  const fs::path folder(path);
  std::error_code error;
  if (fs::is_directory(folder, error) && !has_input_folder(folder) && !holds_images(folder)) {
    auto found = find_below(folder);
    if (!found.empty()) return found;
  }
  return {{path, open_source(path)->info().name}};
}

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
  while (!callbacks.should_stop()) {
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
  writer.finish();
  result.skipped = source->skipped();
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace proxseg
