#include "proxseg/infer/scene.h"

#include "proxseg/media/stream.h"

namespace proxseg {

SceneModel scene_of(const SequenceInfo& sequence, const BackgroundOptions& options) {
  SourceOptions every_frame;
  every_frame.on_error = OnError::kSkip;
  return model_scene(*prefetch(open_ahead(sequence, every_frame)), options);
}

}  // namespace proxseg
