#include "proxseg/tools/synth/sequence.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <opencv2/imgcodecs.hpp>
#include <string>
#include <system_error>
#include <vector>

#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/media/sink.h"
#include "proxseg/tools/synth/scene.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

void remove_matching(const fs::path& folder, const std::string& pattern) {
  std::error_code error;
  std::vector<fs::path> found;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (::fnmatch(pattern.c_str(), it->path().filename().c_str(), 0) == 0) {
      found.push_back(it->path());
    }
  }
  for (const fs::path& path : found) {
    if (fs::remove(path, error); error) {
      throw OutputError(fmt::format("cannot remove '{}': {}", path.string(), error.message()));
    }
  }
}

}  // namespace

void generate_sequence(const SynthOptions& options, const fs::path& folder) {
  const SynthScene scene(options);
  make_writable_folder(folder);
  const std::string number = "[0-9][0-9][0-9][0-9][0-9][0-9]";
  remove_matching(folder / "input", "in" + number + ".jpg");
  remove_matching(folder / "input", "in" + number + ".png");
  remove_matching(folder / "groundtruth", "gt" + number + ".png");
  const bool jpeg = options.quality > 0;
  const std::vector<int> parameters =
      jpeg ? std::vector<int>{cv::IMWRITE_JPEG_QUALITY, static_cast<int>(options.quality)}
           : std::vector<int>{};
  for (int64_t i = 0; i < options.frames; ++i) {
    const SynthFrame frame = scene.frame(i);
    const std::string extension = jpeg ? "jpg" : "png";
    write_image(folder / fmt::format("input/in{:06}.{}", i + 1, extension), frame.image,
                parameters);
    write_png(folder / fmt::format("groundtruth/gt{:06}.png", i + 1), frame.labels);
  }
  write_png(folder / "background.png", scene.background());
  const cv::Mat everywhere(scene.background().size(), CV_8UC1, cv::Scalar(255));
  write_image(folder / "ROI.bmp", everywhere);
  write_file_atomically(folder / "temporalROI.txt", fmt::format("1 {}\n", options.frames));
}

}  // namespace proxseg
