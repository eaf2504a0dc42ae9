#include "proxseg/workflow/run.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/core/text.h"
#include "proxseg/media/preview.h"
#include "proxseg/media/sink.h"
#include "proxseg/media/transform.h"
#include "proxseg/recipe/fields.h"
#include "proxseg/scene/reservoir.h"
#include "proxseg/scene/scene_model.h"
#include "proxseg/segment/network_segmenter.h"
#include "proxseg/workflow/report/report.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

// ---- the first of two readings: to train, and to learn what the scene looks like

// Known once all frames have been read.
struct Learned {
  std::optional<SceneModel> scene;  // as scene_of() models it
  std::vector<int64_t> numbers;     // Frame::number of each frame
};

// The same frames, from which it learns as they pass.
class LearningFrames final : public FrameView {
 public:
  LearningFrames(std::unique_ptr<FrameSource> source, const Recipe& recipe,
                 std::shared_ptr<Learned> learned)
      : FrameView(std::move(source)),
        background_(recipe.background),
        size_(scaled_size(info().size, recipe.input.scale, recipe.input.pixels)),
        learns_(parts_of(info(), background_).size() == 1 &&
                !learns_from_key_frames(info(), background_)),
        reservoir_(background_.frames),
        learned_(std::move(learned)) {}

  std::optional<Frame> grab() override {
    auto frame = source_->next();
    if (!frame) {
      conclude();
      return frame;
    }
    learned_->numbers.push_back(frame->number);
    const auto count = static_cast<int64_t>(learned_->numbers.size());
    const bool counts =
        background_.method != BackgroundMethod::kFirst || count <= background_.frames;
    if (learns_ && counts) {
      Frame small = *frame;
      small.image = resize_frame(small.image, size_);
      reservoir_.add(std::move(small));
    }
    return frame;
  }

  void decode(Frame& /*frame*/) override {}  // grab() did

 private:
  void conclude() {
    if (!learns_ || learned_->scene || learned_->numbers.empty()) return;
    std::vector<cv::Mat> images;
    for (Frame& frame : std::move(reservoir_).take()) images.push_back(std::move(frame.image));
    learned_->scene = model_scene(std::move(images), background_);
  }

  BackgroundOptions background_;
  cv::Size size_;  // in which the network sees frames
  bool learns_;    // else scenes are those of key frames or of parts, which are read by themselves
  FrameReservoir reservoir_;
  std::shared_ptr<Learned> learned_;
};

// Opens sequences as open_source() does, and learns beside.
OpenSource learning_beside(const Recipe& recipe, std::shared_ptr<Learned> learned) {
  return [recipe, learned](const std::string& path, const SourceOptions& options) {
    auto full_size = open_source(path, {.levels = options.levels, .on_error = options.on_error});
    return prepare(std::make_unique<LearningFrames>(std::move(full_size), recipe, learned),
                   options);
  };
}

// ---- the second: masks, and what is shown of them

// A network whose scene has been learned.
class NetworkInScene final : public NetworkSegmenter {
 public:
  NetworkInScene(Model model, const Learned& learned)
      : NetworkSegmenter(std::move(model)), learned_(learned) {}

  void begin(const SequenceInfo& sequence, const std::set<Product>& products) override {
    if (!learned_.scene) return NetworkSegmenter::begin(sequence, products);
    set_scene(*learned_.scene, sequence);
    learn_detail_for(products, sequence);
  }

 private:
  const Learned& learned_;
};

// Rows of the preview sheet, for frames spread evenly over the sequence.
class Preview {
 public:
  explicit Preview(int64_t frames) {
    constexpr int64_t kRows = 6;
    const int64_t every = FrameReservoir::spacing(frames, 2 * kRows);
    for (const int64_t i : spread_evenly(kRows, (frames + every - 1) / every)) {
      positions_.insert(i * every + 1);
    }
  }

  std::set<Product> wanted(int64_t position) const {
    if (!positions_.contains(position)) return {};
    return {Product::kMask, Product::kSoft, Product::kBackground};
  }

