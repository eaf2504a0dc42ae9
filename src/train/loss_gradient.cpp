#include "train/loss_gradient.h"

#include <fmt/format.h>
#include <torch/autograd.h>

#include <algorithm>

#include "proxseg/core/error.h"
#include "proxseg/prox/spectral.h"
#include "proxseg/scene/tensors.h"
#include "proxseg/train/loss.h"
#include "train/parallel/batch_partition.h"

namespace proxseg {
namespace {

// exp(-sum p log p), p = s / sum(s) (Roy and Vetterli 2007).
double effective_rank(const torch::Tensor& s) {
  const auto p = s / s.sum().clamp_min(1e-30);
  return torch::exp(-torch::xlogy(p, p).sum()).item<double>();
}

void relax(Decomposition& d, double alpha) {
  if (alpha == 0.0) return;
  const auto relaxed = alpha * (d.foreground.detach() - d.foreground);
  d.background = d.background.detach() + relaxed;
  d.foreground = d.foreground + relaxed;
}

torch::Tensor leaf_of(const torch::Tensor& output) { return output.detach().requires_grad_(); }

torch::Tensor mask_of(const Decomposition& d, const Recipe& recipe) {
  return (d.mask.detach() > recipe.mask.threshold).to(torch::kFloat32);
}

LossValue chosen_loss(const Decomposition& d, const LossOptions& options,
                      const Objective& objective) {
  if (objective.low_rank && objective.sparse) return total_loss(d, options);
  return objective.low_rank ? low_rank_loss(d, options) : sparse_loss(d, options);
}

// Adds up the loss of one batch and its gradient over pieces of the batch, or of this process's part
// of it: the low-rank term over rows of pixels of all frames, the others over frames.
class LossAccumulator {
 public:
  LossAccumulator(const Batch& batch, const torch::Tensor& output, const Recipe& recipe,
                  double alpha, bool keeps, ProcessGroup processes)
      : batch_(batch),
        recipe_(recipe),
        alpha_(alpha),
        keeps_(keeps),
        processes_(std::move(processes)),
        partition_(processes_, batch.bytes.size(0), batch.bytes.size(2)),
        lambda_(lambda0(batch.bytes)),
        by_frames_(kFrames, partition_.frames(), output),
        by_rows_(kRows, partition_.rows(), partition_.to_rows(output)) {}

  LossGradient loss_of(const Objective& objective) && {
    measure_rank(objective.low_rank && recipe_.loss.nuclear_weight != 0.0);
    add_sparse(objective.sparse);
    if (!result_.terms.empty()) {
      result_.output = by_frames_.gradient.add_(partition_.to_frames(by_rows_.gradient));
    }
    return std::move(result_);
  }

  Grams grams() const {
    const torch::NoGradGuard no_grad;
    Grams sums = {no_gram(), no_gram()};
    for_each_piece(by_rows_, [&](int64_t first, int64_t count) {
      const Decomposition d = rows(first, count).parts;
      sums.background += gram(d.background.flatten(1));
      sums.frames += gram((d.background + d.foreground).flatten(1));
    });
    return sums;
  }

 private:
  static constexpr int64_t kValues = 1 << 19;       // of a piece: 2 MiB of float32
  static constexpr int64_t kFrames = 0, kRows = 2;  // dimensions that are cut

  // The network's output and the gradient of it, of this process's part along a dimension.
  struct Slices {
    Slices(int64_t dim_, Range part_, const torch::Tensor& output_)
        : dim(dim_), part(part_), output(output_), gradient(torch::zeros_like(output_)) {}

    // x: output or gradient.
    torch::Tensor piece(const torch::Tensor& x, int64_t first, int64_t count) const {
      return x.narrow(dim, first - part.begin, count);
    }

    int64_t dim;
    Range part;
    torch::Tensor output, gradient;
  };

  struct Piece {
    torch::Tensor output;  // a leaf
    Decomposition parts;
  };

  template <typename Visit>
  void for_each_piece(const Slices& slices, const Visit& visit) const {
    const int64_t size = batch_.bytes.size(slices.dim);
    const int64_t step = std::max<int64_t>(kValues * size / batch_.bytes.numel(), 1);
    for (int64_t done = 0; done < slices.part.size; done += step) {
      visit(slices.part.begin + done, std::min(step, slices.part.size - done));
    }
  }

  Piece rows(int64_t first, int64_t count) const {
    const auto bytes = batch_.bytes.narrow(2, first, count);
    return decomposed(by_rows_.piece(by_rows_.output, first, count), to_unit_range(bytes),
                      batch_.shaded_rows_of(first, count));
  }

  // Without layers that no sparse prior looks at.
  Piece frames(int64_t first, int64_t count) const {
    const torch::Tensor output = by_frames_.piece(by_frames_.output, first, count);
    if (!is_sparse_on_mask_alone(recipe_.loss)) {
      return decomposed(output, batch_.frames(first, count), batch_.shaded_scene_of(first, count));
    }
    Piece piece{leaf_of(output), {}};
    piece.parts.mask = soft_mask(recipe_.model.form, piece.output, batch_.scene);
    piece.parts.scale = batch_.scene.scale;
    return piece;
  }

  Piece decomposed(const torch::Tensor& output, const torch::Tensor& frames,
                   const SceneTensors& scene) const {
    Piece piece{leaf_of(output), {}};
    piece.parts = decompose(recipe_.model.form, piece.output, frames, scene);
    relax(piece.parts, alpha_);
    return piece;
  }

  torch::Tensor no_gram() const {
    return torch::zeros({batch_.bytes.size(0), batch_.bytes.size(0)}, torch::kFloat64);
  }

