// The loss: a weighted sum of priors on background, foreground and mask.
#pragma once

#include <torch/types.h>

#include <string>
#include <utility>
#include <vector>

#include "proxseg/config/recipe.h"
#include "proxseg/scene/decomposition.h"

namespace proxseg {

// lambda0 = 1/sqrt(max(N, P)) of an N x P matrix (Candes et al. 2011); P = pixels x channels.
double lambda0(const torch::Tensor& frames);

struct LossValue {
  torch::Tensor total;  // differentiable scalar
  // Weighted contributions by the name of their prior; they add up to total.
  std::vector<std::pair<std::string, double>> terms;
};

// nuclear.weight * spectral_prior(L) alone.
LossValue low_rank_loss(const Decomposition& decomposition, const LossOptions& options);
// lambda0 * sum of weight * value of l1, group_l1 and tv alone; priors on the mask [N, 1, H, W]
// count once for each of the C channels that the mask applies to.
LossValue sparse_loss(const Decomposition& decomposition, const LossOptions& options);
// Both. Throws NumericsError naming the first term that is not finite.
LossValue total_loss(const Decomposition& decomposition, const LossOptions& options);

}  // namespace proxseg
