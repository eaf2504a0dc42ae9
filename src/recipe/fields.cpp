#include "proxseg/recipe/fields.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <type_traits>
#include <utility>

namespace proxseg {
namespace {

// The names that a recipe has for the constants of an enum, in the order of its declaration. The
// argument only chooses the overload.
template <typename... Names>
constexpr auto names(Names... all) {
  return std::array<std::string_view, sizeof...(all)>{all...};
}
constexpr auto names_of(Precision) { return names("auto", "fp32", "bf16"); }
constexpr auto names_of(OnError) { return names("refuse", "skip"); }
constexpr auto names_of(BackgroundMethod) { return names("settled", "median", "first", "file"); }
constexpr auto names_of(Form) { return names("masked", "signed"); }
constexpr auto names_of(Norm) { return names("batch", "group", "none"); }
constexpr auto names_of(Padding) { return names("zeros", "reflect"); }
constexpr auto names_of(Skip) { return names("concat", "difference"); }
constexpr auto names_of(Gradient) { return names("prox", "subgradient"); }
constexpr auto names_of(SpectralPenalty) {
  return names("nuclear", "truncated", "weighted", "gamma", "log_det", "schatten");
}
constexpr auto names_of(PriorTarget) { return names("background", "foreground", "mask"); }
constexpr auto names_of(Sampling) { return names("random", "fixed"); }
constexpr auto names_of(OptimizerKind) { return names("adam", "adamw", "sgd"); }
constexpr auto names_of(Schedule) { return names("constant", "cosine", "step"); }
constexpr auto names_of(Engine) { return names("torch", "opencv-dnn"); }

// The member of a recipe at the end of a chain of pointers to members.
template <typename... Members>
auto at(Members... members) {
  return [=](auto& recipe) -> auto& { return (recipe.*....*members); };
}

template <typename T>
FieldValue value_of(const T& member) {
  if constexpr (std::is_enum_v<T>) {
    return std::string(names_of(T{}).at(static_cast<size_t>(member)));
  } else if constexpr (std::is_same_v<T, uint64_t>) {
    return static_cast<int64_t>(member);
  } else {
    return member;
  }
}

template <typename T>
void assign(T& member, const FieldValue& value) {
  if constexpr (std::is_enum_v<T>) {
    const auto names = names_of(T{});
    const auto found = std::ranges::find(names, std::get<std::string>(value));
    if (found != names.end()) member = static_cast<T>(found - names.begin());
  } else if constexpr (std::is_same_v<T, uint64_t>) {
    member = static_cast<uint64_t>(std::get<int64_t>(value));
  } else {
    member = std::get<T>(value);
  }
}

template <typename T>
constexpr FieldType type_of() {
  if (std::is_enum_v<T>) return FieldType::kChoice;
  if (std::is_same_v<T, bool>) return FieldType::kBool;
  if (std::is_integral_v<T>) return FieldType::kInteger;
  return std::is_floating_point_v<T> ? FieldType::kReal : FieldType::kText;
}

// A field whose type and choices follow from the type of the member.
template <typename Member>
Field field(std::string key, Member member, std::string help, Bounds bounds = {},
            std::string unit = {}) {
  using T = std::remove_cvref_t<decltype(member(std::declval<Recipe&>()))>;
  std::vector<std::string> choices;
  if constexpr (std::is_enum_v<T>) {
    for (const std::string_view name : names_of(T{})) choices.emplace_back(name);
  }
  return {std::move(key),
          type_of<T>(),
          bounds,
          std::move(choices),
          std::move(unit),
          std::move(help),
          [=](const Recipe& recipe) { return value_of(member(recipe)); },
          [=](Recipe& recipe, const FieldValue& value) { assign(member(recipe), value); }};
}

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
      field("device", at(&Recipe::device), "Device to compute on: cpu, cuda or cuda:N."),
      field("precision", at(&Recipe::precision),
            "Arithmetic of the network: fp32, bf16, or auto, which is bf16 where the CPU gains "
            "by it. Weights stay in fp32 during training; the priors are computed "
            "in fp32 or better."),
      field("threads", at(&Recipe::threads),
            "Number of threads; 0 takes OMP_NUM_THREADS from the environment, else all cores.",
            within(0, 1024)),
  };
}

