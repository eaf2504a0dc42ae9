// Which of many clips show something that moves, how much, and when: most of what a camera trap
// records is empty.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "proxseg/media/sequences.h"
#include "proxseg/recipe/model.h"
#include "proxseg/workflow/pipeline.h"

namespace proxseg {

// A sequence, or of a folder of images with times a burst: images of which none was taken more than
// kBurstGap seconds after the one before.
struct ScreenedClip {
  NamedSequence sequence;  // of a burst, the folder's; its name ends in that of its first image
  std::string range{};     // the burst's images, as SourceOptions::range has it; "" for all
  std::optional<int64_t> taken{};  // time_taken() of the first image
  int64_t frames = 0;
  int64_t moving = 0;           // frames in which something moves
  double coverage = 0.0;        // part of these frames that it covers, in [0, 1]
  int64_t first = 0, last = 0;  // of these frames, their numbers; 0 where nothing moves
  std::optional<double> first_seconds, last_seconds;  // their times, where the clip has any
  std::string best;     // name of the frame that shows most, nothing of it cut by the border
  std::string picture;  // a JPEG file of it with what moves marked; "" for none
  std::vector<std::string> doubts;  // why the result may be wrong
  std::string problem;              // why the clip could not be read; "" where it could

  double share() const {
    return frames > 0 ? static_cast<double>(moving) / static_cast<double>(frames) : 0.0;
  }
};

// Segments every clip with the network, without training it. The bursts of a folder share one scene. Clips of at most kShort frames, as stored, that lie
// in one folder and have one frame size are taken for those of one camera, and share one scene, as
// one clip alone may show its object most of the time; where that scene doesn't fit a clip, which then
// seems to move all over, the clip gets its own. input: recipe.input of the model says which frames
// are read; unreadable ones are left out. Returns those with most moving frames first, then by
// coverage, unreadable clips last. Nothing when stopped.
std::optional<std::vector<ScreenedClip>> screen(Model model,
                                                const std::vector<NamedSequence>& clips,
                                                const WorkCallbacks& callbacks);
inline constexpr int64_t kShort = 200;
inline constexpr int64_t kBurstGap = 60;

nlohmann::ordered_json to_json(const std::vector<ScreenedClip>& clips);

// Columns: clip, frames, moving, share, coverage, first, last, first_seconds, last_seconds, best,
// problem, taken.
std::string to_csv(const std::vector<ScreenedClip>& clips);

// One self-contained HTML page with the picture of each clip.
std::string page_of(const std::vector<ScreenedClip>& clips);

}  // namespace proxseg
