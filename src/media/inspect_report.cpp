#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "media/stored.h"
#include "proxseg/core/text.h"
#include "proxseg/media/inspect.h"

namespace proxseg {
namespace {

// A terminal shows this many problems or gaps; the JSON has them all.
constexpr size_t kShown = 10;

std::string gaps_text(const SequenceReport& report) {
  std::vector<std::string> parts;
  for (const auto& [first, last] : report.gaps) {
    if (parts.size() == kShown) break;
    parts.push_back(first == last ? std::to_string(first) : fmt::format("{}-{}", first, last));
  }
  if (report.gaps.size() > kShown) {
    parts.push_back(fmt::format("and {} more", report.gaps.size() - kShown));
  }
  return parts.empty() ? "none" : fmt::format("{}", fmt::join(parts, ", "));
}

std::string ground_truth_text(const SequenceReport& report) {
  const char* what = report.dataset == Dataset::kCdnet ? "images: labels, as in CDnet"
                     : report.dataset == Dataset::kLasiesta
                         ? "images: labels in colour, as in LASIESTA"
                         : "images of the background, as in SBMnet";
  return fmt::format("{} {}", report.ground_truth, what);
}

std::string line_text(const char* label, const std::string& value) {
  return fmt::format("  {:<13} {}\n", label, value);
}

std::string problems_text(const SequenceReport& report) {
  std::string text;
  const size_t shown = std::min(kShown, report.problems.size());
  for (size_t i = 0; i < shown; ++i) {
    const auto& [frame, reason, refused] = report.problems[i];
    text += line_text("problem", frame.empty() ? reason : fmt::format("{}: {}", frame, reason));
  }
  if (report.problems.size() > shown) {
    text += line_text("problem", fmt::format("and {} more", report.problems.size() - shown));
  }
  return text;
}

int bits_of(int depth) { return depth == CV_8U ? 8 : (depth == CV_16U ? 16 : 32); }

std::string frames_text(const SequenceReport& report) {
  if (report.readable == report.frames) return fmt::format("{}, all readable", report.frames);
  return fmt::format("{}, {} readable", report.frames, report.readable);
}

// Of time-lapse, too: "a frame in 3600 s, 30:00:00".
std::string rate_text(double fps, double seconds) {
  constexpr double kLong = 3600.0;
  const std::string length =
      seconds < kLong ? fmt::format("{:.5g} s", seconds) : format_duration(seconds);
  if (fps < 0.1) return fmt::format("a frame in {:.5g} s, {}", 1.0 / fps, length);
  return fmt::format("{:.6g} frames/s, {}", fps, length);
}

}  // namespace

std::string to_string(SequenceKind kind) {
  constexpr std::array kNames = {"folder", "glob", "video", "cdnet", "stream", "stack"};
  return kNames.at(static_cast<size_t>(kind));
}

std::string to_text(const SequenceReport& report) {
  if (report.frames == 0) return fmt::format("{}\n{}", report.path, problems_text(report));
  const bool is_known = report.dataset != Dataset::kNone;
  std::string text = fmt::format("{} ({})\n", report.path,
                                 is_known ? to_string(report.dataset) : to_string(report.kind));
  const auto line = [&text](const char* label, const std::string& value) {
    text += line_text(label, value);
  };
  line("frames", frames_text(report));
  line("size", shape_text(report.size, report.channels, report.depth) +
                   (report.depth == CV_8U ? ", 8 bits" : ""));
  if (report.values) {
    const auto& [low, high] = *report.values;
    const auto& levels = report.levels;
    line("values", fmt::format("{:.6g} to {:.6g}", low, high) +
                       (levels ? fmt::format("; black and white at {:.6g} and {:.6g}", levels->low,
                                             levels->high)
                               : ""));
  }
  if (report.kind != SequenceKind::kVideo && report.kind != SequenceKind::kStack) {
    line("missing", gaps_text(report));
  }
  if (report.kind == SequenceKind::kVideo) {
    line("codec", fmt::format("{} in {}", report.codec, report.container));
    if (!report.orientation.empty()) {
      line("turned", report.orientation + ", as the container says; shown upright");
    }
  }
  if (report.fps > 0.0) {
    line("rate", rate_text(report.fps, report.seconds));
  }
  if (report.temporal_roi) {
    const auto& [first, last] = *report.temporal_roi;
    line("temporal roi", fmt::format("frames {} to {}", first, last));
  }
  if (report.roi_coverage) {
    line("roi", fmt::format("{:.1f} % of the frame", 100.0 * *report.roi_coverage));
  }
  if (is_known) line("ground truth", ground_truth_text(report));
  text += problems_text(report);
  for (const std::string& note : report.notes) line("note", note);
  return text;
}

nlohmann::json to_json(const SequenceReport& report) {
  using nlohmann::json;
  const auto of_video = [&](const auto& value) {
    return report.kind == SequenceKind::kVideo ? json(value) : json();
  };
  const auto of_moments = [&](double value) {
    return report.kind == SequenceKind::kVideo || report.fps > 0.0 ? json(value) : json();
  };
  json ground_truth;
  if (report.dataset != Dataset::kNone) {
    ground_truth = {{"dataset", to_string(report.dataset)}, {"images", report.ground_truth}};
  }
  json problems = json::array();
  for (const SequenceReport::Problem& problem : report.problems) {
    problems.push_back(
        {{"frame", problem.frame}, {"reason", problem.reason}, {"refused", problem.refused}});
  }
  return {{"name", report.name},
          {"path", report.path},
          {"kind", report.frames > 0 ? json(to_string(report.kind)) : json()},
          {"frames", report.frames},
          {"readable", report.readable},
          {"width", report.size.width},
          {"height", report.size.height},
          {"channels", report.channels},
          {"bits", bits_of(report.depth)},
          {"values", report.values ? json(*report.values) : json()},
          {"levels", report.levels ? json({report.levels->low, report.levels->high}) : json()},
          {"intact", report.intact()},
          {"sound", report.intact()},  // its name in version 0.1
          {"accepted", report.refusal() == nullptr},
          {"notes", report.notes},
          {"gaps", report.gaps},
          {"announced", of_video(report.announced)},
          {"codec", of_video(report.codec)},
          {"container", of_video(report.container)},
          {"orientation", of_video(report.orientation)},
          {"fps", of_moments(report.fps)},
          {"seconds", of_moments(report.seconds)},
          {"constant_rate", report.has_constant_rate ? json(*report.has_constant_rate) : json()},
          {"problems", std::move(problems)},
          {"ground_truth", std::move(ground_truth)},
          {"temporal_roi", report.temporal_roi ? json(*report.temporal_roi) : json()},
          {"roi_coverage", report.roi_coverage ? json(*report.roi_coverage) : json()}};
}

}  // namespace proxseg