Fields input_fields() {
  const auto member = [](auto last) { return at(&Recipe::input, last); };
  return {
      field("input.every", member(&SourceOptions::every), "Keep every n-th frame of the range.",
            at_least(1), "frames"),
      field("input.range", member(&SourceOptions::range),
            "Frames to read: FIRST:LAST, counted from 1, either may be left out; for videos "
            "also times such as 12.5s:60s or 0:01:30-0:02:00. Empty: all frames; roi: the range "
            "of temporalROI.txt."),
      field("input.roi", member(&SourceOptions::roi),
            "Region of interest: a polygon X,Y,X,Y,X,Y in pixels of the input, or an image of "
            "its size that is dark outside the region. Empty: the whole frame."),
      field("input.scale", member(&SourceOptions::scale),
            "Scale factor of width and height; 0 derives it from input.pixels.", within(0, 1)),
      field("input.pixels", member(&SourceOptions::pixels),
            "Largest frame size for the network where input.scale is 0: larger frames are "
            "shrunk to it. Raise it for small objects; time grows in proportion.",
            at_least(1000), "pixels"),
      field("input.gray", member(&SourceOptions::gray), "Convert frames to one grey channel."),
      field("input.levels", member(&SourceOptions::levels),
            "Of frames of more than 8 bits, LOW:HIGH: the values that become black and white. "
            "Empty: chosen for each sequence, over all of it; training keeps what it chooses."),
      field("input.on_error", member(&SourceOptions::on_error),
            "What to do with an unreadable frame: refuse ends the run, skip logs it and leaves "
            "it out."),
  };
}

Fields background_fields() {
  const auto member = [](auto last) { return at(&Recipe::background, last); };
  return {
      field("background.method", member(&BackgroundOptions::method),
            "How the reference background is made: settled, the median over the frames that "
            "show no object at the pixel; median, over the whole clip; first, over the first "
            "background.frames frames; or file, an image."),
      field("background.noise_floor", member(&BackgroundOptions::noise_floor),
            "Differences from the background are divided by the pixel's noise plus a floor; "
            "this is the upper limit of that floor. One grey level is 0.0039; 0 switches the "
            "division off.",
            within(0, 1)),
      field(
          "background.stabilize", member(&BackgroundOptions::stabilize),
          "Align frames if the camera moves by more than 1.5 pixels: shakes, is knocked, zooms or "
          "pans, also further than its picture is wide."),
      field("background.follow_exposure", member(&BackgroundOptions::follow_exposure),
            "Scale the background to each frame's overall brightness, for automatic exposure, "
            "clouds and lamps."),
      field("background.frames", member(&BackgroundOptions::frames),
            "Largest number of frames that the median is taken over. More need more memory.",
            within(1, 100000), "frames"),
      field(
          "background.period", member(&BackgroundOptions::period),
          "A recording of more than one and a half of these is cut into parts of about that length, each with "
          "a background of its own; 0 makes one for all.",
          at_least(0), "s"),
      field(
          "background.file", member(&BackgroundOptions::file),
          "Background image for method file, of the frames' size or, in proportion, no smaller than the "
          "network sees them."),
  };
}

Fields model_fields() {
  const auto member = [](auto last) { return at(&Recipe::model, &ModelOptions::unet, last); };
  return {
      field("model.form", at(&Recipe::model, &ModelOptions::form),
            "What the network gives: masked, M = sigmoid(f(D, B)) and S = M (D - B); or signed "
            "(Sakai 2021), S = f(D)."),
      field("model.channels", member(&UNetOptions::channels),
            "Channels at the network's full resolution; they double at each pooling. More are "
            "slower.",
            within(1, 512)),
      field("model.depth", member(&UNetOptions::depth),
            "Number of poolings. Each doubles what the network sees around a pixel.", within(1, 6)),
      field("model.detail", member(&UNetOptions::detail),
            "Let the output layer also see the magnitude of the input at each pixel: outlines "
            "stay sharp where pixel_unshuffle makes the network coarse."),
      field("model.norm", member(&UNetOptions::norm), "Normalisation after each convolution."),
      field("model.padding", member(&UNetOptions::padding),
            "Padding of the convolutions; reflect is slower."),
      field("model.skip", member(&UNetOptions::skip),
            "What the decoder sees: concat, upsampled features beside the encoder's; difference "
            "(DeepLS 2022), the same after the pooled encoder features are subtracted."),
      field("model.pixel_unshuffle", member(&UNetOptions::pixel_unshuffle),
            "Factor r by which the network's resolution is lower, with r^2 times the input "
            "channels; 1, 2 or 4. Larger is faster, with coarser outlines.",
            within(1, 4)),
  };
}

