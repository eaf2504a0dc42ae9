#include "proxseg/recipe/fields.h"

#include <algorithm>
#include <iterator>

#include "recipe/field_builder.h"

namespace proxseg {
namespace {

constexpr Bounds at_least(double min) { return {.min = min}; }
constexpr Bounds above(double min) { return {.min = min, .min_open = true}; }
constexpr Bounds within(double min, double max) { return {.min = min, .max = max}; }

// The largest integer that every JSON reader takes without loss.
constexpr double kMaxSeed = 9007199254740991.0;

using Fields = std::vector<Field>;

Fields top_fields() {
  return {
      field("description", at(&Recipe::description), "What the recipe is for."),
      field("seed", at(&Recipe::seed),
            "Seed of every random choice; the same seed gives the same run on the same machine.",
            within(0, kMaxSeed)),
      field("device", at(&Recipe::device), "Where to compute: cpu, cuda or cuda:N."),
      field(
          "precision", at(&Recipe::precision),
          "Arithmetic of the network: fp32, bf16, or auto, which is bf16 where the CPU computes it "
          "in hardware. Weights stay in fp32 while they are trained, and the priors are in fp32 "
          "or better."),
      field("threads", at(&Recipe::threads),
            "Threads to compute with; 0 takes OMP_NUM_THREADS of the environment, else all cores.",
            within(0, 1024)),
  };
}

Fields input_fields() {
  const auto member = [](auto last) { return at(&Recipe::input, last); };
  return {
      field("input.every", member(&SourceOptions::every), "Keep every n-th frame of the range.",
            at_least(1), "frames"),
      field("input.range", member(&SourceOptions::range),
            "Frames to read, FIRST:LAST from 1 with either left out; of videos, too, times such as "
            "12.5s:60s and 0:01:30-0:02:00. Empty is all, roi is the range of temporalROI.txt."),
      field("input.roi", member(&SourceOptions::roi),
            "Region of interest: a polygon, X,Y,X,Y,X,Y in pixels of the input, or an image of its "
            "size that is dark outside. Empty is all."),
      field("input.scale", member(&SourceOptions::scale),
            "Factor on width and height; 0 chooses it by input.pixels.", within(0, 1)),
      field("input.pixels", member(&SourceOptions::pixels),
            "With input.scale = 0, frames of more pixels are made smaller, to at most so many.",
            at_least(1000), "pixels"),
      field("input.gray", member(&SourceOptions::gray), "Convert frames to one grey channel."),
      field("input.on_error", member(&SourceOptions::on_error),
            "What an unreadable frame does: end the run, or be logged and left out."),
  };
}

Fields background_fields() {
  const auto member = [](auto last) { return at(&Recipe::background, last); };
  return {
      field("background.method", member(&BackgroundOptions::method),
            "Reference background: settled, the median over the frames that show no object there; "
            "median over the whole clip; over its first frames; or an image file."),
      field("background.noise_floor", member(&BackgroundOptions::noise_floor),
            "Differences from the background count in units of the pixel's own noise plus a floor "
            "by the scene's noise; the floor is at most this, one grey level is 0.0039. 0: all "
            "pixels alike.",
            within(0, 1)),
      field("background.stabilize", member(&BackgroundOptions::stabilize),
            "Align the frames of a camera that shakes by more than 1.5 pixels."),
      field("background.follow_exposure", member(&BackgroundOptions::follow_exposure),
            "Take the background as much brighter or darker as a frame is as a whole: automatic "
            "exposure, clouds, lamps."),
      field("background.frames", member(&BackgroundOptions::frames),
            "At most this many frames enter the median.", within(1, 100000), "frames"),
      field("background.file", member(&BackgroundOptions::file),
            "Image of the frames' size, for method file."),
  };
}

Fields model_fields() {
  const auto member = [](auto last) { return at(&Recipe::model, &ModelOptions::unet, last); };
  return {
      field("model.form", at(&Recipe::model, &ModelOptions::form),
            "What the network gives: masked, M = sigmoid(f(D, B)) and S = M (D - B); signed (Sakai "
            "2021), S = f(D)."),
      field("model.channels", member(&UNetOptions::channels),
            "Channels at full resolution; they double at each pooling.", within(1, 512)),
      field("model.depth", member(&UNetOptions::depth), "Number of poolings.", within(1, 6)),
      field("model.detail", member(&UNetOptions::detail),
            "The output convolution also sees the magnitude of the input, pixel by pixel: outlines "
            "stay sharp where pixel_unshuffle makes the network coarse."),
      field("model.norm", member(&UNetOptions::norm), "Normalisation behind each convolution."),
      field("model.padding", member(&UNetOptions::padding),
            "Padding of the convolutions; reflect is slower."),
      field("model.skip", member(&UNetOptions::skip),
            "What the decoder sees: concat, upsampled features beside the encoder's; difference, "
            "less the pooled encoder features first (DeepLS)."),
      field("model.pixel_unshuffle", member(&UNetOptions::pixel_unshuffle),
            "The network works at 1/r of the resolution on r^2 times the channels; r is 1, 2 or 4.",
            within(1, 4)),
  };
}

Fields nuclear_fields() {
  const auto member = [](auto last) { return at(&Recipe::loss, &LossOptions::nuclear, last); };
  return {
      field("loss.nuclear.weight", at(&Recipe::loss, &LossOptions::nuclear_weight),
            "Weight of the low-rank prior on the background; 0 is off.", at_least(0)),
      field("loss.nuclear.penalty", member(&SpectralOptions::penalty),
            "Penalty on the singular values; nuclear is their sum."),
      field("loss.nuclear.knee", member(&SpectralOptions::knee),
            "Knee of the prox gradient: smaller singular values are damped.", at_least(0),
            "singular value"),
      field("loss.nuclear.rank", member(&SpectralOptions::rank),
            "Singular values that go free, for penalty truncated.", at_least(1)),
      field("loss.nuclear.epsilon", member(&SpectralOptions::epsilon),
            "Scale of the penalties weighted, gamma and log_det.", above(0), "singular value"),
      field("loss.nuclear.p", member(&SpectralOptions::p), "Exponent of the penalty schatten.",
            {.min = 0, .max = 1, .min_open = true}),
  };
}

Fields sparse_fields(const std::string& key, LossOptions::Sparse LossOptions::*prior,
                     const std::string& what) {
  using Sparse = LossOptions::Sparse;
  const auto member = [prior](auto last) { return at(&Recipe::loss, prior, last); };
  return {
      field(key + ".weight", member(&Sparse::weight), "Weight of " + what + "; 0 is off.",
            at_least(0), "lambda0"),
      field(key + ".on", member(&Sparse::on),
            "What it judges: background L, foreground S or mask M (masked form only)."),
      field(key + ".knee", member(&Sparse::knee),
            "Knee of the prox gradient: smaller values are damped; one grey level is 0.0039.",
            at_least(0)),
  };
}

// One gradient for every prior of the loss.
Field gradient_field() {
  Field all = field("loss.gradient", at(&Recipe::loss, &LossOptions::gradient),
                    "Gradient of the priors: prox, x - prox(x) (Sakai 2021), or subgradient, what "
                    "autograd gives (DeepLS 2022).");
  all.set = [sparse = all.set](Recipe& recipe, const FieldValue& value) {
    sparse(recipe, value);
    recipe.loss.nuclear.gradient = recipe.loss.gradient;
  };
  return all;
}

Fields train_fields() {
  const auto member = [](auto last) { return at(&Recipe::train, last); };
  return {
      field("train.init", member(&TrainOptions::init),
            "Weights to start from, a run folder or a model.safetensors of the same network: a "
            "warm start needs fewer steps. Empty: random ones."),
      field("train.steps", member(&TrainOptions::steps), "Steps of the optimiser.", at_least(1),
            "steps"),
      field("train.batch", member(&TrainOptions::batch), "Frames of a step.", within(1, 4096),
            "frames"),
      field("train.sampling", member(&TrainOptions::sampling),
            "Frames of a step: random ones each time, or one fixed random batch (the paper)."),
      field("train.max_frames", member(&TrainOptions::max_frames),
            "At most this many frames, spread evenly over the clip, are held in memory.",
            at_least(1), "frames"),
      field("train.memory", member(&TrainOptions::memory),
            "Memory that training plans for: a quarter for the frames held, of which there are "
            "fewer then; half for the network in a step, which takes a batch in chunks where it is "
            "too large for that (batch norm then sees a chunk, not the batch); a quarter for the "
            "loss.",
            above(0), "GiB"),
      field("train.half_size", member(&TrainOptions::half_size),
            "Share of the steps, from the first on, that see frames of half the width and height "
            "(progressive resizing): each takes a quarter of the time. Frames of less than 64 "
            "pixels then stay as they are.",
            {.min = 0, .max = 1}),
      field("train.window", member(&TrainOptions::window),
            "Side, as a share of the frames', of the window that each of the other steps sees, at "
            "full size: a random one, the same over all frames of the step, so that the background "
            "stays low-rank. 1 takes whole frames, as do windows of less than 64 pixels.",
            {.min = 0, .max = 1, .min_open = true}),
      field("train.optimizer", member(&TrainOptions::optimizer), "Optimiser."),
      field("train.learning_rate", member(&TrainOptions::learning_rate),
            "Learning rate behind the warm-up.", above(0)),
      field("train.weight_decay", member(&TrainOptions::weight_decay), "Weight decay.",
            at_least(0)),
      field("train.momentum", member(&TrainOptions::momentum), "Momentum of optimizer sgd.",
            {.min = 0, .max = 1, .max_open = true}),
      field("train.schedule", member(&TrainOptions::schedule),
            "Learning rate over the steps: constant, cosine to 0, or a tenth at each step of "
            "schedule_period."),
      field("train.warmup", member(&TrainOptions::warmup),
            "Linear warm-up of the learning rate; 0 is none.", at_least(0), "steps"),
      field("train.schedule_period", member(&TrainOptions::schedule_period),
            "For schedule step: divide the learning rate by 10 every so many steps.", at_least(1),
            "steps"),
      field("train.alternating_steps", member(&TrainOptions::alternating_steps),
            "Second phase (Sakai 2021): SGD, each step first on nuclear(L), then on l1(S); 0 is "
            "none.",
            at_least(0), "steps"),
      field("train.alternating_learning_rate", member(&TrainOptions::alternating_learning_rate),
            "Learning rate of the second phase.", above(0)),
      field("train.alternating_alpha", member(&TrainOptions::alternating_alpha),
            "Step alpha towards the new S in the second phase.",
            {.min = 0, .max = 1, .min_open = true}),
      field("train.checkpoint_every", member(&TrainOptions::checkpoint_every),
            "Save a checkpoint every so many steps.", at_least(1), "steps"),
      field("train.log_every", member(&TrainOptions::log_every),
            "Log the loss every so many steps.", at_least(1), "steps"),
  };
}

Fields mask_fields() {
  const auto member = [](auto last) { return at(&Recipe::mask, last); };
  return {
      field("mask.threshold", member(&MaskOptions::threshold),
            "A pixel is foreground where M (masked form) or |S| (signed form) exceeds this.",
            {.min = 0, .max = 1, .max_open = true}),
      field("mask.median", member(&MaskOptions::median),
            "Side of the median filter on the mask, as a part of the image's shorter side; 0 is "
            "none.",
            within(0, 0.5)),
      field("mask.remove_shadows", member(&MaskOptions::remove_shadows),
            "Remove cast shadows: what dims the background and keeps its colour; needs colour and "
            "background.noise_floor > 0."),
      field("mask.min_area", member(&MaskOptions::min_area),
            "Remove components that are a smaller part of the image; 0 is none.", within(0, 1)),
      field("mask.fill_holes", member(&MaskOptions::fill_holes),
            "Fill holes that are a smaller part of the image; 0 is none.", within(0, 1)),
  };
}

Fields infer_fields() {
  return {
      field("infer.engine", at(&Recipe::infer, &InferOptions::engine),
            "What runs the network: torch, or opencv-dnn, its ONNX form by OpenCV, on the CPU in "
            "fp32."),
      field("infer.batch", at(&Recipe::infer, &InferOptions::batch),
            "Frames that go through the network at once.", within(1, 4096), "frames"),
  };
}

Fields make_table() {
  Fields table;
  for (Fields part :
       {top_fields(), input_fields(), background_fields(), model_fields(), Fields{gradient_field()},
        nuclear_fields(), sparse_fields("loss.l1", &LossOptions::l1, "the sum of absolute values"),
        sparse_fields("loss.group_l1", &LossOptions::group_l1,
                      "the sum over pixels of the l2 norm over channels"),
        sparse_fields("loss.tv", &LossOptions::tv, "the total variation per frame"), train_fields(),
        mask_fields(), infer_fields()}) {
    std::move(part.begin(), part.end(), std::back_inserter(table));
  }
  return table;
}

}  // namespace

const std::vector<Field>& recipe_fields() {
  static const Fields table = make_table();
  return table;
}

}  // namespace proxseg
