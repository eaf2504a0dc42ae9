// The loss of a batch and its gradient with respect to the network's output: all that a backward
// pass through the network needs to know of the loss.
#pragma once

#include <torch/types.h>

#include <string>
#include <utility>
#include <vector>

#include "proxseg/recipe/recipe.h"
#include "proxseg/train/parallel/process_group.h"
#include "train/batch.h"

namespace proxseg {

// Which terms of the loss count. With alpha > 0 they are those of the second phase of Sakai 2021:
// with S_k = S held fixed,
//   low rank: of L_k + alpha (S_k - S)    sparse: of S + alpha (S_k - S)
struct Objective {
  bool low_rank = true;
  bool sparse = true;
  double alpha = 0.0;
};

struct LossGradient {
  torch::Tensor output;  // d loss / d output, of the output's shape; undefined if no term counts
  std::vector<std::pair<std::string, double>> terms;  // weighted
  double learned_rank = 0.0;                          // effective rank of L
  double sparsity = 0.0;                              // share of pixels in the mask
};

// output: of the whole batch, [N, *, H, W] float32; not changed. Throws NumericsError naming the
// first term that is not finite.
LossGradient loss_gradient(const Batch& batch, const torch::Tensor& output, const Recipe& recipe,
                           const Objective& objective);

// The same up to rounding, in pieces whose temporaries take some tens of MiB: the low-rank term by
// rows of pixels of all frames, whose Gram matrices add up; the others by frames, over which they
// are sums. With `keeps`, what a pass over the rows has made stays in memory for the next, which
// else makes it again. The processes share both: output and the result's output are those of this
// process's frames, all else is of the whole batch. All call it together.
LossGradient loss_gradient_in_pieces(const Batch& batch, const torch::Tensor& output,
                                     const Recipe& recipe, const Objective& objective,
                                     bool keeps = false, const ProcessGroup& processes = {});

// X X^T: [N, N] float64.
struct Grams {
  torch::Tensor frames;      // of D
  torch::Tensor background;  // of L
};

// In pieces, too, all of them in this process.
Grams grams_of(const Batch& batch, const torch::Tensor& output, const Recipe& recipe);

}  // namespace proxseg
