#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>

#include "cli/command.h"
#include "cli/log.h"
#include "cli/process.h"
#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/core/text.h"
#include "proxseg/tools/synth.h"

namespace proxseg::cli {
namespace {

struct SynthArguments {
  SynthOptions options;
  int64_t scenes = 0;  // 0: the street
  bool day = false;
  std::string output;
  bool force = false;
  bool json = false;
};

void print_result(const SynthArguments& arguments) {
  const int64_t frames = arguments.options.frames;
  if (arguments.json) {
    nlohmann::ordered_json result = {{"folder", arguments.output}, {"frames", frames}};
    if (arguments.scenes > 0) result["scenes"] = arguments.scenes;
    fmt::print("{}", json_text(result));
  } else if (arguments.scenes > 0) {
    say("{} scenes of {} frames with ground truth in {}\n", arguments.scenes, frames,
        arguments.output);
  } else {
    say("{} frames with ground truth in {}\n", frames, arguments.output);
  }
}

void synthesize(const SynthArguments& arguments) {
  end_at_first_interrupt();
  std::error_code ignored;
  const std::filesystem::path folder(arguments.output);
  const bool taken = is_there(folder) && !std::filesystem::is_empty(folder, ignored);
  if (taken && !arguments.force) {
    throw OutputError(fmt::format("'{}' is not empty", arguments.output),
                      "Choose another folder, or give --force to replace the sequence in it.");
  }
  if (arguments.scenes > 0) {
    generate_scenes(arguments.options, arguments.scenes, folder);
  } else if (arguments.day) {
    generate_day(arguments.options, folder);
  } else {
    generate_sequence(arguments.options, folder);
  }
  print_result(arguments);
}

}  // namespace

void add_synth(CLI::App& app) {
  const auto [command, arguments] = add_command(
      app, "synth", "Generate synthetic sequences with exact ground truth", synthesize,
      "Examples:\n"
      "  proxseg synth --output toy\n"
      "  proxseg synth --output toy --force --frames 300 --seed 7 --shadows --waving\n"
      "  proxseg synth --output hard --width 320 --height 240 --shake 3 --noise 6 --stopping\n"
      "  proxseg synth --output day --day --frames 20000 --width 320 --height 240 --objects 8\n"
      "  proxseg synth --output scenes --scenes 200 --frames 24 --seed 3");
  add_option(*command, "-o,--output DIR", arguments->output, "Output folder")->required();
  SynthOptions& options = arguments->options;
  const auto number = [command = command](const char* name, auto& value, const char* help,
                                          const char* unit = "") {
    CLI::Option* option = command->add_option(name, value, help)->option_text("N");
    option->capture_default_str()->default_str(option->get_default_str() + unit);
  };
  number("--frames", options.frames, "Length", " frames");
  number("--width", options.width, "Width", " pixels");
  number("--height", options.height, "Height", " pixels");
  number("--seed", options.seed,
         "Seed of layout, objects and noise; the same seed gives the same sequence");
  number("--objects", options.objects, "Objects moving at once");
  number("--noise", options.noise, "Sensor noise, standard deviation", " grey levels");
  number("--drift", options.drift, "Slow brightness drift, as a fraction of the whole");
  command->add_flag("--shadows", options.shadows, "Objects cast shadows");
  command->add_flag("--waving", options.waving, "Trees sway");
  number("--shake", options.shake, "Largest camera shake", " pixels");
  command->add_flag("--stopping", options.stopping,
                    "A car stands still for two fifths of the clip");
  number("--quality", options.quality, "JPEG quality of the frames, 0 for PNG");
  auto* scenes =
      add_option(
          *command, "--scenes COUNT", arguments->scenes,
          "In place of the street: this many scenes, each with surfaces, objects, light and "
          "camera of its own, to train one network on; their frames are of the size given to "
          "twice that")
          ->check(CLI::Range(1, 9999));
  for (const char* drawn : {"--objects", "--noise", "--drift", "--shadows", "--waving", "--shake",
                            "--stopping", "--quality"}) {
    scenes->excludes(command->get_option(drawn));
  }
  auto* day = command->add_flag(
      "--day", arguments->day,
      "In place of a short clip: a day of the camera, with clouds, lamps, parked cars, rain, a knock, presets, "
      "night vision and more; stretches.csv says when");
  for (const char* fixed :
       {"--drift", "--shadows", "--waving", "--shake", "--stopping", "--scenes"}) {
    day->excludes(command->get_option(fixed));
  }
  command->add_flag("--force", arguments->force,
                    "Replace the sequence in a folder that is not empty");
  command->add_flag("--json", arguments->json, "Print folder and length as JSON");
  add_log_options(*command);
}

}  // namespace proxseg::cli
