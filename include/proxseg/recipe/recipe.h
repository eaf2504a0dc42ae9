// A recipe: everything that decides a training run. Every field is in the table of fields.h, which
// adds name, range and help.
#pragma once

#include <cstdint>
#include <string>

#include "proxseg/media/source_options.h"
#include "proxseg/nn/unet_options.h"
#include "proxseg/prox/options.h"
#include "proxseg/scene/options.h"

namespace proxseg {

enum class Precision { kAuto, kFloat32, kBFloat16 };
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
  Form form = Form::kMasked;
  // in_channels and out_channels follow from the form and from input.gray; they are not fields.
  UNetOptions unet = {.pixel_unshuffle = 2, .detail = true};
};

// Loss = nuclear.weight * spectral_prior(L) + lambda0 * sum of the other priors' weight * value,
// lambda0 = 1/sqrt(max(N, P)), P = pixels x channels; priors on the mask, which has one channel,
// count once for each channel of the frame. Where the scene has a scale (background.noise_floor),
// the spectral prior judges lambda0 L / scale, and the others count by lambda0^2. A weight of 0
// switches a prior off.
struct LossOptions {
  double nuclear_weight = 1.0;
  SpectralOptions nuclear;
  struct Sparse {
    double weight = 0.0;  // in units of lambda0, or lambda0^2
    PriorTarget on = PriorTarget::kForeground;
    double knee = 0.004;  // in units of the values it acts on
  };
  Gradient gradient = Gradient::kProx;
  Sparse l1 = {0.5, PriorTarget::kMask, 0.004};
  Sparse group_l1;
  Sparse tv = {0.75, PriorTarget::kMask, 0.004};
};

struct TrainOptions {
  std::string init;  // a run folder or model.safetensors to start from; empty: random weights
  int64_t steps = 300;
  int64_t batch = 16;
  Sampling sampling = Sampling::kRandom;
  // Share of `steps`, from the first on, that see frames of half the width and height.
  double half_size = 0.6;
  // Side, as a share of the frames', of the window that each of the other steps sees.
  double window = 0.5;
  // At most this many frames of a clip, spread evenly over it, are held in memory to train on.
  int64_t max_frames = 1000;
  // GiB that training plans for (train/memory.h).
  double memory = 3.0;
  OptimizerKind optimizer = OptimizerKind::kAdamW;
  double learning_rate = 1e-2;
  double weight_decay = 0.0;
  double momentum = 0.9;  // SGD
  Schedule schedule = Schedule::kCosine;
  int64_t warmup = 10;            // steps of linear warm-up
  int64_t schedule_period = 100;  // kStep: divide by 10 every so many steps
  // The paper's second phase behind `steps`: SGD, each step first on nuclear(L), then on l1(S)
  // (method of Sakai 2021).
  int64_t alternating_steps = 0;
  double alternating_learning_rate = 3e-6;
  double alternating_alpha = 0.5;
  int64_t checkpoint_every = 50;
  int64_t log_every = 10;
};

struct InferOptions {
  Engine engine = Engine::kTorch;
  int64_t batch = 8;
};

struct Recipe {
  std::string description;
  uint64_t seed = 1;
  std::string device = "cpu";
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
