#include "proxseg/media/inspect.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "media/stack.h"
#include "media/stored.h"
#include "media/video_reader.h"
#include "proxseg/core/error.h"
#include "proxseg/media/cdnet.h"
#include "proxseg/media/levels.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

std::vector<std::pair<int64_t, int64_t>> find_gaps(const std::vector<std::string>& files) {
  std::vector<std::pair<int64_t, int64_t>> gaps;
  int64_t previous = -1;
  for (const std::string& file : files) {
    const int64_t number = trailing_number(file);
    if (number < 0) return {};
    if (previous >= 0 && number > previous + 1) gaps.emplace_back(previous + 1, number - 1);
    previous = number;
  }
  return gaps;
}

// What single frames show, one after the other.
class Examiner {
 public:
  explicit Examiner(SequenceReport& report) : report_(report) {}

  void read(FrameSource& source) {
    while (auto frame = source.grab()) {
      ++report_.frames;
      note_time(frame->seconds);
      examine(source, *frame, frame->label());
    }
    const SequenceInfo& info = source.info();
    finish(info.frames == report_.frames ? info.seconds : 0.0);
  }

  // The whole sequence, which ends after so many seconds; 0: unknown.
  void set_end(double seconds) {
    if (first_ && seconds > *last_) report_.seconds = seconds - *first_;
  }

 private:
  void examine(FrameSource& source, Frame& frame, const std::string& name) {
    try {
      source.decode(frame);
      widen(frame.image);
      if (!frame.damage.empty()) {
        report_.problems.push_back({name, "damaged: " + frame.damage, false});
      }
      compare_shape(frame.image, name);
    } catch (const InputError& error) {
      report_.problems.push_back({name, error.what()});
    }
  }

  void compare_shape(const cv::Mat& image, const std::string& name) {
    const std::string shape = shape_text(image.size(), image.channels(), image.depth());
    if (first_shape_.empty()) {
      first_shape_ = shape;
      report_.size = image.size();
      report_.channels = image.channels();
      report_.depth = image.depth();
    }
    if (shape == first_shape_) {
      ++report_.readable;
    } else {
      report_.problems.push_back(
          {name, fmt::format("is {}, the first frame {}", shape, first_shape_)});
    }
  }

  void widen(const cv::Mat& image) {
    double low = 0.0, high = 0.0;
    const cv::Mat values = image.reshape(1);
    cv::minMaxLoc(values, &low, &high, nullptr, nullptr, values == values);  // no NaN
    if (report_.values) {
      low = std::min(low, report_.values->first);
      high = std::max(high, report_.values->second);
    }
    report_.values = {low, high};
  }

  void note_time(std::optional<double> seconds) {
    if (seconds && last_) {
      shortest_ = std::min(shortest_, *seconds - *last_);
      longest_ = std::max(longest_, *seconds - *last_);
    }
    if (seconds && !first_) first_ = seconds;
    if (seconds) last_ = seconds;
  }

  // end: of the last frame, in seconds; 0 if unknown.
  void finish(double end) {
    if (first_ && report_.fps > 0.0) {
      report_.seconds = (end > *last_ ? end : *last_ + 1.0 / report_.fps) - *first_;
    }
    if (!first_ && report_.kind == SequenceKind::kVideo && report_.fps > 0.0) {
      report_.seconds = static_cast<double>(report_.frames) / report_.fps;
      report_.notes.push_back(fmt::format(
          "Its container has no times; {:.6g} frames a second are FFmpeg's guess.", report_.fps));
    }
    // Containers round times to milliseconds.
    constexpr double kUneven = 1.5, kRounding = 0.002;
    const bool is_uneven = longest_ > kUneven * shortest_ + kRounding;
    if (longest_ > 0.0) report_.has_constant_rate = !is_uneven;
    if (shortest_ < 0.0) {
      report_.notes.push_back(
          fmt::format("The times of its frames run back by up to {:.5g} s.", -shortest_));
    } else if (is_uneven) {
      report_.notes.push_back(fmt::format(
          "Frames come unevenly, {:.0f} to {:.0f} ms apart; ranges, tables and written videos go by "
          "each frame's own time.",
          1000.0 * shortest_, 1000.0 * longest_));
    }
    if (report_.readable > 0) return;
    if (report_.frames == 0)
      throw InputError(fmt::format("no frame of '{}' can be read", report_.path));
    throw InputError(fmt::format("none of the {} frames of '{}' can be read; the first: {}",
                                 report_.frames, report_.path, report_.problems.front().reason));
  }