  void add(const Frame& frame, int64_t position, const Segmentation& result) {
    if (!positions_.contains(position)) return;
    cv::Mat soft;
    result.soft.convertTo(soft, CV_8U, 255.0);
    rows_.push_back({frame.name, frame.image, result.background, soft, result.mask});
  }

  void write(const fs::path& file) const {
    if (!rows_.empty()) write_png(file, preview_sheet(rows_));
  }

 private:
  std::set<int64_t> positions_;  // from 1
  std::vector<PreviewRow> rows_;
};

std::string how_to_go_on(const fs::path& run) {
  return fmt::format("The same command goes on from there, and so does: proxseg run --resume {}",
                     shell_path(run.string()));
}

[[noreturn]] void stop_training(const TrainSummary& summary) {
  if (summary.steps > 0) {
    throw Error(ExitCode::kInterrupted,
                fmt::format("stopped after step {}; everything is saved", summary.steps),
                how_to_go_on(summary.run));
  }
  throw Error(ExitCode::kInterrupted, "stopped before the first step; nothing was changed",
              is_run(summary.run) ? how_to_go_on(summary.run) : "The same command starts over.");
}

// What the preview and the page show, taken while the masks are made. Ground truth that cannot be
// used costs the page its frames, but not the user the masks.
class Pictures {
 public:
  // frames: of the input, 0 where nobody has counted them.
  Pictures(const NamedSequence& input, GalleryOptions options, int64_t frames)
      : name_(input.name), options_(std::move(options)), frames_(frames) {}

  void begin(const SequenceInfo& info) {
    if (frames_ == 0) frames_ = info.frames;
    preview_.emplace(frames_);
    show(name_, [&] { gallery_.emplace(name_, frames_, options_); });
  }

  std::set<Product> wanted(const Frame& frame, int64_t position) const {
    std::set<Product> wanted = preview_->wanted(position);
    if (gallery_) wanted.merge(gallery_->wanted(frame, position));
    return wanted;
  }

  void add(const Frame& frame, int64_t position, const Segmentation& result) {
    preview_->add(frame, position, result);
    if (gallery_) show(frame.name, [&] { gallery_->add(frame, position, result); });
  }

  void write(const RunProducts& products) {
    preview_->write(products.preview);
    const RunRecord record = read_run(products.run);
    std::vector<Gallery> galleries;
    if (gallery_) {
      const fs::path& truth = options_.ground_truth;
      const auto evaluation = truth.empty() ? std::nullopt : evaluation_of(record, truth);
      if (evaluation) record_f_measure(record, evaluation->score.measures.f_measure);
      galleries.push_back(gallery_->finish(evaluation));
    }
    write_file_atomically(products.report, run_page(record, galleries, notes_));
  }

 private:
  template <typename Part>
  void show(const std::string& name, const Part& part) {
    try {
      part();
    } catch (const InputError& error) {
      notes_.push_back(fmt::format("{} is not shown: {}.", name, error.what()));
      spdlog::warn("{} is not shown: {}", name, error.what());
      gallery_.reset();
    }
  }

  std::string name_;
  GalleryOptions options_;
  int64_t frames_;
  std::optional<Preview> preview_;
  std::optional<GalleryMaker> gallery_;
  std::vector<std::string> notes_;
};

// Masks, overlay, preview and report, in one reading of the input.
void segment(RunProducts& products, const NamedSequence& input, const Learned& learned,
             ExportOptions exported, const WorkCallbacks& callbacks) {
  NetworkInScene network(load_model(products.run), learned);
  GalleryOptions options = gallery_options(network.recipe(), input);
  options.numbers = {learned.numbers.begin(), learned.numbers.end()};
  Pictures pictures(input, std::move(options), std::ssize(learned.numbers));
  InferCallbacks segmenting = callbacks.for_frames("masks");
  segmenting.on_start = [&](const SequenceInfo& info) { pictures.begin(info); };
  if (learned.scene) segmenting.on_learning = [] {};
  segmenting.also_wanted = std::bind_front(&Pictures::wanted, &pictures);
  segmenting.on_result = std::bind_front(&Pictures::add, &pictures);
  exported.force = true;
  products.masks =
      infer_sequence(network, input, products.run, network.recipe().input, exported, segmenting);
  if (callbacks.should_stop()) {
    throw Error(ExitCode::kInterrupted, "stopped while the masks were made; the network is saved",
                how_to_go_on(products.run));
  }
  pictures.write(products);
}

