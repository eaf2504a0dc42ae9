#include "proxseg/scene/scene_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "proxseg/core/error.h"
#include "proxseg/media/image_file.h"
#include "proxseg/media/transform.h"
#include "proxseg/scene/alignment.h"
#include "proxseg/scene/background.h"
#include "proxseg/scene/coverage.h"
#include "proxseg/scene/exposure.h"
#include "proxseg/scene/reservoir.h"

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

// A quiet scene can be trusted in smaller differences than one that flickers.
cv::Mat scale_of(const cv::Mat& noise, double noise_floor) {
  constexpr double kQuietFloor = 8.0 / 255.0, kFloorPerNoise = 1.5;
  std::vector<float> values(noise.begin<float>(), noise.end<float>());
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return noise + std::min(noise_floor, kQuietFloor + kFloorPerNoise * static_cast<double>(*middle));
}

}  // namespace

SceneModel model_scene(FrameSource& source, const BackgroundOptions& options) {
  return model_scene(collect_frames(source, options), options);
}

SceneModel model_scene(std::vector<cv::Mat> images, const BackgroundOptions& options) {
  if (images.empty()) throw UsageError("model_scene: needs at least one image");
  SceneModel scene;
  if (options.stabilize) scene.alignment = find_shake(images);
  if (scene.alignment) {
    for (cv::Mat& image : images) image = align(image, scene.alignment->transform_of(image));
  }
  const bool from_file = options.method == BackgroundMethod::kFile;
  if (from_file) scene.background = load_background(options.file, images[0]);
  if (options.follow_exposure) level_exposures(images, scene.background);
  std::vector<cv::Mat> small;
  if (options.method == BackgroundMethod::kSettled || options.noise_floor > 0.0) {
    small = at_automatic_scale(images);
  }
  if (!from_file) scene.background = background_of(images, small, options);
  if (options.noise_floor > 0.0) {
    const auto covered = covered_areas(small, at_automatic_scale(scene.background));
    scene.scale = scale_of(temporal_noise(images, covered, scene.background), options.noise_floor);
  }
  return scene;
}

}  // namespace proxseg
