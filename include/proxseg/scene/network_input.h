// What the network sees of frames.
#pragma once

#include <torch/types.h>

#include <opencv2/core.hpp>

#include "proxseg/scene/decomposition.h"
#include "proxseg/scene/options.h"

namespace proxseg {

// Differences in units of the scene's scale are clamped to this.
constexpr double kMostDifference = 4.0;

// signed form: D. masked form: cat(D, clamp((D - B) / scale, -4, 4)) along the channels.
// frames D: [N, C, H, W] float32 in [0, 1]. B: the scene's background, one or one for each frame.
torch::Tensor network_input(Form form, const torch::Tensor& frames, const SceneTensors& scene);

// The smallest box around all pixels that differ from the background by more than the limit in some channel, but
// for those with fewer than two such neighbours of eight, which are noise; empty where there is none. image,
// background: 8UC1 or 8UC3, of one size. limit: 8UC1 of it.
cv::Rect differing_area(const cv::Mat& image, const cv::Mat& background, const cv::Mat& limit);

// network_input(form, bytes / 255, apply_gains(scene, gains)) as `type`, float32 or bfloat16, up to
// rounding. bytes: [N, C, H, W] uint8, C = 1 or 3. gains: [N] float32. On a CPU the masked form is
// made in one pass, in the memory format of bytes.
torch::Tensor network_input_of_bytes(Form form, const torch::Tensor& bytes,
                                     const SceneTensors& scene, const torch::Tensor& gains,
                                     torch::ScalarType type);

}  // namespace proxseg