Fields nuclear_fields() {
  const auto member = [](auto last) { return at(&Recipe::loss, &LossOptions::nuclear, last); };
  return {
      field("loss.nuclear.weight", at(&Recipe::loss, &LossOptions::nuclear_weight),
            "Weight of the low-rank prior on the background; 0 is off.", at_least(0)),
      field("loss.nuclear.penalty", member(&SpectralOptions::penalty),
            "Penalty on the singular values of the background; nuclear is their sum."),
      field("loss.nuclear.knee", member(&SpectralOptions::knee),
            "Knee of the prox gradient: smaller singular values are damped.", at_least(0),
            "singular value"),
      field("loss.nuclear.rank", member(&SpectralOptions::rank),
            "Number of largest singular values without penalty, for penalty truncated.",
            at_least(1)),
      field("loss.nuclear.epsilon", member(&SpectralOptions::epsilon),
            "Scale of the penalties weighted, gamma and log_det.", above(0), "singular value"),
      field("loss.nuclear.p", member(&SpectralOptions::p), "Exponent of the penalty schatten.",
            {.min = 0, .max = 1, .min_open = true}),
  };
}

Fields sparse_fields(const std::string& key, LossOptions::Sparse LossOptions::*prior,
                     const std::string& what, const std::string& when = "") {
  using Sparse = LossOptions::Sparse;
  const auto member = [prior](auto last) { return at(&Recipe::loss, prior, last); };
  return {
      field(key + ".weight", member(&Sparse::weight), "Weight of " + what + "; 0 is off." + when,
            at_least(0), "lambda0"),
      field(key + ".on", member(&Sparse::on),
            "What it applies to: background L, foreground S or mask M (masked form only)."),
      field(key + ".knee", member(&Sparse::knee),
            "Knee of the prox gradient: smaller values are damped; one grey level is 0.0039.",
            at_least(0)),
  };
}

Fields train_fields() {
  const auto member = [](auto last) { return at(&Recipe::train, last); };
  return {
      field(
          "train.init", member(&TrainOptions::init),
          "Weights to start from: none (random ones), generic (the program's own, of generated "
          "scenes), auto (generic where model is that of the default, else none), or a run folder "
          "or model.safetensors, whose shape the network then has."),
      field("train.steps", member(&TrainOptions::steps),
            "Optimisation steps of the first phase. Time is proportional. From random weights take "
            "300.",
            at_least(1), "steps"),
      field("train.batch", member(&TrainOptions::batch),
            "Batch size (frames per step). The low-rank prior compares the frames of one batch; "
            "time and memory are proportional.",
            within(1, 4096), "frames"),
      field("train.sampling", member(&TrainOptions::sampling),
            "Frames of each batch: random ones each time, or one fixed random batch (the "
            "paper)."),
      field("train.max_frames", member(&TrainOptions::max_frames),
            "Largest number of frames of a clip held in memory, spread evenly over it.",
            at_least(1), "frames"),
      field("train.memory", member(&TrainOptions::memory),
            "Memory that training plans for: a quarter for the frames held, of which there may "
            "be fewer then; half for the network, which takes a batch in chunks where it is too "
            "large for that (batch norm then sees a chunk, not the batch); a quarter for the "
            "loss.",
            above(0), "GiB"),
      field("train.half_size", member(&TrainOptions::half_size),
            "Fraction of the steps, from the first on, that see frames of half the width and "
            "height (progressive resizing): each takes a quarter of the time. Frames that would "
            "become smaller than 64 pixels keep their size.",
            {.min = 0, .max = 1}),
      field("train.window", member(&TrainOptions::window),
            "Side, as a fraction of the frame's, of the window that each of the other steps "
            "sees at full size: at a random place, the same for all frames of the step, so that "
            "the background stays low-rank. 1 takes whole frames, as do windows smaller than 64 "
            "pixels.",
            {.min = 0, .max = 1, .min_open = true}),
      field("train.optimizer", member(&TrainOptions::optimizer), "Optimiser."),
      field("train.learning_rate", member(&TrainOptions::learning_rate),
            "Learning rate after the warm-up. Lower it where the loss diverges.", above(0)),
      field("train.weight_decay", member(&TrainOptions::weight_decay), "Weight decay.",
            at_least(0)),
      field("train.momentum", member(&TrainOptions::momentum), "Momentum of optimizer sgd.",
            {.min = 0, .max = 1, .max_open = true}),
      field("train.schedule", member(&TrainOptions::schedule),
            "Learning rate over the steps: constant, cosine down to 0, or step, divided by 10 "
            "every schedule_period steps."),
      field("train.warmup", member(&TrainOptions::warmup),
            "Steps of linear warm-up of the learning rate; 0 is none.", at_least(0), "steps"),
      field("train.schedule_period", member(&TrainOptions::schedule_period),
            "Steps between two reductions of schedule step.", at_least(1), "steps"),
      field("train.alternating_steps", member(&TrainOptions::alternating_steps),
            "Steps of the second phase (Sakai 2021), added after train.steps: SGD, first on "
            "nuclear(L), then on l1(S), so that each takes about twice as long; 0 is none.",
            at_least(0), "steps"),
      field("train.alternating_learning_rate", member(&TrainOptions::alternating_learning_rate),
            "Learning rate of the second phase.", above(0)),
      field("train.alternating_alpha", member(&TrainOptions::alternating_alpha),
            "Step size towards the new S in the second phase.",
            {.min = 0, .max = 1, .min_open = true}),
      field("train.checkpoint_every", member(&TrainOptions::checkpoint_every),
            "Steps between two checkpoints.", at_least(1), "steps"),
      field("train.log_every", member(&TrainOptions::log_every),
            "Steps between two rows of the log.", at_least(1), "steps"),
  };
}

