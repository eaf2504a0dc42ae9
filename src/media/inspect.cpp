#include "proxseg/media/inspect.h"

#include <fmt/format.h>

#include "media/image_source.h"
#include "media/location.h"
#include "media/selection.h"
#include "proxseg/core/error.h"
#include "proxseg/media/cdnet.h"
#include "proxseg/media/image_file.h"

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

void read_images(const Location& location, const std::vector<size_t>& indices,
                 SequenceReport& report) {
  std::string first_shape;
  for (const size_t index : indices) {
    const fs::path file = location.files[index];
    const std::string name = file.filename().string();
    try {
      const cv::Mat image = read_image(file);
      if (first_shape.empty()) {
        first_shape = shape_text(image);
        report.size = image.size();
        report.channels = image.channels();
      }
      if (shape_text(image) == first_shape) {
        ++report.readable;
      } else {
        report.problems.push_back(
            {name, fmt::format("is {}, the first frame {}", shape_text(image), first_shape)});
      }
    } catch (const InputError& error) {
      report.problems.push_back({name, error.what()});
    }
  }
  if (report.readable > 0) return;
  throw InputError(fmt::format("none of the {} frames of '{}' can be read; the first: {}",
                               indices.size(), report.path, report.problems.front().reason));
}

void inspect_images(const Location& location, const SourceOptions& options,
                    SequenceReport& report) {
  SequenceInfo info;
  info.path = report.path;
  const bool cdnet = report.kind == SequenceKind::kCdnet;
  if (cdnet) info.temporal_roi = read_temporal_roi(report.path);
  report.temporal_roi = info.temporal_roi;
  report.gaps = find_gaps(location.files);
  const std::vector<size_t> indices = select_images(location, info, options);
  report.frames = static_cast<int64_t>(indices.size());
  read_images(location, indices, report);
  if (!cdnet) return;
  const cv::Mat roi = read_roi(report.path, report.size);
  if (!roi.empty()) {
    report.roi_coverage = cv::countNonZero(roi) / static_cast<double>(roi.total());
  }
}

void inspect_video(SourceOptions options, SequenceReport& report) {
  options.scale = 1.0;
  options.gray = false;
  options.on_error = OnError::kSkip;
  const auto source = open_source(report.path, options);
  report.frames = source->info().frames;
  report.size = source->info().size;
  report.channels = source->info().channels;
  while (source->next()) ++report.readable;
  for (const std::string& name : source->skipped()) {
    report.problems.push_back({name, "cannot be decoded"});
  }
}

}  // namespace

SequenceReport inspect_sequence(const std::string& path, const SourceOptions& options) {
  check_source_options(options);
  const Location location = locate(path);
  SequenceReport report;
  report.name = location.name;
  report.path = path;
  report.kind = location.kind;
  if (location.kind == SequenceKind::kVideo) {
    inspect_video(options, report);
  } else {
    inspect_images(location, options, report);
  }
  return report;
}

}  // namespace proxseg