  SequenceReport& report_;
  std::string first_shape_;
  std::optional<double> first_, last_;
  double shortest_ = std::numeric_limits<double>::infinity();
  double longest_ = 0.0;
};

void inspect_images(const Location& location, const SourceOptions& options,
                    SequenceReport& report) {
  auto images = open_images(location, report.path);
  report.temporal_roi = images->info().temporal_roi;
  if (fs::is_directory(report.path)) {
    const SequenceFolders folders = folders_of(report.path);
    report.dataset = folders.dataset;
    report.ground_truth = static_cast<int64_t>(ground_truth_images(folders).size());
  }
  report.gaps = find_gaps(location.files);
  if (const auto twins = find_twins(location, images->info(), options)) {
    report.problems.push_back(
        {fs::path(twins->second).filename().string(),
         fmt::format("has the name of '{}' but for folder and extension", twins->first)});
  }
  Examiner(report).read(*select(std::move(images), options.range, options.every));
  if (report.depth != CV_8U) report.levels = choose_levels(*open_images(location, report.path));
  if (report.kind != SequenceKind::kCdnet) return;
  const cv::Mat roi = read_roi(report.path, report.size);
  if (!roi.empty()) {
    report.roi_coverage = cv::countNonZero(roi) / static_cast<double>(roi.total());
  }
}

void inspect_stack(const SourceOptions& options, SequenceReport& report) {
  auto stack = open_stack(report.path);
  report.fps = stack->info().fps;
  Examiner(report).read(*select(std::move(stack), options.range, options.every));
  if (report.depth != CV_8U) report.levels = choose_levels(*open_stack(report.path));
}

void inspect_video(const SourceOptions& options, SequenceReport& report) {
  auto video = open_video_file(report.path);
  report.codec = video->codec();
  report.container = video->container();
  report.orientation = video->orientation();
  report.fps = video->info().fps;
  report.announced = video->counted();
  if (const int bits = video->bits(); bits > 8) {
    report.notes.push_back(fmt::format(
        "Its pixels have {} bits, of which the upper 8 are read; save it as images or a stack of 16 bits to "
        "use them all.",
        bits));
  }
  const VideoSource& read = *video;
  const auto chosen = select(std::move(video), options.range, options.every);
  Examiner examiner(report);
  examiner.read(*chosen);
  if (!options.range.empty() || options.every != 1) return;
  const std::string text = read.difference();
  if (read.is_cut()) {
    report.problems.push_back(
        {"", text.empty() ? "the file is cut short" : "cut short: its container " + text, false});
  } else if (!text.empty()) {
    report.notes.push_back(fmt::format("The container {}.", text));
  } else {
    examiner.set_end(read.info().seconds);
  }
}

}  // namespace

const SequenceReport::Problem* SequenceReport::refusal() const {
  const auto first = std::find_if(problems.begin(), problems.end(),
                                  [](const Problem& problem) { return problem.refused; });
  return first == problems.end() ? nullptr : &*first;
}

SequenceReport inspect_sequence(const std::string& path, const SourceOptions& options) {
  check_source_options(options);
  const Location location = locate(path);
  SequenceReport report;
  report.name = location.name;
  report.path = path;
  report.kind = location.kind;
  if (location.kind == SequenceKind::kVideo) {
    inspect_video(options, report);
  } else if (location.kind == SequenceKind::kStack) {
    inspect_stack(options, report);
  } else {
    inspect_images(location, options, report);
  }
  return report;
}

}  // namespace proxseg
