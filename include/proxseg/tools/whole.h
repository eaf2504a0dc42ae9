// How fast whole processes are, from the files of a sequence to PNG masks, beside a plain loop of
// OpenCV that decodes the same frames and encodes as many masks.
#pragma once

#include <cstdint>
#include <functional>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

namespace proxseg {

struct WholeOptions {
  // "default" is the network that comes with the program; another one learns from generated frames
  // first, which is not measured.
  std::vector<std::string> recipes = {"fast", "default"};
  std::vector<std::string> baselines;  // empty: median, mog2, knn, and cnt where OpenCV has it
  // Of what is generated: a folder of JPEG frames and an H.264 video each.
  std::vector<cv::Size> sizes = {{320, 240}, {1280, 720}, {1920, 1080}};
  std::string input;        // measured in place of generated sequences: a folder or a video
  int64_t frames = 600;     // of each generated sequence
  int64_t repetitions = 3;  // one process of each method in turn, so often
  int64_t threads = 0;      // as in a recipe
};

struct WholeTime {
  std::string input;   // "JPEG", "H.264", or the path that was given
  std::string method;  // a recipe, a baseline or "floor"
  cv::Size size;
  int64_t frames = 0;
  // Medians over the repetitions. seconds: from the start of the process to its end; of the floor,
  // which is measured within this process, those of its loop. cpu: of all its threads.
  double seconds = 0.0;
  double cpu = 0.0;
  double over_floor = 0.0;  // seconds over the floor's

  double frames_per_second() const { return static_cast<double>(frames) / seconds; }
};

// Starts this program again and again, in a temporary folder. announce is told of each round. The
// floor's masks all are the one of the middle frame. Throws InputError for an input that cannot be
// opened or is a stack, ConfigError and UsageError for unknown names, and Error where a
// process fails.
std::vector<WholeTime> measure_whole(const WholeOptions& options,
                                     const std::function<void(const std::string&)>& announce);

std::string to_text(const std::vector<WholeTime>& times);
std::string to_json(const std::vector<WholeTime>& times);

}  // namespace proxseg
