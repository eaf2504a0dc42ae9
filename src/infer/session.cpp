#include "proxseg/infer/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "products.h"
#include "proxseg/core/error.h"
#include "proxseg/scene/background.h"

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

bool holds_files(const fs::path& folder) {
  std::error_code error;
  const auto entries = fs::directory_iterator(folder, error);
  return std::any_of(begin(entries), end(entries),
                     [&](const auto& e) { return e.is_regular_file(error); });
}

cv::Mat background_of(const std::string& path, const BackgroundOptions& options) {
  SourceOptions every_frame;
  every_frame.on_error = OnError::kSkip;
  return reference_background(*prefetch(open_source(path, every_frame)), options);
}

}  // namespace

std::vector<NamedSequence> find_sequences(const std::string& path) {
  const fs::path folder(path);
  std::error_code error;
  if (fs::is_directory(folder, error) && !has_input_folder(folder) && !holds_files(folder)) {
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
  bool scene_is_set = false;
  std::vector<Frame> batch;
  const auto flush = [&] {
    if (batch.empty()) return;
    if (!scene_is_set) {
      segmenter.set_scene(background_of(sequence.path, segmenter.recipe().background), info.roi);
      scene_is_set = true;
    }
    std::vector<cv::Mat> images;
    for (const Frame& frame : batch) images.push_back(frame.image);
    const auto segmented = segmenter.segment(images);
    for (size_t i = 0; i < batch.size(); ++i) writer.write(batch[i], segmented[i]);
    result.segmented += static_cast<int64_t>(batch.size());
    batch.clear();
    callbacks.on_frames(result.frames, info.frames);
  };
  while (!callbacks.should_stop()) {
    auto frame = source->next();
    if (!frame) break;
    ++result.frames;
    if (writer.is_present(*frame)) {
      ++result.present;
      continue;
    }
    batch.push_back(std::move(*frame));
    if (static_cast<int64_t>(batch.size()) == segmenter.recipe().infer.batch) flush();
  }
  flush();
  writer.finish();
  result.skipped = source->skipped();
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace proxseg
