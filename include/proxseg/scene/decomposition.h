// D = L + S: how the network's output becomes background, foreground and mask.
#pragma once

#include <torch/types.h>

#include "proxseg/nn/unet_options.h"
#include "proxseg/scene/options.h"

namespace proxseg {

// options with the channels in and out, and the output's bias, that the form asks for.
// frame_channels: channels C of the frames.
UNetOptions network_options(Form form, UNetOptions options, int64_t frame_channels);

// What the network sees. frames: [N, C, H, W] float32 in [0, 1]; background: [1, C, H, W] float32
// in [0, 1]. signed: the frames alone. masked: cat(frames, frames - background).
torch::Tensor network_input(Form form, const torch::Tensor& frames,
                            const torch::Tensor& background);

struct Decomposition {
  torch::Tensor background;  // L: [N, C, H, W]
  torch::Tensor foreground;  // S = D - L: [N, C, H, W]
  torch::Tensor mask;        // M in [0, 1]: [N, 1, H, W]
};

// signed: S = output, L = D - S, M = largest |S| over channels.
// masked: M = sigmoid(output), S = M * (D - B), L = D - S.
// output: [N, C, H, W] (signed) or [N, 1, H, W] (masked) float32; frames, background as above.
// roi: [1, 1, H, W] float32, 0 outside the region of interest and 1 inside; undefined: everything.
// S and M are 0 outside. Differentiable in output. Throws UsageError for other shapes.
Decomposition decompose(Form form, const torch::Tensor& output, const torch::Tensor& frames,
                        const torch::Tensor& background, const torch::Tensor& roi = {});

}  // namespace proxseg
