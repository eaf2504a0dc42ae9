#include "workflow/first_reading.h"

#include "proxseg/scene/reservoir.h"

namespace proxseg {
namespace {

// The same frames, from which it learns as they pass.
class LearningFrames final : public FrameView {
 public:
  LearningFrames(std::unique_ptr<FrameSource> source, const BackgroundOptions& background,
                 std::shared_ptr<Learned> learned)
      : FrameView(std::move(source)),
        background_(background),
        reservoir_(background.frames),
        learned_(std::move(learned)) {}

  std::optional<Frame> grab() override {
    auto frame = source_->next();
    if (!frame) {
      conclude();
      return frame;
    }
    learned_->numbers.push_back(frame->number);
    const auto count = static_cast<int64_t>(learned_->numbers.size());
    if (background_.method != BackgroundMethod::kFirst || count <= background_.frames) {
      reservoir_.add(*frame);
    }
    return frame;
  }

  void decode(Frame& /*frame*/) override {}  // grab() did

 private:
  void conclude() {
    if (learned_->scene || learned_->numbers.empty()) return;
    std::vector<cv::Mat> images;
    for (Frame& frame : std::move(reservoir_).take()) images.push_back(std::move(frame.image));
    learned_->scene = model_scene(std::move(images), background_);
  }

  BackgroundOptions background_;
  FrameReservoir reservoir_;
  std::shared_ptr<Learned> learned_;
};

}  // namespace

bool can_share_reading(const Recipe& recipe) {
  return recipe.input.range.empty() && recipe.input.every == 1;
}

OpenSource learning_beside(const Recipe& recipe, std::shared_ptr<Learned> learned) {
  return [background = recipe.background, learned](const std::string& path,
                                                   const SourceOptions& options) {
    auto full_size = open_source(path, {.on_error = options.on_error});
    return prepare(std::make_unique<LearningFrames>(std::move(full_size), background, learned),
                   options);
  };
}

}  // namespace proxseg
