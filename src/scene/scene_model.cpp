#include "proxseg/scene/scene_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "proxseg/core/error.h"
#include "proxseg/core/statistics.h"
#include "proxseg/media/transform.h"
#include "proxseg/scene/alignment.h"
#include "proxseg/scene/background.h"
#include "proxseg/scene/coverage.h"
#include "proxseg/scene/exposure.h"
#include "proxseg/scene/reservoir.h"
#include "scene/background_file.h"
#include "scene/contrast.h"
#include "scene/images.h"

namespace proxseg {
namespace {

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
             show_one_state(typical(other), align(typical(group), *transform, size));
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

// The transform onto a background that is larger by the margin.
cv::Mat with_margin(const cv::Mat& transform, int margin) {
  cv::Mat result = transform.clone();
  result.col(2) += margin;
  return result;
}

// What nine in ten images of a shaking camera show beyond the reference's border at most, in pixels.
// 0 where the camera turns or zooms: what lies beyond is then seen too seldom to be known.
int margin_of(const std::vector<cv::Mat>& transforms, cv::Size size) {
  constexpr double kMost = 1.0 / 12.0;  // of the shorter side
  std::vector<double> shifts;
  for (const cv::Mat& transform : transforms) shifts.push_back(largest_shift(transform, size));
  const double most = quantile(std::move(shifts), 0.9);
  const bool is_shake = most <= kMost * std::min(size.width, size.height);
  return is_shake ? static_cast<int>(std::ceil(most)) : 0;
}

// 255 where nine in ten images show nothing. unseen: 255 where each does not.
cv::Mat unknown_area(const std::vector<cv::Mat>& unseen) {
  cv::Mat count = cv::Mat::zeros(unseen[0].size(), CV_32F);
  for (const cv::Mat& mask : unseen) cv::accumulate(mask, count);
  return count > 0.9 * 255.0 * static_cast<double>(unseen.size());
}

// Brings the images of a moving camera onto the state's reference, with as much margin as they need
// or none. Where they show nothing, they take what the others show there.
void align_all(std::vector<cv::Mat>& images, bool takes_margin, SceneState& state) {
  std::vector<cv::Mat> transforms = map_images(
      images, [&](const cv::Mat& image) { return state.alignment->transform_of(image); });
  const cv::Size size = images[0].size();
  if (takes_margin) state.margin = margin_of(transforms, size);
  const cv::Size canvas = size + cv::Size(2 * state.margin, 2 * state.margin);
  const cv::Mat everywhere(canvas, CV_8U, cv::Scalar(255)), shown = cv::Mat::zeros(size, CV_8U);
  std::vector<cv::Mat> aligned, unseen;
  for (size_t i = 0; i < images.size(); ++i) {
    transforms[i] = with_margin(transforms[i], state.margin);
    aligned.push_back(align(images[i], transforms[i], canvas));
    if (state.margin > 0) unseen.push_back(align(shown, transforms[i], everywhere));
  }
  if (state.margin > 0) state.unknown = unknown_area(unseen);
  const cv::Mat median =
      state.margin > 0 ? temporal_median(aligned, unseen) : temporal_median(aligned);
  for (size_t i = 0; i < images.size(); ++i) images[i] = align(images[i], transforms[i], median);
}

// 255 where fewer than three images, or fewer than a twentieth, show the background.
cv::Mat hardly_shown(const std::vector<cv::Mat>& covered) {
  cv::Mat count = cv::Mat::zeros(covered[0].size(), CV_32F);
  for (const cv::Mat& mask : covered) cv::accumulate(mask == 0, count);
  return count < 255.0 * std::max<double>(3.0, static_cast<double>(covered.size() / 20));
}

// small: the images at_automatic_scale(), where objects have to be told.
cv::Mat background_of(const std::vector<cv::Mat>& images, const std::vector<cv::Mat>& small,
                      const BackgroundOptions& options) {
  if (options.method != BackgroundMethod::kSettled) return temporal_median(images);
  return temporal_median(images, covered_areas(small, settled_background(small)));
}

// Brings the images into one light; where it changes in parts of the picture, or is_lit, into the state's.
void level_light(std::vector<cv::Mat>& images, bool is_lit, SceneState& state) {
  level_exposures(images, state.background);
  state.light = find_light(images, state.background, is_lit);
  if (!state.light) return;
  for (cv::Mat& image : images) image = take_light(image, state.light->field_of(image));
}

// covered, is_lit: as model_state_again() has it.
SceneState model_state(std::vector<cv::Mat> images, const BackgroundOptions& options,
                       std::vector<cv::Mat> covered = {}, bool is_lit = false) {
  SceneState state;
  const bool from_file = options.method == BackgroundMethod::kFile;
  if (options.stabilize) state.alignment = find_motion(images);
  if (state.alignment) {
    align_all(images, !from_file, state);
    covered.clear();
  }
  if (from_file) state.background = read_background(options.file, images[0], images[0].size());
  if (options.follow_exposure) level_light(images, is_lit, state);
  const auto inner = map_images(images, [&](const cv::Mat& image) {
    return image(without_border(image.size(), state.margin));
  });
  std::vector<cv::Mat> small;
  if (options.method == BackgroundMethod::kSettled || options.noise_floor > 0.0) {
    small = at_automatic_scale(inner);
  }
  cv::Mat background = state.background;
  if (!covered.empty()) {
    background = temporal_median(inner, covered);
  } else if (!from_file) {
    background = background_of(inner, small, options);
  }
  state.background = background;
  if (state.margin > 0) {
    state.background = temporal_median(images);
    background.copyTo(state.background(state.frame_area()));
  }
  if (state.light) state.light = std::make_shared<Light>(state.background);
  if (options.noise_floor > 0.0) {
    constexpr int64_t kEnough = 48;  // images: how objects differ
    const cv::Mat small_background = at_automatic_scale(background);
    if (covered.empty()) covered = covered_areas(small, small_background);
    const cv::Mat noise = temporal_noise(inner, covered, background);
    state.scale =
        with_border(scale_of(noise, some_of(small, kEnough), small_background, options.noise_floor),
                    state.margin);
  }
  return state;
}

}  // namespace

cv::Mat with_border(const cv::Mat& image, int margin) {
  cv::Mat framed;
  cv::copyMakeBorder(image, framed, margin, margin, margin, margin, cv::BORDER_REPLICATE);
  return framed;
}

std::vector<cv::Mat> images_for_scene(FrameSource& source, const BackgroundOptions& options) {
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

SceneModel model_scene(FrameSource& source, const BackgroundOptions& options) {
  return model_scene(images_for_scene(source, options), options);
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

SceneState model_state_again(std::vector<cv::Mat> images, const std::vector<cv::Mat>& covered,
                             const SceneState& before, const BackgroundOptions& options) {
  if (images.empty()) throw UsageError("model_state_again: needs at least one image");
  SceneState state = model_state(std::move(images), options, covered, before.light != nullptr);
  if (covered.empty() || state.alignment || before.background.size() != state.background.size()) {
    return state;
  }
  cv::Mat stays;
  cv::resize(hardly_shown(covered), stays, state.background.size(), 0, 0, cv::INTER_NEAREST);
  if (cv::countNonZero(stays) == 0) return state;
  const cv::Mat levelled = before.background * exposure_gain(state.background, before.background);
  levelled.copyTo(state.background, stays);
  if (!state.scale.empty() && !before.scale.empty()) before.scale.copyTo(state.scale, stays);
  if (state.light) state.light = std::make_shared<Light>(state.background);
  return state;
}

SceneView aligned_view_of(const cv::Mat& frame, const SceneState& state) {
  SceneView view;
  view.aligned = frame;
  view.frame = frame.size();
  if (state.alignment) {
    view.transform = with_margin(state.alignment->transform_of(frame), state.margin);
    view.aligned = align(frame, view.transform, state.background);
    if (!state.unknown.empty()) state.background.copyTo(view.aligned, state.unknown);
  }
  return view;
}

SceneView view_of(const cv::Mat& frame, const SceneState& state) {
  SceneView view = aligned_view_of(frame, state);
  if (state.light) view.field = state.light->field_of(view.aligned);
  return view;
}

cv::Mat SceneView::at(cv::Size size) const {
  const cv::Mat image = resize_frame(aligned, size);
  return field.empty() ? image : take_light(image, field);
}

cv::Mat SceneView::to_frame(const cv::Mat& image) const {
  return transform.empty() ? image : unalign(image, transform, frame);
}

}  // namespace proxseg
