// A recipe: everything that decides a training run. The table of fields.h adds the name, range and
// help of every field.
#pragma once

#include <cstdint>
#include <string>

#include "proxseg/media/source_options.h"
#include "proxseg/nn/unet_options.h"
#include "proxseg/prox/options.h"
#include "proxseg/scene/options.h"

namespace proxseg {

enum class Precision { kAuto, kFloat32, kBFloat16 };
std::string name_of(Precision precision);            // "auto", "fp32", "bf16"
Precision precision_named(const std::string& name);  // one of these
enum class Sampling {
  kRandom,  // each step draws `batch` frames at random over the whole clip
  kFixed    // one batch of `batch` random frames, the same at every step (the paper)
};
enum class OptimizerKind { kAdam, kAdamW, kSgd };
enum class Schedule { kConstant, kCosine, kStep };
enum class Engine {
  kTorch,
  kOpenCv  // the network's ONNX form by OpenCV's dnn module, on the CPU in float32
};
enum class PriorTarget { kBackground, kForeground, kMask };

struct ModelOptions {
  // What the network gives. kMasked suits footage of any kind. kSigned is the paper's form: it
  // needs no reference background, and its masks are noisier.
  Form form = Form::kMasked;
  // Size and shape of the U-Net. pixel_unshuffle = 2 makes training and segmenting about twice as
  // fast as 1; `detail` restores the outlines that it coarsens. in_channels and out_channels
  // follow from the form and from input.gray; they are not fields.
  UNetOptions unet = {.pixel_unshuffle = 2, .detail = true};
};

// Loss = nuclear_weight * spectral_prior(L) + lambda0 * sum over the other priors of weight *
// value, lambda0 = 1/sqrt(max(N, P)), N frames of P = pixels x channels. Priors on the mask, which
// has one channel, count once for each channel of the frame. Where the scene has a scale
// (background.noise_floor > 0), the spectral prior judges lambda0 (L - B) / scale, and the others
// count by lambda0^2. A weight of 0 switches a prior off, and its cost too.
struct LossOptions {
  // How strongly the background is held low-rank over time. Change the other weights instead: only
  // ratios matter.
  double nuclear_weight = 1.0;
  // The penalty on singular values. Its member `gradient` is not read: see spectral().
  SpectralOptions nuclear;
  struct Sparse {
    double weight = 0.0;  // in units of lambda0, or lambda0^2
    PriorTarget on = PriorTarget::kForeground;
    // Smaller values are damped by the prox gradient; in units of the values that the prior acts
    // on.
    double knee = 0.004;
  };
  // Gradient of every prior. kProx is the paper's; kSubgradient is what plain autograd computes.
  Gradient gradient = Gradient::kProx;
  // Penalty on the mask's area. Lower it where masks are too small or faint, raise it where waves
  // or leaves enter the masks.
  Sparse l1 = {0.5, PriorTarget::kMask, 0.004};
  // Penalty on the colour difference of each pixel, all channels together. For experiments.
  Sparse group_l1;
  // Penalty on the length of the mask's outline. Raise it against speckle; too much rounds off
  // corners and thin limbs.
  Sparse tv = {1.5, PriorTarget::kMask, 0.004};

  // `nuclear` with this loss's gradient.
  SpectralOptions spectral() const {
    SpectralOptions options = nuclear;
    options.gradient = gradient;
    return options;
  }
};

struct TrainOptions {
  // What to start from: "none" or empty (random weights), "generic" (the program's own), "auto"
  // (generic where the network is the default's, else none), a run folder or a model.safetensors.
  std::string init = "auto";
  // Steps of the optimiser, >= 1. Time is proportional. 75 are enough from the generic network or
  // from one of similar footage; random weights want 300.
  int64_t steps = 75;
  // Batch size in frames. The low-rank prior compares the frames of one batch: 8 instead of 16 lose
  // up to .03 of F. Time and memory are proportional.
  int64_t batch = 16;
  Sampling sampling = Sampling::kRandom;
  // Fraction of `steps`, from the first on, that see frames of half the width and height: each
  // costs a quarter of the time. 0 doubles the time of training and gains nothing measurable.
  double half_size = 0.6;
  // Side of the random window, as a fraction of the frame's, that each of the other steps sees. 1
  // is the whole frame, which takes two to three times as long for the same accuracy.
  double window = 0.5;
  // At most this many frames of a clip, spread evenly over it, are held in memory to train on.
  int64_t max_frames = 1000;
  // GiB that training plans for (train/memory.h). More holds more frames of a long video, and lets
  // large frames go through the network with the whole batch at once.
  double memory = 3.0;
  OptimizerKind optimizer = OptimizerKind::kAdamW;
  // After the warm-up. Lower it where the loss diverges (NumericsError).
  double learning_rate = 1e-2;
  double weight_decay = 0.0;
  double momentum = 0.9;  // of SGD alone
  Schedule schedule = Schedule::kCosine;
  int64_t warmup = 10;            // steps of linear warm-up
  int64_t schedule_period = 100;  // kStep: divide by 10 every so many steps
  // The paper's second phase (Sakai 2021): this many steps are added after `steps`. Each is one SGD
  // step on nuclear(L), then one on l1(S), and so takes about twice as long.
  int64_t alternating_steps = 0;
  double alternating_learning_rate = 3e-6;
  double alternating_alpha = 0.5;
  int64_t checkpoint_every = 50;  // steps; what a crash can cost
  int64_t log_every = 10;         // steps
};

struct InferOptions {
  Engine engine = Engine::kTorch;
  // Frames that go through the network at once. Larger is a little faster; 1 has the least delay.
  int64_t batch = 8;
};

// A Recipe that was built in code is checked by validate() (fields.h).
struct Recipe {
  std::string description;
  // Of every random choice. The same seed gives the same run on the same machine.
  uint64_t seed = 1;
  std::string device = "cpu";  // or cuda, cuda:N
  // Arithmetic of the network. kAuto is bfloat16 where the CPU is faster with it, for the same accuracy.
  Precision precision = Precision::kAuto;
  int64_t threads = 0;                   // 0: OMP_NUM_THREADS, else all cores
  SourceOptions input = {.scale = 0.0};  // 0: by input.pixels
  BackgroundOptions background;
  ModelOptions model;
  LossOptions loss;
  TrainOptions train;
  MaskOptions mask;
  InferOptions infer;
};

}  // namespace proxseg
