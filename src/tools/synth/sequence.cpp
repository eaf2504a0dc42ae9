#include "proxseg/tools/synth.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <fnmatch.h>

#include <opencv2/imgcodecs.hpp>
#include <string>
#include <system_error>
#include <vector>

#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/media/sink.h"
#include "proxseg/track/motchallenge.h"
#include "proxseg/track/shape.h"
#include "tools/synth/noise.h"
#include "tools/synth/random_scene.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

void remove_matching(const fs::path& folder, const std::string& pattern) {
  std::error_code error;
  for (const std::string& name : names_if_any(folder)) {
    if (::fnmatch(pattern.c_str(), name.c_str(), 0) != 0) continue;
    const fs::path path = folder / name;
    if (fs::remove(path, error); error) {
      throw OutputError(fmt::format("cannot remove '{}': {}", path.string(), error.message()));
    }
  }
}

// The boxes around the pixels of each object, by id.
void add_boxes(const cv::Mat& objects, int64_t frame, std::vector<MotBox>& boxes) {
  double most = 0.0;
  cv::minMaxLoc(objects, nullptr, &most);
  for (int id = 1; id <= static_cast<int>(most); ++id) {
    const Shape shape = shape_of(objects == id);
    if (shape.area > 0) boxes.push_back({frame, id, shape.box});
  }
}

// scene: SynthScene or RandomScene. quality: of the JPEG frames; 0 writes PNG.
template <class Scene>
void write_scene(const Scene& scene, int64_t frames, int quality, const fs::path& folder) {
  make_writable_folder(folder);
  const std::string number = "[0-9][0-9][0-9][0-9][0-9][0-9]";
  remove_matching(folder / "input", "in" + number + ".jpg");
  remove_matching(folder / "input", "in" + number + ".png");
  remove_matching(folder / "groundtruth", "gt" + number + ".png");
  const std::string extension = quality > 0 ? "jpg" : "png";
  const std::vector<int> parameters =
      quality > 0 ? std::vector<int>{cv::IMWRITE_JPEG_QUALITY, quality} : std::vector<int>{};
  std::vector<MotBox> boxes;
  for (int64_t i = 0; i < frames; ++i) {
    const SynthFrame frame = scene.frame(i);
    add_boxes(frame.objects, i + 1, boxes);
    write_image(folder / fmt::format("input/in{:06}.{}", i + 1, extension), frame.image, parameters,
                Flush::kLater);
    write_png(folder / fmt::format("groundtruth/gt{:06}.png", i + 1), frame.labels, Flush::kLater);
  }
  write_file_atomically(folder / "tracks.txt", to_motchallenge(boxes));
  const cv::Mat background = scene.background();
  write_png(folder / "background.png", background);
  write_image(folder / "ROI.bmp", cv::Mat(background.size(), CV_8UC1, cv::Scalar(255)));
  write_file_atomically(folder / "temporalROI.txt", fmt::format("1 {}\n", frames));
}

}  // namespace

void check_synth_options(const SynthOptions& options) {
  std::vector<std::string> problems;
  const auto check = [&problems](const char* name, auto value, auto low, auto high) {
    if (value >= low && value <= high) return;
    problems.push_back(fmt::format("{} is {} but must be {} to {}", name, value, low, high));
  };
  check("frames", options.frames, int64_t{1}, int64_t{999'999});
  check("width", options.width, int64_t{32}, int64_t{4096});
  check("height", options.height, int64_t{32}, int64_t{4096});
  check("objects", options.objects, int64_t{0}, int64_t{64});
  check("noise", options.noise, 0.0, 64.0);
  check("drift", options.drift, 0.0, 0.5);
  check("shake", options.shake, 0.0, 16.0);
  check("quality", options.quality, int64_t{0}, int64_t{100});
  if (options.stopping && options.objects < 1) {
    problems.emplace_back("stopping needs at least one object");
  }
  if (!problems.empty()) throw UsageError(fmt::format("{}", fmt::join(problems, "; ")));
}

void generate_sequence(const SynthOptions& options, const fs::path& folder) {
  const SynthScene scene(options);
  write_scene(scene, options.frames, static_cast<int>(options.quality), folder);
}

void generate_day(const SynthOptions& options, const fs::path& folder) {
  const SynthDay day(options);
  write_scene(day, options.frames, static_cast<int>(options.quality), folder);
  std::string rows = "name,first,last\n";
  for (const Stretch& stretch : day.stretches()) {
    rows += fmt::format("{},{},{}\n", stretch.name, stretch.first + 1, stretch.last + 1);
  }
  write_file_atomically(folder / "stretches.csv", rows);
}

void generate_scenes(const SynthOptions& options, int64_t count, const fs::path& folder) {
  check_synth_options(options);
  if (count < 1 || count > 9999) {
    throw UsageError(fmt::format("scenes is {} but must be 1 to 9999", count));
  }
  for (int64_t i = 0; i < count; ++i) {
    Random random(options.seed, 100 + static_cast<uint64_t>(i));
    const double larger = random.coin() ? 1.0 : random.uniform(1.0, 2.0);
    const auto scaled = [larger](int64_t length) {
      return static_cast<int>(static_cast<double>(length) * larger);
    };
    const RandomScene scene({scaled(options.width), scaled(options.height)}, options.frames,
                            random.below(size_t{1} << 40));
    write_scene(scene, options.frames, scene.jpeg_quality(), folder / fmt::format("{:04}", i + 1));
  }
}

}  // namespace proxseg