  struct LowRank {
    torch::Tensor output;    // a leaf
    torch::Tensor argument;  // low_rank_argument() of it
  };

  LowRank low_rank(const Piece& piece) const {
    return {piece.output, low_rank_argument(piece.parts, lambda_)};
  }

  // The rank of L and, if it counts, the low-rank term.
  //   X X^T = sum of X_b X_b^T over rows b,   d term / d X_b = V diag(w) V^T X_b
  void measure_rank(bool counts) {
    const bool scaled = batch_.scene.scale.defined();
    torch::Tensor sums = torch::stack({no_gram(), no_gram()});
    torch::Tensor of_background = sums[0], of_argument = sums[1];
    for_each_piece(by_rows_, [&](int64_t first, int64_t count) {
      const torch::AutoGradMode records(counts && keeps_);
      const Piece piece = rows(first, count);
      of_background += gram(piece.parts.background.flatten(1));
      if (!counts) return;
      const LowRank part = low_rank(piece);
      if (scaled) of_argument += gram(part.argument);
      if (keeps_) kept_.push_back(part);
    });
    processes_.sum(sums);
    try {
      result_.learned_rank = effective_rank(spectrum_of_gram(of_background).singular_values);
      if (counts) add_low_rank(spectrum_of_gram(scaled ? of_argument : of_background));
    } catch (const NumericsError& error) {
      fail_on_term("nuclear", fmt::format("cannot be computed: {}", error.what()));
    }
  }

  void add_low_rank(const Spectrum& parts) {
    const SpectralOptions options = recipe_.loss.spectral();
    const double weight = recipe_.loss.nuclear_weight;
    const torch::Tensor& s = parts.singular_values;
    result_.terms.emplace_back("nuclear", weight * spectral_value(s, options));
    const torch::Tensor W = weight * weigh(parts, spectral_weights(s, options));
    size_t next = 0;
    for_each_piece(by_rows_, [&](int64_t first, int64_t count) {
      const auto [leaf, X] = keeps_ ? kept_[next++] : low_rank(rows(first, count));
      X.backward(apply_rows(W, X));
      by_rows_.piece(by_rows_.gradient, first, count).add_(leaf.grad());
    });
  }

  void add_sparse(bool counts) {
    double covered = 0.0;  // pixels
    std::vector<std::pair<std::string, double>> terms;
    for_each_piece(by_frames_, [&](int64_t first, int64_t count) {
      const Piece piece = frames(first, count);
      covered += mask_of(piece.parts, recipe_).sum(torch::kFloat64).item<double>();
      if (!counts) return;
      const LossValue loss = sparse_loss(piece.parts, recipe_.loss, lambda_, batch_.bytes.size(1));
      if (!loss.total.defined()) return;
      loss.total.backward();
      by_frames_.piece(by_frames_.gradient, first, count).add_(piece.output.grad());
      if (terms.empty()) {
        terms = loss.terms;
      } else {
        for (size_t i = 0; i < terms.size(); ++i) terms[i].second += loss.terms[i].second;
      }
    });
    std::vector<double> sums = {covered};
    for (const auto& [name, value] : terms) sums.push_back(value);
    sums = summed(std::move(sums));
    for (size_t i = 0; i < terms.size(); ++i) terms[i].second = sums[i + 1];
    const int64_t pixels = batch_.bytes.numel() / batch_.bytes.size(1);
    result_.sparsity = sums[0] / static_cast<double>(pixels);
    result_.terms.insert(result_.terms.end(), terms.begin(), terms.end());
  }

  // Over all processes, at once.
  std::vector<double> summed(std::vector<double> values) const {
    torch::Tensor x =
        torch::from_blob(values.data(), {static_cast<int64_t>(values.size())}, torch::kFloat64);
    processes_.sum(x);
    return values;
  }

  const Batch& batch_;
  const Recipe& recipe_;
  double alpha_;
  bool keeps_;
  std::vector<LowRank> kept_;
  ProcessGroup processes_;
  BatchPartition partition_;
  double lambda_;
  Slices by_frames_, by_rows_;
  LossGradient result_;
};

}  // namespace

LossGradient loss_gradient(const Batch& batch, const torch::Tensor& output, const Recipe& recipe,
                           const Objective& objective) {
  const torch::Tensor leaf = leaf_of(output);
  const int64_t count = batch.bytes.size(0);
  auto d =
      decompose(recipe.model.form, leaf, batch.frames(0, count), batch.shaded_scene_of(0, count));
  relax(d, objective.alpha);
  const LossValue loss = chosen_loss(d, recipe.loss, objective);
  LossGradient result;
  result.terms = loss.terms;
  if (loss.total.defined()) {
    loss.total.backward();
    result.output = leaf.grad();
  }
  result.learned_rank = effective_rank(spectrum(d.background.detach().flatten(1)).singular_values);
  result.sparsity = mask_of(d, recipe).mean().item<double>();
  return result;
}

LossGradient loss_gradient_in_pieces(const Batch& batch, const torch::Tensor& output,
                                     const Recipe& recipe, const Objective& objective, bool keeps,
                                     const ProcessGroup& processes) {
  return LossAccumulator(batch, output, recipe, objective.alpha, keeps, processes)
      .loss_of(objective);
}

Grams grams_of(const Batch& batch, const torch::Tensor& output, const Recipe& recipe) {
  return LossAccumulator(batch, output, recipe, /*alpha=*/0.0, /*keeps=*/false, ProcessGroup())
      .grams();
}

}  // namespace proxseg
