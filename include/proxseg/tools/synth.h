// Synthetic sequences whose ground truth is known exactly: a toy surveillance scene, cars and
// walkers on a street in front of houses and trees; a day of a camera there; or scenes drawn at
// random, of which no two are alike.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

namespace proxseg {

struct SynthOptions {
  int64_t frames = 120;   // 1 to 999999
  int64_t width = 160;    // of the frames in pixels, 32 to 4096
  int64_t height = 120;   // in pixels, 32 to 4096; the whole scene scales with it
  uint64_t seed = 1;      // of layout, objects and noise
  int64_t objects = 4;    // moving at once, 0 to 64; one that leaves is followed by another
  double noise = 2.0;     // standard deviation of the sensor noise in grey levels, 0 to 64
  double drift = 0.03;    // amplitude of the slow change of brightness, as a fraction, 0 to 0.5
  bool shadows = false;   // objects cast a shadow on the ground
  bool waving = false;    // the trees sway
  double shake = 0.0;     // largest movement of the camera along each axis in pixels, 0 to 16
  bool stopping = false;  // the first car stands still for two fifths of the clip
  int64_t quality = 95;   // of the JPEG frames, 1 to 100; 0 writes PNG
};

// Throws UsageError that lists every value out of range.
void check_synth_options(const SynthOptions& options);

struct SynthFrame {
  cv::Mat image;   // 8UC3 BGR
  cv::Mat labels;  // 8UC1, of media/cdnet.h; kUnknown is the blended border of an object
  // 32SC1: the object that covers more than half of the pixel, the front one of several; from 1,
  // the same in all frames. 0: none.
  cv::Mat objects;
};

// The same options give the same frames on every machine. Labels do not depend on noise, drift or
// waving; without objects every pixel is static.
class SynthScene {
 public:
  // Throws UsageError as check_synth_options() does.
  explicit SynthScene(const SynthOptions& options);
  ~SynthScene();
  SynthScene(const SynthScene&) = delete;
  SynthScene& operator=(const SynthScene&) = delete;

  // The scene without objects, at rest, in mean light and without noise. 8UC3 BGR.
  cv::Mat background() const;

  // index: from 0, below options.frames. Frames may be asked for in any order.
  SynthFrame frame(int64_t index) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Writes a sequence in CDnet's layout: input/in000001.jpg, groundtruth/gt000001.png, ROI.bmp,
// temporalROI.txt, and beside them background.png and tracks.txt, the boxes of what is seen of each
// object (track/motchallenge.h). Frames of an earlier sequence in folder are removed first, other
// files stay. Throws UsageError for bad options, OutputError if folder cannot be written.
void generate_sequence(const SynthOptions& options, const std::filesystem::path& folder);

// A part of a day in which something is hard; frames from 0.
struct Stretch {
  std::string name;
  int64_t first = 0, last = 0;
};

// What a camera goes through that is left alone on the street of SynthScene, in options.frames
// frames:
//   dawn      the light grows to two and a half times of what it was
//   clouds    shadows wander over the picture
//   lamps     two lamps go on and off, one after the other
//   parks     a car comes and stands still; an object for an eighth of the day, then unknown
//   leaves    a car that has stood since the beginning, and was background, goes
//   lost      some time is missing, and the light is another one afterwards
//   rain
//   knock     the camera is moved a little, for good
//   tour      it turns to and fro between three presets; unknown while it turns
//   dusk      the light fades
//   infrared  and colours are gone at once
//   night     some time is missing again
//   smear     in some frames the lower part repeats one row; objects there are unknown
// drift, shadows, waving, shake and stopping do not count.
class SynthDay {
 public:
  // Throws UsageError as check_synth_options() does, and for fewer than 400 frames.
  explicit SynthDay(const SynthOptions& options);
  ~SynthDay();
  SynthDay(const SynthDay&) = delete;
  SynthDay& operator=(const SynthDay&) = delete;

  // As of SynthScene.
  cv::Mat background() const;
  SynthFrame frame(int64_t index) const;

  // In their order; they hold every frame once.
  const std::vector<Stretch>& stretches() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Writes a SynthDay as generate_sequence() does, and stretches.csv: name,first,last of the numbers
// of frames. Throws as that does.
void generate_day(const SynthOptions& options, const std::filesystem::path& folder);

// Writes sequences to learn from, folder/0001 and so on, as generate_sequence() does. Surfaces,
// objects (5 pixels to more than half of the frame), motion, light, weather and camera are drawn at
// random; a third of the scenes is grey. Of options, frames, seed, width and height count: frames
// are width x height to twice that. count: 1 to 9999. Throws as generate_sequence().
void generate_scenes(const SynthOptions& options, int64_t count,
                     const std::filesystem::path& folder);

}  // namespace proxseg
