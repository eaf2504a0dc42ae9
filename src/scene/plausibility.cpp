#include "proxseg/scene/plausibility.h"

#include <fmt/format.h>

namespace proxseg {
namespace {

constexpr int64_t kTooFewFrames = 3;
constexpr double kLargestShare = 1.0 / 3.0;

}  // namespace

void MaskFacts::add(const cv::Mat& mask) {
  if (mask.empty()) return;
  const int pixels = cv::countNonZero(mask);
  if (pixels == 0) ++empty;
  share = (share * static_cast<double>(masks) + pixels / static_cast<double>(mask.total())) /
          static_cast<double>(masks + 1);
  ++masks;
}

std::vector<std::string> doubts_about(const MaskFacts& facts, MaskMaker maker) {
  if (facts.masks == 0) return {};
  const bool by_network = maker == MaskMaker::kNetwork;
  if (facts.frames <= kTooFewFrames) {
    return {fmt::format(
        "only {} frame{}: objects cannot be told from the background in so few; give a longer "
        "sequence, or widen input.range",
        facts.frames, facts.frames == 1 ? "" : "s")};
  }
  if (facts.empty == facts.masks) {
    return {
        fmt::format("no mask in any of {} frames{}: if something moves there, it is too small or "
                    "differs too little from the background; {}",
                    facts.masks, facts.masks < facts.frames ? " that were looked at" : "",
                    by_network ? "train with a lower loss.l1.weight (0.15 for faint objects)"
                               : "try another method, or train a network on the sequence")};
  }
  if (facts.share > kLargestShare) {
    return {
        fmt::format("masks cover {:.0f} % of the frame on average: the camera may move, or the "
                    "light may change for good; {}",
                    100.0 * facts.share,
                    by_network ? "take a part where it does not (input.range), or train with a "
                                 "higher loss.l1.weight (1)"
                               : "take a part where it does not (input.range)")};
  }
  return {};
}

std::optional<std::string> doubt_about_size(double typical, double smallest, cv::Size size) {
  constexpr double kNear = 4.0;
  if (typical <= 0.0 || typical >= kNear * smallest) return {};
  return fmt::format(
      "objects have about {:.0f} pixels in the frames of {} x {} that the network sees, and masks of "
      "fewer than {:.0f} are removed; train with --config small, which keeps frames at their size",
      typical * size.area(), size.width, size.height, smallest * size.area());
}

}  // namespace proxseg
