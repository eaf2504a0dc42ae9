// The U-Net of Takeda and Sakai (DeepLS, DICTA 2022), generalised in depth, width, norm, padding
// and skips.
#pragma once

#include <torch/types.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "proxseg/nn/unet_options.h"

namespace proxseg {

using NamedTensor = std::pair<std::string, torch::Tensor>;

// The network pads heights and widths to multiples of this.
int64_t stride_of(const UNetOptions& options);

// How many pixels away a change of the input may change the output at most. Any distance with
// Norm::kGroup, whose statistics are of the whole image.
int64_t reach_of(const UNetOptions& options);

// x with its last row and column repeated until height and width are multiples of stride; x itself
// where they are. x: [N, C, H, W].
torch::Tensor pad_to_stride(const torch::Tensor& x, int64_t stride);

// With c = channels * 2^i at level i and [a -> b] a 3 x 3 convolution, norm and ReLU:
//   encoder level i:  [c/2 -> c][c -> c] (from the input at i = 0), then 2 x 2 max pooling
//   middle:           [c -> 2c][2c -> c] with c of the last level
//   decoder level i:  bilinear x 2, cat with the encoder's features, [2c -> c][c -> c/2] (c -> c at
//                     i = 0)
//   output:           1 x 1 convolution without activation
// At 32 channels, depth 2, one channel in and out: 333,728 parameters.
class UNet {
 public:
  // The weights depend on `seed` alone; LibTorch's global generator is left as it was. Throws
  // UsageError for options out of range.
  UNet(const UNetOptions& options, uint64_t seed);
  ~UNet();
  UNet(UNet&&) noexcept;
  UNet& operator=(UNet&&) noexcept;

  // x: [N, in_channels, H, W] float32 or bfloat16 of any H, W >= 1 (padded to a multiple of the
  // stride and cropped inside). Returns [N, out_channels, H, W] float32, any sign. Throws
  // UsageError for another shape.
  torch::Tensor forward(const torch::Tensor& x);

  // Batch statistics in training mode, running statistics otherwise. A new network is in training
  // mode.
  void train(bool on = true);

  void to(torch::Device device);

  // Synchronised batch norm: from now on the batch statistics in training are taken over the
  // batches of several processes. sum: adds up a tensor over the processes, in place; each process
  // calls it equally often and in the same order, in forward and in backward passes.
  void share_statistics(std::function<void(torch::Tensor&)> sum);

  // Folds batch norms into their convolutions, for inference only: outputs stay the same up to
  // rounding, train(true) and state() throw UsageError afterwards. Several threads may call forward() then.
  void fold_norms();

  // Weights and arithmetic in bfloat16, for inference only; forward() gives float32.
  void use_bfloat16();

  // Sets the running statistics to the average over the batches that forward() sees until
  // finish_statistics().
  void begin_statistics();
  void finish_statistics();

  const UNetOptions& options() const;

  // Trainable tensors; they share storage with the network.
  std::vector<torch::Tensor> parameters() const;
  int64_t parameter_count() const;
  // Multiplications with an addition in the convolutions of forward(), of one H x W image.
  int64_t multiply_adds(int64_t height, int64_t width) const;

  // Parameters and buffers by name; they share storage with the network.
  std::vector<NamedTensor> state() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Copies weights into the network after checking every name, shape and dtype; nothing is copied
// unless all fit. Throws ModelError that lists every mismatch. `where` names the file in the
// message.
void load_state(UNet& network, const std::vector<NamedTensor>& weights, const std::string& where);

}  // namespace proxseg