// ---- what the folder holds already

// "train.steps is 300 there, 40 here" for each field that decides the result.
std::vector<std::string> differences(const ResolvedRecipe& there, const Recipe& here) {
  std::vector<std::string> found;
  for (const auto& [key, before, now] : differences_between(there.recipe, here)) {
    const auto origin = there.origins.find(key);
    const bool was_chosen = origin != there.origins.end() && origin->second == kFromInput;
    const bool would_be_chosen = was_chosen && now == FieldValue(std::string());
    if (key == "description" || would_be_chosen) continue;
    found.push_back(fmt::format("{} is {} there, {} here", key, to_text(before), to_text(now)));
  }
  return found;
}

// The same for all that the run in the folder differs in, its input first.
std::vector<std::string> differences(const RunRecord& run, const RunOptions& options) {
  std::vector<std::string> found;
  // As a run stores paths: bytes that are not UTF-8 are replaced.
  const auto stored = [](const fs::path& path) {
    std::error_code ignored;
    return json_line(nlohmann::json(fs::weakly_canonical(path, ignored).string()));
  };
  const bool is_same_path =
      run.inputs.size() == 1 && stored(run.inputs.front().path) == stored(options.input);
  if (!is_same_path && !are_inputs_of_run(run.folder, find_sequences(options.input))) {
    found.push_back(fmt::format("the input is '{}' there, '{}' here",
                                run.inputs.empty() ? "" : run.inputs.front().path, options.input));
  }
  const auto fields = differences(run.recipe, options.recipe.recipe);
  found.insert(found.end(), fields.begin(), fields.end());
  return found;
}

// Throws InputError for a tree of sequences, and for a stream.
NamedSequence sequence_of(const std::string& input) {
  const auto sequences = find_sequences(input);
  if (sequences.size() == 1) return sequences.front();
  throw InputError(fmt::format("'{}' holds {} sequences", input, sequences.size()),
                   "Give one of them, or train on all by proxseg train.");
}

// Whether the folder holds a run that this call goes on with.
bool goes_on(const RunOptions& options) {
  if (options.resume) return true;
  if (options.force || !is_run(options.output)) return false;
  const auto found = differences(read_run(options.output), options);
  const NamedSequence input =
      sequence_of(options.input);  // a path that is wrong explains a difference
  if (found.empty()) {
    (void)inputs_of_run(options.output, {input});  // which may hold other frames by now
    return true;
  }
  throw OutputError(
      fmt::format("'{}' holds the run of another call: {}", options.output.string(),
                  fmt::join(found, "; ")),
      fmt::format("Choose another --output, start over with --force, or go on with that "
                  "run as it is: proxseg run --resume {}",
                  shell_path(options.output.string())));
}

NamedSequence input_of(const RunOptions& options) {
  const Recipe& recipe = options.recipe.recipe;
  if (!options.resume) {
    const NamedSequence input = sequence_of(options.input);
    if (options.same_as.empty()) return input;
    return same_inputs(options.same_as, {input}, recipe, options.same_anyway).front();
  }
  const fs::path& run = options.output;
  if (const size_t count = read_run(run).inputs.size(); count != 1) {
    throw UsageError(
        fmt::format("'{}' was trained on {} sequences, and run makes the masks of one",
                    run.string(), count),
        fmt::format("Go on with: proxseg train --resume {}", shell_path(run.string())));
  }
  if (options.input.empty()) return inputs_of_run(run).front();
  return inputs_of_run(run, {sequence_of(options.input)}).front();
}

