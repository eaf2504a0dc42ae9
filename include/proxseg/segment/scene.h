// The scene of a sequence that is about to be segmented.
#pragma once

#include "proxseg/media/source.h"
#include "proxseg/scene/options.h"
#include "proxseg/scene/scene_model.h"

namespace proxseg {

// Of the head of a stream, else of all readable frames of sequence.path, whichever of them are to
// be segmented; at full size. Throws InputError as model_scene() does.
SceneModel scene_of(const SequenceInfo& sequence, const BackgroundOptions& options);

}  // namespace proxseg
