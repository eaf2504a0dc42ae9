#include "proxseg/media/source.h"

#include "media/image_source.h"
#include "media/location.h"
#include "media/selection.h"
#include "media/video_source.h"
#include "proxseg/core/error.h"
#include "proxseg/media/stream.h"

namespace proxseg {

std::unique_ptr<FrameSource> open_source(const std::string& path, const SourceOptions& options) {
  check_source_options(options);
  if (is_stream(path)) {
    throw InputError("'" + path + "' is a stream, which infer and baseline alone can read",
                     "Save a part of it as a video, for example with ffmpeg -t 60, and give that.");
  }
  if (!options.size.empty()) {
    throw UsageError("--size is for raw frames on standard input, not for '" + path + "'");
  }
  Location location = locate(path);
  if (location.kind == SequenceKind::kVideo) return open_video(location.name, path, options);
  return open_images(std::move(location), path, options);
}

}  // namespace proxseg