Fields mask_fields() {
  const auto member = [](auto last) { return at(&Recipe::mask, last); };
  return {
      field("mask.threshold", member(&MaskOptions::threshold),
            "A pixel is foreground where M (masked form) or |S| (signed form) exceeds this. "
            "Lower gives larger masks.",
            {.min = 0, .max = 1, .max_open = true}),
      field(
          "mask.weak", member(&MaskOptions::weak),
          "Masked form: where M exceeds this alone a pixel is foreground, too, if it is connected with one of M > 0.95. "
          "Lower gives larger masks of such objects; from mask.threshold on it has no effect.",
          within(0, 1)),
      field("mask.median", member(&MaskOptions::median),
            "Side of the median filter on the mask, as a fraction of the image's shorter side; "
            "0 is none.",
            within(0, 0.5)),
      field(
          "mask.remove_shadows", member(&MaskOptions::remove_shadows),
          "Remove cast shadows, pixels where the background is dimmed and keeps its colour (in frames in "
          "colour), and at night the light of headlamps. Needs background.noise_floor > 0."),
      field("mask.min_area", member(&MaskOptions::min_area),
            "Remove components smaller than this fraction of the image; 0 keeps all.",
            within(0, 1)),
      field("mask.fill_holes", member(&MaskOptions::fill_holes),
            "Fill holes smaller than this fraction of the image; 0 fills none.", within(0, 1)),
  };
}

Fields infer_fields() {
  return {
      field("infer.engine", at(&Recipe::infer, &InferOptions::engine),
            "What runs the network: torch, or opencv-dnn, OpenCV's dnn module on the CPU in "
            "fp32."),
      field("infer.batch", at(&Recipe::infer, &InferOptions::batch),
            "Frames that go through the network at once. 1 gives the least delay on streams.",
            within(1, 4096), "frames"),
  };
}

Fields make_table() {
  Fields table;
  for (Fields part :
       {top_fields(), input_fields(), background_fields(), model_fields(),
        Fields{
            field("loss.gradient", at(&Recipe::loss, &LossOptions::gradient),
                  "Gradient of every prior: prox, x - prox(x) (Sakai 2021), or subgradient, what "
                  "autograd computes (DeepLS 2022).")},
        nuclear_fields(),
        sparse_fields(
            "loss.l1", &LossOptions::l1, "the sum of absolute values",
            " On the mask it is the penalty on its area: lower it where masks are too small or "
            "faint, raise it where waves or leaves enter them."),
        sparse_fields("loss.group_l1", &LossOptions::group_l1,
                      "the sum over pixels of the l2 norm over channels"),
        sparse_fields(
            "loss.tv", &LossOptions::tv, "the total variation per frame",
            " On the mask it is the penalty on its outline: raise it against speckle, lower it for "
            "thin objects."),
        train_fields(), mask_fields(), infer_fields()}) {
    std::move(part.begin(), part.end(), std::back_inserter(table));
  }
  return table;
}

}  // namespace

const std::vector<Field>& recipe_fields() {
  static const Fields table = make_table();
  return table;
}

std::string name_of(Precision precision) { return std::get<std::string>(value_of(precision)); }

Precision precision_named(const std::string& name) {
  Precision precision = Precision::kAuto;
  assign(precision, name);
  return precision;
}

}  // namespace proxseg
