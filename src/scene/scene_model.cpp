#include "proxseg/scene/scene_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "proxseg/core/error.h"
#include "proxseg/media/image_file.h"
#include "proxseg/media/transform.h"
#include "proxseg/scene/alignment.h"
#include "proxseg/scene/background.h"
#include "proxseg/scene/coverage.h"
#include "proxseg/scene/exposure.h"
#include "proxseg/scene/reservoir.h"
#include "scene/contrast.h"
#include "scene/images.h"

namespace proxseg {
namespace {

cv::Mat load_background(const std::string& path, const cv::Mat& frame) {
  cv::Mat image;
  try {
    image = read_image(path);
  } catch (const InputError& error) {
    throw InputError(fmt::format("background.file: {}", error.what()),
                     "Set background.file to an image, or background.method to median.");
  }
  if (frame.channels() == 1) image = to_gray(image);
  if (image.channels() < frame.channels()) cv::cvtColor(image, image, cv::COLOR_GRAY2BGR);
  if (image.size() != frame.size()) {
    throw InputError(fmt::format("the background image '{}' is {} x {}, the frames are {} x {}",
                                 path, image.cols, image.rows, frame.cols, frame.rows),
                     "Use an image of the frames' size.");
  }
  return image;
}

std::vector<cv::Mat> collect_frames(FrameSource& source, const BackgroundOptions& options) {
  FrameReservoir reservoir(options.frames);
  for (int64_t count = 0; options.method != BackgroundMethod::kFirst || count < options.frames;
       ++count) {
    auto frame = source.next();
    if (!frame) break;
    reservoir.add(std::move(*frame));
  }
  std::vector<cv::Mat> images;
  for (const Frame& frame : reservoir.frames()) images.push_back(frame.image);
  if (images.empty()) {
    throw InputError(
        fmt::format("'{}' has no readable frame to make a background of", source.info().path));
  }
  return images;
}

// small: the images at_automatic_scale(), where objects have to be told.
cv::Mat background_of(const std::vector<cv::Mat>& images, const std::vector<cv::Mat>& small,
                      const BackgroundOptions& options) {
  if (options.method != BackgroundMethod::kSettled) return temporal_median(images);
  return temporal_median(images, covered_areas(small, settled_background(small)));
}

// With n the noise of most pixels, at least a grey level, and C the contrast of what stands out of
// noise + 1.5 n, about four standard deviations:
//   noise + min(noise_floor, max(n / 2, min(0.8 sqrt(n C), C / 2 - n)))
// The floor lies between noise and contrast in the same proportion, whatever they are, and objects
// differ by two units or more: an area price of 0.5 has its break-even at 1.
// images: some, small, with their background.
cv::Mat scale_of(const cv::Mat& noise, const std::vector<cv::Mat>& images,
                 const cv::Mat& background, double noise_floor) {
  constexpr double kGrayLevel = 1.0 / 255.0, kLimit = 1.5, kProportion = 0.8;
  const double usual = std::max<double>(median_of(noise), kGrayLevel);
  cv::Mat limit;
  cv::resize(noise, limit, background.size(), 0, 0, cv::INTER_AREA);
  const double contrast = contrast_of_objects(images, background, limit + kLimit * usual);
  const double floor = std::min(kProportion * std::sqrt(usual * contrast), contrast / 2.0 - usual);
  return noise + std::min(noise_floor, std::max(floor, usual / 2.0));
}

using Indices = std::vector<size_t>;

// A camera that was moved by less than a tenth of the picture shows one state: those groups are
// joined whose images can be aligned onto those of an earlier one and then show the same.
std::vector<Indices> joined_where_aligned(const std::vector<Indices>& groups,
                                          const std::vector<cv::Mat>& images) {
  const auto typical = [&](const Indices& group) { return images[group[group.size() / 2]]; };
  const cv::Size size = images[0].size();
  std::vector<Indices> joined;
  for (const Indices& group : groups) {
    const auto home = std::ranges::find_if(joined, [&](const Indices& other) {
      const auto transform = Alignment(typical(other)).find_transform(typical(group));
      return transform &&
             largest_shift(*transform, size) < 0.1 * std::min(size.width, size.height) &&
             show_one_state(typical(other), align(typical(group), *transform));
    });
    if (home == joined.end()) {
      joined.push_back(group);
    } else {
      home->insert(home->end(), group.begin(), group.end());
      std::ranges::sort(*home);
    }
  }
  return joined;
}

// The images of each state; of kSettled alone, as the other methods say what the background is, and
// not where changes of light explain what differs.
std::vector<std::vector<cv::Mat>> images_of_states(std::vector<cv::Mat> images,
                                                   const BackgroundOptions& options) {
  const bool light_explains = options.follow_exposure && find_light(images, {});
  if (options.method != BackgroundMethod::kSettled || light_explains) return {std::move(images)};
  std::vector<Indices> groups = group_by_state(images);
  if (options.stabilize) groups = joined_where_aligned(groups, images);
  std::vector<std::vector<cv::Mat>> states;
  for (const Indices& group : groups) {
    std::vector<cv::Mat> state;
    for (const size_t i : group) state.push_back(images[i]);
    states.push_back(std::move(state));
  }
  return states;
}

// Where they show nothing, they take what the others show there.
void align_all(std::vector<cv::Mat>& images, const Alignment& alignment) {
  std::vector<cv::Mat> transforms, aligned;
  for (const cv::Mat& image : images) {
    transforms.push_back(alignment.transform_of(image));
    aligned.push_back(align(image, transforms.back()));
  }
  const cv::Mat median = temporal_median(aligned);
  for (size_t i = 0; i < images.size(); ++i) images[i] = align(images[i], transforms[i], median);
}

SceneState model_state(std::vector<cv::Mat> images, const BackgroundOptions& options) {
  SceneState state;
  if (options.stabilize) state.alignment = find_motion(images);
  if (state.alignment) align_all(images, *state.alignment);
  const bool from_file = options.method == BackgroundMethod::kFile;
  if (from_file) state.background = load_background(options.file, images[0]);
  if (options.follow_exposure) {
    level_exposures(images, state.background);
    state.light = find_light(images, state.background);
  }
  if (state.light) {
    for (cv::Mat& image : images) image = take_light(image, state.light->field_of(image));
  }
  std::vector<cv::Mat> small;
  if (options.method == BackgroundMethod::kSettled || options.noise_floor > 0.0) {
    small = at_automatic_scale(images);
  }
  if (!from_file) state.background = background_of(images, small, options);
  if (state.light) state.light = std::make_shared<Light>(state.background);
  if (options.noise_floor > 0.0) {
    constexpr int64_t kEnough = 48;  // images: how objects differ
    const cv::Mat small_background = at_automatic_scale(state.background);
    const cv::Mat noise =
        temporal_noise(images, covered_areas(small, small_background), state.background);
    state.scale = scale_of(noise, some_of(small, kEnough), small_background, options.noise_floor);
  }
  return state;
}

}  // namespace

SceneModel model_scene(FrameSource& source, const BackgroundOptions& options) {
  return model_scene(collect_frames(source, options), options);
}

SceneModel model_scene(std::vector<cv::Mat> images, const BackgroundOptions& options) {
  if (images.empty()) throw UsageError("model_scene: needs at least one image");
  SceneModel scene;
  auto groups = images_of_states(std::move(images), options);
  for (auto& group : groups) {
    scene.looks.push_back(look_of(group));
    scene.states.push_back(model_state(std::move(group), options));
  }
  return scene;
}

SceneView view_of(const cv::Mat& frame, const SceneState& state) {
  SceneView view;
  view.aligned = frame;
  if (state.alignment) {
    view.transform = state.alignment->transform_of(frame);
    view.aligned = align(frame, view.transform, state.background);
  }
  if (state.light) view.field = state.light->field_of(view.aligned);
  return view;
}

cv::Mat SceneView::at(cv::Size size) const {
  const cv::Mat image = resize_frame(aligned, size);
  return field.empty() ? image : take_light(image, field);
}

cv::Mat SceneView::to_frame(const cv::Mat& image) const {
  return transform.empty() ? image : unalign(image, transform);
}

}  // namespace proxseg
