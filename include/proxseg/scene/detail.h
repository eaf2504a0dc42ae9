// A scene that was modelled of frames of a smaller size, at the full size of its frames: for pictures
// that people look at.
#pragma once

#include <opencv2/core.hpp>
#include <vector>

#include "proxseg/scene/options.h"
#include "proxseg/scene/scene_model.h"

namespace proxseg {

// The state's background, interpolated to the size that it has where frames have that of `frame`.
cv::Mat enlarged_background(const SceneState& state, cv::Size frame);

// The same, from images of the full size that show the state, at least one: the temporal median of what they
// show of it, aligned and in its light. Its own background if they are of its size.
cv::Mat detailed_background(const std::vector<cv::Mat>& images, const SceneState& state,
                            const BackgroundOptions& options);

// The detail of a background, as above, that another one has followed: what both show alike keeps it, and the rest
// is interpolated.
cv::Mat carried_detail(const cv::Mat& detail, const SceneState& from, const SceneState& to,
                       cv::Size frame);

// How a frame of the full size lies over an enlarged_background() or detailed_background(). view: by
// view_of() of the same frame, at the size of the state's frames.
SceneView detailed_view(const cv::Mat& frame, const SceneView& view, const cv::Mat& background);

}  // namespace proxseg
