#include "proxseg/media/source.h"

#include "image_source.h"
#include "location.h"
#include "selection.h"
#include "video_source.h"

namespace proxseg {

std::unique_ptr<FrameSource> open_source(const std::string& path, const SourceOptions& options) {
  check_source_options(options);
  Location location = locate(path);
  if (location.kind == SequenceKind::kVideo) return open_video(location.name, path, options);
  return open_images(std::move(location), path, options);
}

}  // namespace proxseg