// Whether the folder holds the network that the recipe leads to.
bool holds_network(const RunOptions& options) {
  const Recipe& recipe = options.recipe.recipe;
  return is_trained(options.output, recipe) &&
         differences(read_run(options.output).recipe, recipe).empty();
}

// What is to be made of the masks: also what earlier calls have made for the same network.
ExportOptions products_of(const RunOptions& options, bool is_trained) {
  ExportOptions exported = options.products;
  exported.save.insert({Product::kMask, Product::kOverlay});
  if (!is_trained) return exported;
  exported.save.merge(recorded_products(options.output));
  if (exported.counts.empty()) {
    exported.counts = recorded_counts(options.output);
  } else {
    expect_same_counts(options.output, exported.counts);
  }
  return exported;
}

// Whether nothing is left to do.
bool is_complete(RunProducts& products, const ExportOptions& exported) {
  for (const fs::path& file : {products.preview, products.report}) {
    if (!is_there(file)) return false;
  }
  const auto frames = frames_done(products.run, exported);
  if (!frames) return false;
  products.masks.products = exported.save;
  products.masks.folder = products.run;
  products.masks.present = *frames;
  products.masks.frames = *frames;
  products.masks.name = read_run(products.run).inputs.front().name;
  products.masks.warnings = doubts_about_masks(products.run);
  return true;
}

}  // namespace

std::string RunProducts::to_json(const std::vector<std::string>& warnings) const {
  auto json = nlohmann::ordered_json::parse(read_file(run / "summary.json"));
  json["masks"] = {
      {"folder", (run / "mask").string()}, {"frames", masks.frames},
      {"segmented", masks.segmented},      {"skipped", masks.skipped},
      {"seconds", masks.seconds},          {"frames_per_second", masks.frames_per_second()}};
  json["overlay"] = overlay.string();
  json["preview"] = preview.string();
  json["report"] = report.string();
  // Those of the training, if any, and these, once each.
  auto all = json.value("warnings", std::vector<std::string>());
  for (const std::string& warning : warnings) {
    if (std::ranges::find(all, warning) == all.end()) all.push_back(warning);
  }
  json["warnings"] = all;
  return json_text(json);
}

std::optional<RunProducts> run_on(const RunOptions& options, const WorkCallbacks& callbacks,
                                  const ProcessGroup& processes) {
  const fs::path& run = options.output;
  const Recipe& recipe = options.recipe.recipe;
  const bool is_first = processes.is_first();
  const bool resumes = processes.any(is_first && goes_on(options));
  const bool trained = processes.any(resumes && is_first && holds_network(options));
  RunProducts products = {.run = run,
                          .overlay = run / "overlay.mp4",
                          .preview = run / "preview.png",
                          .report = run / "report.html"};
  const ExportOptions exported = products_of(options, trained);
  if (trained && is_complete(products, exported)) {
    const bool is_recorded = options.resume && options.input.empty();
    products.input = is_recorded ? read_run(run).inputs.front().path : input_of(options).path;
    return is_first ? std::optional(products) : std::nullopt;
  }

  const NamedSequence input = input_of(options);
  products.input = input.path;
  if (is_first) expect_products_apart(run, input);
  const auto learned = std::make_shared<Learned>();
  if (!trained) {
    TrainCallbacks training = callbacks.training;
    training.judges_masks = false;  // all of them are judged once they are made
    // Scenes are of the whole sequence, whichever part is trained on.
    const bool takes_all_frames = recipe.input.range.empty() && recipe.input.every == 1;
    if (is_first && takes_all_frames) training.open = learning_beside(recipe, learned);
    const Existing existing = resumes         ? Existing::kResume
                              : options.force ? Existing::kReplace
                                              : Existing::kRefuse;
    products.training = train_to_end(run, options.recipe, input, existing, training, processes);
    if (products.training->interrupted()) stop_training(*products.training);
  }
  if (!is_first) return std::nullopt;
  segment(products, input, *learned, exported, callbacks);
  return products;
}

}  // namespace proxseg
