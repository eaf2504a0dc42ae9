#include "proxseg/infer/scene.h"

namespace proxseg {

SceneModel scene_of(const SequenceInfo& sequence, const BackgroundOptions& options) {
  SourceOptions every_frame;
  every_frame.on_error = OnError::kSkip;
  return model_scene(*prefetch(open_source(sequence.path, every_frame)), options);
}

}  // namespace proxseg
