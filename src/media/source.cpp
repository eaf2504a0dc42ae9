#include "proxseg/media/source.h"

#include <fmt/format.h>

#include "media/image_source.h"
#include "media/location.h"
#include "media/reader_source.h"
#include "media/selection.h"
#include "media/video_reader.h"
#include "proxseg/core/error.h"

namespace proxseg {
namespace {

std::unique_ptr<FrameSource> open_video(const Location& location, const std::string& path,
                                        const SourceOptions& options) {
  if (options.range == "roi") {
    throw InputError(fmt::format("range is roi but '{}' has no temporalROI.txt", path),
                     "Give the range as FIRST:LAST.");
  }
  auto reader = open_video_file(path);
  SequenceInfo info;
  info.name = location.name;
  info.path = path;
  info.kind = SequenceKind::kVideo;
  const FrameRange range = parse_range(options.range, reader->fps());
  return frames_of(std::move(reader), std::move(info), range, options);
}

}  // namespace

std::unique_ptr<FrameSource> open_source(const std::string& path, const SourceOptions& options) {
  check_source_options(options);
  Location location = locate(path);
  if (!options.size.empty()) {
    throw UsageError("--size is for raw frames on standard input, not for '" + path + "'");
  }
  auto frames = location.kind == SequenceKind::kVideo
                    ? open_video(location, path, options)
                    : open_images(std::move(location), path, options);
  return prepare(std::move(frames), options);
}

}  // namespace proxseg
