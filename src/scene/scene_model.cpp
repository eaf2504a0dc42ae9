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
#include "scene/other_states.h"
#include "scene/panorama.h"
#include "scene/turbulence.h"

namespace proxseg {
namespace {

// In [0, 1].
struct Contrast {
  double noise = 0.0;    // n: of most pixels, at least a grey level
  double objects = 0.0;  // C: of what stands out of noise + 1.5 n, about four standard deviations
};

double usual_noise(const cv::Mat& noise) {
  constexpr double kGrayLevel = 1.0 / 255.0;
  return std::max<double>(median_of(noise), kGrayLevel);
}

// images: some, small, with their background.
Contrast contrast_in(const std::vector<cv::Mat>& images, const cv::Mat& background,
                     const cv::Mat& noise) {
  constexpr double kLimit = 1.5;
  const double usual = usual_noise(noise);
  cv::Mat limit;
  cv::resize(noise, limit, background.size(), 0, 0, cv::INTER_AREA);
  return {usual, contrast_of_objects(images, background, limit + kLimit * usual)};
}

// With n and C of the contrast:
//   noise + min(noise_floor, max(n / 2, min(0.8 sqrt(n C), C / 2 - n)))
// The floor lies between noise and contrast in the same proportion, whatever they are, and objects
// differ by two units or more: an area price of 0.5 has its break-even at 1.
cv::Mat scale_of(const cv::Mat& noise, const Contrast& contrast, double noise_floor) {
  constexpr double kProportion = 0.8;
  const double n = contrast.noise, c = contrast.objects;
  const double floor = std::min(kProportion * std::sqrt(n * c), c / 2.0 - n);
  return noise + std::min(noise_floor, std::max(floor, n / 2.0));
}

cv::Mat smoothed(const cv::Mat& image, double deviation) {
  cv::Mat smooth;
  cv::GaussianBlur(image, smooth, {}, deviation);
  return smooth;
}

using Indices = std::vector<size_t>;

// A camera that moves shows one state wherever it looks: those groups are joined that its alignment explains.
std::vector<Indices> joined_where_aligned(const std::vector<Indices>& groups,
                                          const std::vector<cv::Mat>& images, Canvas canvas) {
  const auto alignment = find_motion(images, canvas);
  if (!alignment) return groups;
  Indices home;
  std::vector<Indices> others;
  for (const Indices& group : groups) {
    if (alignment->explains(images[group[group.size() / 2]])) {
      home.insert(home.end(), group.begin(), group.end());
    } else {
      others.push_back(group);
    }
  }
  if (home.empty()) return others;
  std::ranges::sort(home);
  others.push_back(std::move(home));
  std::ranges::stable_sort(others, std::ranges::greater(), &Indices::size);
  return others;
}

std::vector<cv::Mat> members(const std::vector<cv::Mat>& images, const Indices& group) {
  std::vector<cv::Mat> some;
  for (const size_t i : group) some.push_back(images[i]);
  return some;
}

// Whether one background in a light that changes in parts leaves no more unexplained than one
// background for each group.
bool light_explains(const std::vector<cv::Mat>& images, const std::vector<Indices>& groups) {
  const auto light = find_light(images, {});
  if (!light) return false;
  double left = 0.0;
  for (const Indices& group : groups) {
    left += unexplained_share(members(images, group)) * static_cast<double>(group.size());
  }
  return unexplained_share(images, *light) <= left / static_cast<double>(images.size());
}

// The images of each state; of kSettled alone, as the other methods say what the background is, and
// not where changes of light explain what differs.
std::vector<std::vector<cv::Mat>> images_of_states(std::vector<cv::Mat> images,
                                                   const BackgroundOptions& options,
                                                   Canvas canvas) {
  if (options.method != BackgroundMethod::kSettled) return {std::move(images)};
  std::vector<Indices> groups = group_by_state(images);
  if (groups.size() == 1) return {std::move(images)};
  if (options.follow_exposure && light_explains(images, groups)) return {std::move(images)};
  if (options.stabilize) groups = joined_where_aligned(groups, images, canvas);
  std::vector<std::vector<cv::Mat>> states;
  for (const Indices& group : groups) states.push_back(members(images, group));
  return states;
}

// 255 where 19 in 20 images show nothing. unseen: 255 where each does not.
cv::Mat unknown_area(const std::vector<cv::Mat>& unseen) {
  return count_of(unseen) > 0.95 * static_cast<double>(unseen.size());
}

// The frame on the state's background, which is as bright as the frame where that shows nothing.
cv::Mat laid_over(const SceneState& state, const cv::Mat& frame, const cv::Mat& transform) {
  cv::Mat lit = state.background;
  if (state.follow_exposure) {
    // Pixels of its own: the state's background stays as it is.
    lit = cv::Mat(lit * exposure_gain(frame, unalign(lit, transform, frame.size())));
  }
  cv::Mat aligned = align(frame, transform, lit);
  if (!state.unknown.empty()) lit.copyTo(aligned, state.unknown);
  return aligned;
}

// Brings the images of a moving camera onto the state's reference, and leaves out those that cannot be.
// Where they show nothing, they take what the others show there. Returns where that is.
std::vector<cv::Mat> align_all(std::vector<cv::Mat>& images, SceneState& state) {
  state.margin = state.alignment->margin();
  const cv::Size canvas = images[0].size() + state.margin * 2;
  std::vector<cv::Mat> transforms = map_images(images, [&](const cv::Mat& image) {
    return state.alignment->find_transform(image).value_or(cv::Mat());
  });
  leave_out_lost(images, transforms);
  Panorama panorama = panorama_of(images, transforms, canvas);
  SceneState median = state;
  median.background = panorama.median;
  for (size_t i = 0; i < images.size(); ++i)
    images[i] = laid_over(median, images[i], transforms[i]);
  if (state.margin != cv::Size()) state.unknown = unknown_area(panorama.unseen);
  return std::move(panorama.unseen);
}

// 255 where fewer than three images, or fewer than a twentieth, show the background.
cv::Mat hardly_shown(const std::vector<cv::Mat>& covered) {
  const auto images = static_cast<double>(covered.size());
  return images - count_of(covered) < std::max(3.0, images / 20.0);
}

// small: the images at_automatic_scale(), where objects have to be told. unseen: by align_all().
cv::Mat background_of(const std::vector<cv::Mat>& images, const std::vector<cv::Mat>& small,
                      const std::vector<cv::Mat>& unseen, const BackgroundOptions& options) {
  if (options.method == BackgroundMethod::kSettled) {
    return temporal_median(images, either(covered_areas(small, settled_background(small)), unseen));
  }
  return unseen.empty() ? temporal_median(images) : temporal_median(images, unseen);
}

// Brings the images into one light; where it changes in parts of the picture, or is_lit, into the state's.
void level_light(std::vector<cv::Mat>& images, bool is_lit, SceneState& state) {
  level_exposures(images, state.background);
  state.light = find_light(images, state.background, is_lit);
  if (!state.light) return;
  for (cv::Mat& image : images) image = take_light(image, state.light->field_of(image));
}

// Images of one state in its camera and light, and what is known of them beforehand.
struct Evidence {
  std::vector<cv::Mat> images;
  std::vector<cv::Mat> covered;  // as model_state_again() has it
  std::vector<cv::Mat> unseen;   // by align_all()
};

// What the images show before their background.
struct Findings {
  Contrast contrast;
  std::vector<cv::Mat> covered;  // a mask for each
  cv::Mat noise;                 // by temporal_noise()
};

// The background and, unless noise_floor is 0, the scale of the state.
Findings describe(const Evidence& evidence, const BackgroundOptions& options, SceneState& state) {
  const auto& [images, covered, unseen] = evidence;
  std::vector<cv::Mat> small;
  if (options.method == BackgroundMethod::kSettled || options.noise_floor > 0.0) {
    small = at_automatic_scale(images);
  }
  if (!covered.empty()) {
    state.background = temporal_median(images, covered);
  } else if (options.method != BackgroundMethod::kFile) {
    state.background = background_of(images, small, unseen, options);
  }
  if (state.light) state.light = std::make_shared<Light>(state.background);
  Findings findings;
  if (options.noise_floor <= 0.0) return findings;
  constexpr int64_t kEnough = 48;  // images: how objects differ
  const cv::Mat small_background = at_automatic_scale(state.background);
  findings.covered =
      covered.empty() ? either(covered_areas(small, small_background), unseen) : covered;
  findings.noise = temporal_noise(images, findings.covered, state.background);
  findings.contrast = contrast_in(some_of(small, kEnough), small_background, findings.noise);
  state.scale = scale_of(findings.noise, findings.contrast, options.noise_floor);
  state.range = range_of(small);
  return findings;
}

constexpr double kSmoothing = 1.0;  // pixels

// In pixels: as two in a frame of the automatic scale.
int reach_of_turbulence(cv::Size frame) {
  return cvRound(2.0 * frame.width / scaled_size(frame, 0.0).width);
}

// Whether objects need no help to be seen: C >= 10 n.
bool stand_out(const Contrast& contrast) {
  constexpr double kNoises = 10.0;
  return contrast.objects >= kNoises * contrast.noise;
}

// Whether most of the noise n goes where images are seen otherwise, so that l is left, and the objects' contrast
// C is small beside it. The more of its variance goes, the more may they stand out:
//   l < n / 2,  C / n < 1.75 (n / l)^2
template <typename Function>
bool helps_to_see(const Evidence& evidence, const Findings& findings, const SceneState& state,
                  const Function& seen) {
  constexpr int64_t kEnough = 32;  // images
  constexpr double kLeft = 0.5, kNoises = 1.75;
  const auto [n, c] = findings.contrast;
  const cv::Mat noise = temporal_noise(map_images(some_of(evidence.images, kEnough), seen),
                                       some_of(findings.covered, kEnough), seen(state.background));
  const double left = usual_noise(noise);
  return left < kLeft * n && c * left * left < kNoises * n * n * n;
}

// A Gaussian takes a sensor's noise away, but not waves'.
bool needs_smoothing(const Evidence& evidence, const Findings& findings, const SceneState& state) {
  return !stand_out(findings.contrast) &&
         helps_to_see(evidence, findings, state,
                      [](const cv::Mat& image) { return smoothed(image, kSmoothing); });
}

// In hot air edges move, and what is beside them explains most of the noise.
bool has_turbulence(const Evidence& evidence, const Findings& findings, const SceneState& state) {
  constexpr double kLeast = 0.2, kMost = 1.0;  // of the reach
  if (state.light || stand_out(findings.contrast)) return false;
  const int reach = reach_of_turbulence(state.frame_size());
  const double movement = movement_of_edges(findings.noise, state.background) / reach;
  return movement > kLeast && movement < kMost &&
         helps_to_see(evidence, findings, state, [&](const cv::Mat& image) {
           return without_turbulence(image, state.background, reach);
         });
}

// The state of images that are seen better than before, from the background that was found before.
Findings describe_again(const Evidence& evidence, const BackgroundOptions& options,
                        SceneState& state) {
  if (options.method != BackgroundMethod::kSettled || !evidence.covered.empty()) {
    return describe(evidence, options, state);
  }
  const auto small = at_automatic_scale(evidence.images);
  const cv::Mat settled = settled_background(small, at_automatic_scale(state.background));
  Evidence told = evidence;
  told.covered = either(covered_areas(small, settled), evidence.unseen);
  return describe(told, options, state);
}

Findings describe_smoothed(Evidence& evidence, const BackgroundOptions& options,
                           SceneState& state) {
  state.smoothing = kSmoothing;
  for (cv::Mat& image : evidence.images) image = smoothed(image, state.smoothing);
  if (!state.background.empty()) state.background = smoothed(state.background, state.smoothing);
  return describe_again(evidence, options, state);
}

Findings describe_without_turbulence(Evidence& evidence, const BackgroundOptions& options,
                                     SceneState& state) {
  state.turbulence = reach_of_turbulence(state.frame_size());
  for (cv::Mat& image : evidence.images) {
    image = without_turbulence(image, state.background, state.turbulence);
  }
  return describe_again(evidence, options, state);
}

// The background of another state, or of this one before, as frames of the state are seen.
cv::Mat background_for(const SceneState& state, const SceneState& other) {
  const bool is_sharp = other.smoothing < state.smoothing;
  return is_sharp ? smoothed(other.background, state.smoothing) : other.background;
}

// What stands still for as long as the scene shows a state, a more frequent state shows without.
void take_out_objects(SceneState& state, const SceneState& other, const Findings& findings) {
  const bool differ = state.background.size() != other.background.size();
  if (state.alignment || other.alignment || differ || findings.covered.empty()) return;
  const cv::Mat seen = count_of(findings.covered) >= 2.0;  // in one image it may be chance
  state.background = without_objects(state.background, background_for(state, other), seen);
  if (state.light) state.light = std::make_shared<Light>(state.background);
}

struct ModelledState {
  SceneState state;
  Findings findings;
};

// covered, before: as model_state_again() has them, or none.
ModelledState model_state(std::vector<cv::Mat> images, const BackgroundOptions& options,
                          Canvas canvas, std::vector<cv::Mat> covered = {},
                          const SceneState* before = nullptr) {
  SceneState state;
  state.follow_exposure = options.follow_exposure;
  const bool from_file = options.method == BackgroundMethod::kFile;
  if (from_file) state.background = read_background(options.file, images[0], images[0].size());
  if (options.stabilize) {
    state.alignment =
        from_file ? find_motion_onto(state.background, images) : find_motion(images, canvas);
  }
  std::vector<cv::Mat> unseen;
  if (state.alignment) {
    unseen = align_all(images, state);
    covered.clear();
  }
  if (options.follow_exposure) level_light(images, before && before->light, state);
  Evidence evidence = {std::move(images), std::move(covered), std::move(unseen)};
  // What is known of it is not made sharp again.
  const bool is_known = before && !evidence.covered.empty();
  Findings findings = is_known && before->smoothing > 0.0
                          ? describe_smoothed(evidence, options, state)
                          : describe(evidence, options, state);
  if (state.smoothing == 0.0 && needs_smoothing(evidence, findings, state)) {
    findings = describe_smoothed(evidence, options, state);
  }
  const bool was_turbulent = is_known && before->turbulence > 0 && !state.light;
  if (is_known ? was_turbulent : has_turbulence(evidence, findings, state)) {
    findings = describe_without_turbulence(evidence, options, state);
  }
  return {std::move(state), std::move(findings)};
}

}  // namespace

cv::Mat with_border(const cv::Mat& image, cv::Size margin) {
  cv::Mat framed;
  cv::copyMakeBorder(image, framed, margin.height, margin.height, margin.width, margin.width,
                     cv::BORDER_REPLICATE);
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

SceneModel model_scene(std::vector<cv::Mat> images, const BackgroundOptions& options,
                       Canvas canvas) {
  if (images.empty()) throw UsageError("model_scene: needs at least one image");
  SceneModel scene;
  std::vector<Findings> findings;
  auto groups = images_of_states(std::move(images), options, canvas);
  for (auto& group : groups) {
    scene.looks.push_back(look_of(group));
    ModelledState modelled = model_state(std::move(group), options, canvas);
    for (size_t k = 0; k < scene.states.size(); ++k) {
      take_out_objects(modelled.state, scene.states[k], findings[k]);
    }
    scene.states.push_back(std::move(modelled.state));
    findings.push_back(std::move(modelled.findings));
  }
  return scene;
}

SceneState model_state_again(std::vector<cv::Mat> images, const std::vector<cv::Mat>& covered,
                             const SceneState& before, const BackgroundOptions& options) {
  if (images.empty()) throw UsageError("model_state_again: needs at least one image");
  SceneState state =
      model_state(std::move(images), options, Canvas::kShaken, covered, &before).state;
  if (covered.empty() || state.alignment || before.background.size() != state.background.size()) {
    return state;
  }
  cv::Mat stays;
  cv::resize(hardly_shown(covered), stays, state.background.size(), 0, 0, cv::INTER_NEAREST);
  if (cv::countNonZero(stays) == 0) return state;
  const cv::Mat known = background_for(state, before);
  const cv::Mat levelled = known * exposure_gain(state.background, known);
  levelled.copyTo(state.background, stays);
  if (!state.scale.empty() && !before.scale.empty()) before.scale.copyTo(state.scale, stays);
  if (state.light) state.light = std::make_shared<Light>(state.background);
  return state;
}

SceneView aligned_view_of(const cv::Mat& frame, const SceneState& state) {
  SceneView view;
  view.aligned = state.smoothing > 0.0 ? smoothed(frame, state.smoothing) : frame;
  view.frame = frame.size();
  if (state.alignment) {
    view.transform = state.alignment->transform_of(frame);
    view.aligned = laid_over(state, view.aligned, view.transform);
  }
  if (state.turbulence > 0 && !state.light) {
    const double gain = state.follow_exposure ? exposure_gain(view.aligned, state.background) : 1.0;
    view.aligned = without_turbulence(view.aligned, state.background * gain, state.turbulence);
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
