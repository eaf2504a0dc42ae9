// The loss: a weighted sum of priors on background, foreground and mask.
#pragma once

#include <torch/types.h>

#include <string>
#include <utility>
#include <vector>

#include "proxseg/recipe/recipe.h"
#include "proxseg/scene/decomposition.h"

namespace proxseg {

// lambda0 = 1/sqrt(max(N, P)) of an N x P matrix (Candes et al. 2011); P = pixels x channels.
double lambda0(const torch::Tensor& frames);

// The names of all terms that a loss may have, in the order in which they are reported: "nuclear",
// then the sparse priors.
const std::vector<std::string>& loss_term_names();

struct LossValue {
  torch::Tensor total;  // differentiable scalar
  // Weighted contributions by the name of their prior; they add up to total.
  std::vector<std::pair<std::string, double>> terms;
};

// What the spectral prior judges, one frame a row: L, or where the scene has a scale, what L adds to
// the scene's background B,
//   lambda (L - B) / scale, with lambda that of the whole batch: [N, P].
// B is known and of rank one. With it in the argument its singular value would dwarf the others: an
// object in most frames of the batch would be nearly free, as a change of that value alone, and
// objects darker than B, which lower it, would be left in L.
torch::Tensor low_rank_argument(const Decomposition& decomposition, double lambda);

// nuclear.weight * spectral_prior(L) alone; where the scene has a scale, of lambda0 (L - B) / scale,
// whose rows are of norm 1 where every value differs by its scale. What lies below the knee is then
// quadratic, and an l1 on the mask of weight 1/(2 knee) masks what differs by more than its scale:
// M = 1/2 is optimal where (1 - M) (d / scale)^2 / knee = weight.
LossValue low_rank_loss(const Decomposition& decomposition, const LossOptions& options);
// lambda0 * sum of weight * value of l1, group_l1 and tv alone; lambda0^2 where the scene has a
// scale. Priors on the mask [N, 1, H, W] count once for each of the C channels that it applies to.
LossValue sparse_loss(const Decomposition& decomposition, const LossOptions& options);
// A sum over frames: with lambda that of the whole batch, the losses of its parts add up.
// Background and foreground may be undefined where no prior is on them. channels: C of the frames.
LossValue sparse_loss(const Decomposition& decomposition, const LossOptions& options, double lambda,
                      int64_t channels);
// Whether every sparse prior with a weight judges the mask.
bool is_sparse_on_mask_alone(const LossOptions& options);
// Throws NumericsError: the term so named `what`, such as "is nan".
[[noreturn]] void fail_on_term(const std::string& name, const std::string& what);

// Both, for a batch that fits in memory at once; train/loss_gradient.h also takes it in pieces, by
// the same terms. Throws NumericsError naming the first term that is not finite.
LossValue total_loss(const Decomposition& decomposition, const LossOptions& options);

}  // namespace proxseg
