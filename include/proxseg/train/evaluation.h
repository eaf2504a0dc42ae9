// What a trained network makes of its clips: its norms' statistics, pictures, singular values, the
// distance from the convex optimum and a score without labels. The clips' scenes and the network
// must be on one device. All but settle_statistics() leave the network in inference mode.
#pragma once

#include <torch/types.h>

#include <string>
#include <vector>

#include "proxseg/recipe/model.h"
#include "proxseg/scene/plausibility.h"
#include "proxseg/train/clip.h"
#include "proxseg/train/parallel/process_group.h"

namespace proxseg {

// Averages the batch norms' statistics over frames of all clips, so that inference sees what
// training saw. Several processes call it together.
void settle_statistics(Model& model, const std::vector<Clip>& clips,
                       const ProcessGroup& processes = {});

// A few frames and what the network makes of them, on the CPU.
struct Snapshot {
  std::vector<std::string> names;
  torch::Tensor frames, background;  // [n, C, H, W] float32 in [0, 1]
  torch::Tensor soft;                // [n, 1, H, W] float32 in [0, 1]
};

// The first four frames of the batch of a step, whole.
Snapshot snapshot_of(Model& model, const std::vector<Clip>& clips, int64_t step);

// Singular values in descending order, of the same frames before and after.
struct Spectra {
  std::vector<double> frames;      // of D
  std::vector<double> background;  // of L
};

// Of the batch of step 0.
Spectra spectra_of(Model& model, const std::vector<Clip>& clips);

// How far the network's objective ||L||_* + lambda ||S||_1 on the batch of step 0 is from the
// convex optimum (robust PCA); lambda = lambda0 * l1.weight.
struct RpcaGap {
  double objective = 0.0;
  double optimum = 0.0;
  double relative() const { return objective / optimum - 1.0; }
};

// The loss is this objective: the signed form, a fixed batch of one clip, no scale of the scene,
// nuclear and l1 alone.
bool has_rpca_objective(const Recipe& recipe);
RpcaGap measure_rpca_gap(Model& model, const std::vector<Clip>& clips);

// How good the binary masks M of frames spread evenly over the clips are, without ground truth: to
// choose between runs where there is none. All in [0, 1]; 0 where M is empty.
struct LabelFreeScore {
  // Dice coefficient of M with the masks of the same frames mirrored (and mirrored back), and with
  // sensor noise added: 3 grey levels, standard deviation.
  double stability = 0.0;
  // e(D) / (e(D) + e(B)) with e the sum of the gradient's magnitude along the contours of M: above
  // 1/2 for objects, whose edges are in the frame D, below 1/2 for ghosts, whose edges are in the
  // background B, and 1/2 for what is cut out of neither. 0 without contours.
  double contours = 0.0;
  // Dice coefficient of M with the evidence, as below: are masks as large as what there is to see? 0
  // for a scene without a scale.
  double evidence = 0.0;
  // q = sqrt(stability contours); with a scale sqrt(q evidence), else q.
  double value = 0.0;
  std::vector<MaskFacts> masks;  // counts of M, of each clip
  // Of each clip, the median area of the pieces of M, of 9 pixels and more, as a part of the frame; 0
  // for none.
  std::vector<double> object_areas;
};

// 1 where most of side x side pixels differ from the background, in the shadows that fall there, by
// more than the scale, max |D - B| / scale > 1 over the channels; 0 elsewhere: [N, 1, H, W] float32.
// There the default's mask is worth its price. scene: as the frames expose it, with its scale; side:
// odd.
torch::Tensor evidence_of(const torch::Tensor& frames, const SceneTensors& scene, int64_t side);

// The loss of at most 24 whole frames of each clip, spread evenly over it, which the network sees in
// inference mode: the mean over the frames. Unlike the losses of steps it depends on no batch that was
// drawn, so that trainings with the same loss and the same clips can be compared by it. Throws
// NumericsError as the steps do.
double loss_at_rest(Model& model, const std::vector<Clip>& clips);

// Draws its noise from the recipe's seed.
LabelFreeScore label_free_score(Model& model, const std::vector<Clip>& clips);

// The score that a network in training would have if it ended now; leaves it as it is.
LabelFreeScore score_so_far(const Model& model, const std::vector<Clip>& clips);

}  // namespace proxseg
