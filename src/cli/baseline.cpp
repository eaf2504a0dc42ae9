#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "command.h"
#include "interrupt.h"
#include "libraries.h"
#include "progress.h"
#include "proxseg/baseline/rpca.h"
#include "proxseg/core/error.h"
#include "proxseg/media/sink.h"
#include "proxseg/scene/mask.h"
#include "proxseg/scene/tensors.h"
#include "proxseg/train/clip.h"
#include "proxseg/train/sampler.h"
#include "recipe_arguments.h"

namespace proxseg::cli {
namespace fs = std::filesystem;
namespace {

struct BaselineArguments {
  RecipeArguments recipe;
  std::string input;
  std::string output;
  bool json = false;
};

// The signed form's mask of S at the frames' resolution: largest |S| over channels, thresholded and
// cleaned up.
cv::Mat mask_of(const torch::Tensor& foreground, const MaskOptions& options) {
  const auto score = foreground.abs().amax(0).contiguous();
  const cv::Mat soft(static_cast<int>(score.size(0)), static_cast<int>(score.size(1)), CV_32FC1,
                     score.data_ptr());
  return clean_mask(soft, options);
}

RpcaResult solve(const torch::Tensor& frames) {
  Progress progress("rpca", "iterations");
  const RpcaOptions options;
  return rpca(frames, options, [&](int64_t iteration, double objective, double bound) {
    progress.update(iteration, options.max_iterations,
                    fmt::format("objective {:.5g} >= {:.5g}", objective, bound));
  });
}

void write_masks(const fs::path& folder, const Clip& clip, const torch::Tensor& basis,
                 const MaskOptions& options) {
  ImageWriterQueue queue;
  for (int64_t i = 0; i < clip.frames.size(0); ++i) {
    const auto frame = to_unit_range(clip.frames.narrow(0, i, 1));
    const auto foreground = project_frames(frame.flatten(1), basis).view(frame.sizes().slice(1));
    queue.push(folder / "mask" / (clip.names[static_cast<size_t>(i)] + ".png"),
               mask_of(foreground, options));
  }
  queue.finish();
}

void run_rpca(const BaselineArguments& arguments) {
  ResolvedRecipe resolved = resolve(arguments.recipe);
  settle_scale(resolved, arguments.input);
  const Recipe& recipe = resolved.recipe;
  start_libraries(recipe);
  const Clip clip = load_clip(arguments.input, recipe);
  const auto chosen =
      sample_batch(Sampling::kFixed, clip.frames.size(0), recipe.train.batch, recipe.seed, 0);
  const auto frames = to_unit_range(clip.frames.index_select(0, torch::tensor(chosen)));
  const RpcaResult result = solve(frames.flatten(1));
  if (!arguments.output.empty()) {
    write_masks(arguments.output, clip, background_basis(result.background), recipe.mask);
  }
  if (arguments.json) {
    const nlohmann::ordered_json json = {{"frames", chosen.size()},
                                         {"objective", result.objective},
                                         {"lower_bound", result.lower_bound},
                                         {"iterations", result.iterations},
                                         {"converged", result.converged}};
    fmt::print("{}\n", json.dump(2));
    return;
  }
  fmt::print("rpca:       {} frames, objective {:.6g} (no smaller than {:.6g}), {} iterations{}\n",
             chosen.size(), result.objective, result.lower_bound, result.iterations,
             result.converged ? "" : ", not converged");
  if (!arguments.output.empty()) fmt::print("masks:      {}/mask\n", arguments.output);
}

}  // namespace

void add_baseline(CLI::App& app) {
  auto* baseline = app.add_subcommand("baseline", "Classical methods on the same frames");
  baseline->require_subcommand(1);
  auto* command = baseline->add_subcommand(
      "rpca",
      "Robust PCA on train.batch random frames; other frames are projected on its background");
  const auto arguments = std::make_shared<BaselineArguments>();
  arguments->recipe.config = "deepls2022";
  command
      ->add_option("--input,-i", arguments->input,
                   "Folder of frames, quoted glob, video file or CDnet sequence folder")
      ->required()
      ->option_text("PATH");
  command
      ->add_option("--output,-o", arguments->output, "Write a mask of every frame read to DIR/mask")
      ->option_text("DIR");
  command->add_flag("--json", arguments->json, "Print the result as JSON");
  add_recipe_arguments(*command, arguments->recipe);
  command->callback([arguments] { run_rpca(*arguments); });
  command->footer(
      "Examples:\n"
      "  proxseg baseline rpca --input data/synthetic\n"
      "  proxseg baseline rpca --input clip.mp4 --output rpca --set input.scale=0.5 --set "
      "train.batch=100");
}

}  // namespace proxseg::cli
