#include "proxseg/workflow/screen.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/log.h"
#include "cli/process.h"
#include "cli/recipe_arguments.h"
#include "cli/work.h"
#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/core/text.h"
#include "proxseg/workflow/report/report.h"

namespace proxseg::cli {
namespace fs = std::filesystem;
namespace {

struct ScreenArguments {
  std::vector<std::string> inputs;
  std::string output;
  std::string model = "generic";
  RecipeArguments recipe;
  bool json = false;
};

void print_clips(const std::vector<ScreenedClip>& clips, const fs::path& output) {
  std::vector<std::vector<std::string>> rows = {
      {"clip", "moving", "frames", "first", "best frame"}};
  for (const ScreenedClip& clip : clips) {
    if (!clip.problem.empty()) continue;
    rows.push_back({clip.sequence.name, std::to_string(clip.moving), std::to_string(clip.frames),
                    clip.moving > 0 ? std::to_string(clip.first) : "-",
                    clip.best.empty() ? "-" : clip.best});
  }
  fmt::print("{}page:       {}\n", text_table(rows, 1), (output / "index.html").string());
}

void screen_clips(const ScreenArguments& arguments) {
  Model model = load_model(arguments.model, overrides_of(arguments.recipe));
  check_settings(arguments.recipe, model.recipe);
  start_libraries(model.recipe);
  const auto sequences = find_sequences(arguments.inputs);
  const fs::path output = arguments.output;
  expect_own_page(output / "index.html");
  make_writable_folder(output);
  std::optional<std::vector<ScreenedClip>> clips;
  {
    const WorkCallbacks callbacks = work_callbacks();
    clips = screen(std::move(model), sequences, callbacks);
  }
  if (!clips) throw Error(ExitCode::kInterrupted, "stopped; nothing was written");
  write_file_atomically(output / "screen.csv", to_csv(*clips));
  write_file_atomically(output / "screen.json", json_text(to_json(*clips)));
  write_file_atomically(output / "index.html", page_of(*clips));
  for (const ScreenedClip& clip : *clips) {
    if (!clip.problem.empty()) spdlog::warn("{}: {}", clip.sequence.name, clip.problem);
    for (const std::string& doubt : clip.doubts) spdlog::warn("{}: {}", clip.sequence.name, doubt);
  }
  if (arguments.json) {
    fmt::print("{}", json_text(to_json(*clips)));
  } else {
    print_clips(*clips, output);
  }
  const auto unread =
      std::ranges::count_if(*clips, [](const auto& c) { return !c.problem.empty(); });
  if (unread == 0) return;
  throw InputError(fmt::format("{} of {} clips could not be read", unread, clips->size()),
                   "The others are done; see the warnings above.");
}

}  // namespace

void add_screen(CLI::App& app) {
  const auto [command, arguments] = add_command(
      app, "screen", "Find the clips in which something moves", screen_clips,
      "Writes DIR/index.html, a sheet with the best frame of each clip, and screen.csv and screen.json;\n"
      "clips with most movement come first. Short clips in one folder share one scene.\n"
      "Examples:\n"
      "  proxseg screen trap/ --output trap-sheet\n"
      "  proxseg screen 'day1/*.avi' --output sheet --set input.every=5");
  add_option(
      *command, "--input,-i,INPUT PATH ...", arguments->inputs,
      "Folder of videos, stacks or folders of images, quoted glob, or single clips; repeatable")
      ->required();
  add_option(*command, "--output,-o DIR", arguments->output,
             "Output folder, created if it is missing")
      ->required();
  add_option(*command, "--model,-m PATH", arguments->model,
             "Run folder, model.safetensors, or generic: the network of the program")
      ->capture_default_str();
  add_set_option(*command, arguments->recipe, "input.every=5");
  for (const char* key : {"device", "precision", "threads"}) {
    add_field_flag(*command, arguments->recipe, key, "the model's");
  }
  command->add_flag("--json", arguments->json, "Print the results as JSON");
  add_log_options(*command);
}

}  // namespace proxseg::cli
