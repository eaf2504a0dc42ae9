#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>
#include <system_error>

#include "cli/command.h"
#include "proxseg/core/error.h"
#include "proxseg/tools/synth.h"

namespace proxseg::cli {
namespace {

struct SynthArguments {
  SynthOptions options;
  int64_t scenes = 0;  // 0: the street
  std::string output;
  bool force = false;
};

void synthesize(const SynthArguments& arguments) {
  std::error_code ignored;
  const std::filesystem::path folder(arguments.output);
  const bool taken =
      std::filesystem::exists(folder, ignored) && !std::filesystem::is_empty(folder, ignored);
  if (taken && !arguments.force) {
    throw OutputError(fmt::format("'{}' is not empty", arguments.output),
                      "Choose another folder, or give --force to replace the sequence in it.");
  }
  if (arguments.scenes > 0) {
    generate_scenes(arguments.options, arguments.scenes, folder);
    fmt::print("{} scenes of {} frames with ground truth in {}\n", arguments.scenes,
               arguments.options.frames, arguments.output);
    return;
  }
  generate_sequence(arguments.options, folder);
  fmt::print("{} frames with ground truth in {}\n", arguments.options.frames, arguments.output);
}

}  // namespace

void add_synth(CLI::App& app) {
  auto* command =
      app.add_subcommand("synth", "Generate synthetic sequences with exact ground truth");
  const auto arguments = std::make_shared<SynthArguments>();
  SynthOptions& options = arguments->options;
  command->add_option("-o,--output", arguments->output, "Output folder")
      ->required()
      ->option_text("DIR");
  command->add_option("--frames", options.frames, "Number of frames")->capture_default_str();
  command->add_option("--width", options.width, "Width in pixels")->capture_default_str();
  command->add_option("--height", options.height, "Height in pixels")->capture_default_str();
  command
      ->add_option("--seed", options.seed,
                   "Seed of layout, objects and noise; the same seed gives the same sequence")
      ->capture_default_str();
  command->add_option("--objects", options.objects, "Objects moving at once")
      ->capture_default_str();
  command->add_option("--noise", options.noise, "Sensor noise, standard deviation in grey levels")
      ->capture_default_str();
  command->add_option("--drift", options.drift, "Slow brightness drift, as a fraction")
      ->capture_default_str();
  command->add_flag("--shadows", options.shadows, "Objects cast shadows");
  command->add_flag("--waving", options.waving, "Trees sway");
  command->add_option("--shake", options.shake, "Largest camera shake in pixels")
      ->capture_default_str();
  command->add_flag("--stopping", options.stopping,
                    "A car stands still for two fifths of the clip");
  command->add_option("--quality", options.quality, "JPEG quality of the frames, 0 for PNG")
      ->capture_default_str();
  auto* scenes =
      command
          ->add_option(
              "--scenes", arguments->scenes,
              "In place of the street: this many scenes, each with surfaces, objects, light "
              "and camera of its own, to train one network on; their frames are of the size "
              "given to twice that")
          ->check(CLI::Range(1, 9999))
          ->option_text("COUNT");
  for (const char* drawn : {"--objects", "--noise", "--drift", "--shadows", "--waving", "--shake",
                            "--stopping", "--quality"}) {
    scenes->excludes(command->get_option(drawn));
  }
  command->add_flag("--force", arguments->force,
                    "Replace the sequence in a folder that is not empty");
  command->callback([arguments] { synthesize(*arguments); });
  command->footer(
      "Examples:\n"
      "  proxseg synth --output toy\n"
      "  proxseg synth --output toy --force --frames 300 --seed 7 --shadows --waving\n"
      "  proxseg synth --output hard --width 320 --height 240 --shake 3 --noise 6 --stopping\n"
      "  proxseg synth --output scenes --scenes 200 --frames 24 --seed 3");
}

}  // namespace proxseg::cli
