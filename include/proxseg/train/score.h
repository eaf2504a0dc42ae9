// How good masks are, judged without ground truth: to choose between runs where there is none.
#pragma once

#include "proxseg/train/trainer.h"

namespace proxseg {

// Of the binary masks M of frames spread evenly over the clips, all in [0, 1]; 0 where M is empty.
struct LabelFreeScore {
  // Dice coefficient of M with the masks of the same frames mirrored (and mirrored back), and with
  // sensor noise added: 3 grey levels, standard deviation.
  double stability = 0.0;
  double contours = 0.0;  // share of the contours' edges, as below
  // Geometric mean of the two.
  double value = 0.0;
};

// e(D) / (e(D) + e(B)) with e the sum of the gradient's magnitude along the contours of M: above
// 1/2 for objects, whose edges are in the frame D, below 1/2 for ghosts, whose edges are in the
// background B, and 1/2 for what is cut out of neither. masks: [N, 1, H, W] float32, 0 or 1;
// frames: [N, C, H, W] and background: [1, C, H, W] float32 in [0, 1]. 0 without contours.
double contour_share(const torch::Tensor& masks, const torch::Tensor& frames,
                     const torch::Tensor& background);

// Leaves the network in inference mode. Draws its noise from the recipe's seed.
LabelFreeScore label_free_score(Trainer& trainer);

}  // namespace proxseg
