#include "proxseg/workflow/watch.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <deque>
#include <exception>
#include <filesystem>
#include <utility>

#include "cli/command.h"
#include "cli/log.h"
#include "cli/process.h"
#include "cli/recipe_arguments.h"
#include "cli/service.h"
#include "cli/watch_outlets.h"
#include "proxseg/core/error.h"
#include "proxseg/core/process.h"
#include "proxseg/core/text.h"
#include "proxseg/media/sequences.h"
#include "proxseg/segment/session.h"

namespace proxseg::cli {
namespace {

struct WatchArguments {
  std::vector<std::string> inputs;
  std::string list{}, output{}, model = "generic", save = "mask-video", absorb = "120s",
                                timeout = "10s", segment = "10m", keep = "7d", on_event{}, size{};
  bool prints_events = false;
  OutletArguments outlets;
  RecipeArguments recipe;
};

double duration_of(const char* option, const std::string& text) {
  const std::optional<double> seconds = parse_duration(text);
  if (seconds && *seconds > 0.0) return *seconds;
  throw UsageError(fmt::format("{}: '{}' is no length of time", option, text),
                   "Give it as 90s, 10m, 2h or 7d.");
}

// Before weeks go by without it.
void expect_program(const std::string& path) {
  if (path.find('/') == std::string::npos || ::access(path.c_str(), X_OK) == 0) return;
  throw UsageError(fmt::format("--on-event: cannot start '{}': {}", path, std::strerror(errno)),
                   "Give a path; what it needs beside the event can stand in a script.");
}

WatchOptions options_of(const WatchArguments& arguments) {
  WatchOptions options;
  options.save = parse_products(arguments.save);
  for (const Product product : options.save) {
    constexpr std::array kWritten = {Product::kMaskVideo, Product::kOverlay, Product::kMask,
                                     Product::kTracks};
    if (std::ranges::find(kWritten, product) != kWritten.end()) continue;
    throw UsageError(fmt::format("--save: watch does not write {}", name_of(product)),
                     "Use a list of mask-video, overlay, tracks and mask.");
  }
  options.segment = duration_of("--segment", arguments.segment);
  options.keep = duration_of("--keep", arguments.keep);
  if (!arguments.on_event.empty()) expect_program(arguments.on_event);
  options.on_event = arguments.on_event;
  options.prints_events = arguments.prints_events;
  options.follow.absorb.reset();
  if (arguments.absorb != "never") {
    options.follow.absorb = duration_of("--absorb", arguments.absorb);
  }
  return options;
}

std::vector<NamedSequence> inputs_of(const WatchArguments& arguments) {
  expect_given("watch",
               {{"INPUT", !arguments.inputs.empty() || !arguments.list.empty()},
                {"--output", !arguments.output.empty()}},
               "--inputs and --output");
  if (arguments.list.empty()) return find_sequences(arguments.inputs);
  if (arguments.inputs.empty()) return read_sequence_list(arguments.list);
  throw UsageError("watch takes INPUT or --inputs, not both", "Write all of them in the list.");
}

// A folder for each of several, and of a list, which may grow.
std::deque<WatchedCamera> cameras_of(const WatchArguments& arguments) {
  const auto inputs = inputs_of(arguments);
  const std::filesystem::path output = arguments.output;
  const bool is_alone = inputs.size() == 1 && arguments.list.empty();
  std::deque<WatchedCamera> cameras(inputs.size());
  for (size_t i = 0; i < inputs.size(); ++i) {
    cameras[i].input = inputs[i];
    cameras[i].folder = is_alone ? output : output / inputs[i].name;
  }
  return cameras;
}

std::vector<std::string> names_of(const std::deque<WatchedCamera>& cameras) {
  std::vector<std::string> names;
  for (const WatchedCamera& camera : cameras) names.push_back(camera.input.name);
  return names;
}

SourceOptions source_options(const WatchArguments& arguments, const Recipe& recipe) {
  SourceOptions source = recipe.input;
  source.size = arguments.size;
  source.reconnect = duration_of("--timeout", arguments.timeout);
  return source;
}

// What systemd is told: it is ready once each camera has shown a frame or has failed, and alive as long as
// no frame takes half a minute.
Service::State state_of(const std::deque<WatchedCamera>& cameras) {
  constexpr int64_t kTooLong = 30'000'000'000;  // nanoseconds
  Service::State state{.is_ready = true, .is_stopping = interrupt_requested()};
  int64_t frames = 0, connected = 0;
  for (const WatchedCamera& camera : cameras) {
    const CameraPulse& pulse = camera.pulse;
    const int64_t busy_since = pulse.busy_since;
    if (pulse.frames == 0 && !pulse.has_failed) state.is_ready = false;
    if (busy_since != 0 && CameraPulse::now() - busy_since > kTooLong) state.is_alive = false;
    if (pulse.is_connected) ++connected;
    frames += pulse.frames;
  }
  state.status = fmt::format("{} of {} connected, {} so far", connected,
                             counted(static_cast<int64_t>(cameras.size()), "camera"),
                             counted(frames, "frame"));
  return state;
}

// The first error ends the call: of several cameras, each has been logged.
void report(const std::deque<WatchedCamera>& cameras, bool prints) {
  std::exception_ptr first;
  for (const WatchedCamera& camera : cameras) {
    const WatchResult& result = camera.result;
    if (!camera.error && prints) {
      say("{}: {} frames, {} of them uncertain, {} objects\n", camera.input.name, result.frames,
          result.uncertain, result.objects);
    }
    if (camera.error && !first) first = camera.error;
  }
  if (first) std::rethrow_exception(first);
}

void watch_inputs(const WatchArguments& arguments) {
  const WatchOptions options = options_of(arguments);
  auto cameras = cameras_of(arguments);
  const Outlets outlets(arguments.outlets, names_of(cameras));
  for (size_t i = 0; i < cameras.size(); ++i) cameras[i].observers = outlets.observers(i);
  Model model = load_model(arguments.model, overrides_of(arguments.recipe));
  const Recipe recipe = model.recipe;
  if (recipe.background.method != BackgroundMethod::kSettled) {
    throw UsageError("watch: background.method must be settled, as the background has to follow",
                     "Leave it out, or use infer.");
  }
  start_libraries(recipe);
  const SourceOptions source = source_options(arguments, recipe);
  const auto count = static_cast<int64_t>(cameras.size());
  const int64_t threads = std::max<int64_t>(1, threads_meant_by(recipe.threads) / count);
  const NetworkSegmenter segmenter(std::move(model));
  {
    const Service service([&] { return state_of(cameras); });
    watch_all(segmenter, cameras, source, options, threads, interrupt_requested);
  }
  report(cameras, !arguments.prints_events);
  if (!interrupt_requested()) return;
  throw Error(ExitCode::kInterrupted, "stopped; what was written is complete");
}

}  // namespace

void add_watch(CLI::App& app) {
  const auto [command, arguments] = add_command(
      app, "watch", "Leave it on cameras: masks and events for weeks", watch_inputs,
      "The background follows: light, lamps, night vision, presets, knocks, objects that stay or leave. Masks are\n"
      "uncertain from such a change until the background is known again; events.jsonl says when and why. A camera\n"
      "that is lost is looked for until Ctrl-C. What is known of a stream is kept in DIR/state, and watch goes on with it\n"
      "when it is started on the same folder again. Memory: 60 frames for each of at most 6 states of the scene, such as\n"
      "presets, day and night.\n"
      "Examples:\n"
      "  proxseg watch rtsp://gate/stream --output gate\n"
      "  proxseg watch 0 --output desk --save overlay --segment 1h --keep 2d\n"
      "  proxseg watch http://a/video http://b/video --output cameras --model runs/week\n"
      "  proxseg watch --inputs cameras.txt --output cameras\n"
      "  proxseg watch rtsp://gate/stream --output gate --on-event ./tell-me --absorb never\n"
      "  proxseg watch rtsp://gate/stream --output gate --http 127.0.0.1:8080 --mqtt localhost\n"
      "  proxseg watch recording.mp4 --output recording --print-events | jq .event");
  add_option(
      *command, "--input,-i,INPUT PATH ...", arguments->inputs,
      "Addresses such as rtsp://... or http://..., numbers of cameras, - for standard input, videos, folders");
  add_option(
      *command, "--inputs FILE", arguments->list,
      "A list of them, in place of INPUT: a name and an address on each line; # begins a comment");
  add_option(*command, "--output,-o DIR", arguments->output,
             "Output folder; of several inputs, and of a list, with a folder for each");
  add_option(*command, "--model,-m PATH", arguments->model,
             "Run folder, model.safetensors, or generic: the network of the program")
      ->capture_default_str();
  add_option(
      *command, "--save LIST", arguments->save,
      "Comma-separated: mask-video (lossless), overlay (a video), tracks (CSV), mask (an image a "
      "frame)")
      ->capture_default_str();
  add_option(
      *command, "--absorb TIME", arguments->absorb,
      "An object that stays at rest for so long becomes background; never: it stays an object")
      ->capture_default_str();
  add_option(*command, "--timeout TIME", arguments->timeout,
             "A connection without a frame for so long is lost, and opened again")
      ->capture_default_str();
  add_option(*command, "--segment TIME", arguments->segment, "Length of each video")
      ->capture_default_str();
  add_option(*command, "--keep TIME", arguments->keep, "Older videos are removed")
      ->capture_default_str();
  add_option(
      *command, "--on-event PROGRAM", arguments->on_event,
      "Start this program for each event, with its line of JSON as the only argument; no shell reads it");
  command->add_flag("--print-events", arguments->prints_events,
                    "Print events on standard output, too");
  add_outlet_options(*command, arguments->outlets);
  add_option(*command, "--size WIDTHxHEIGHT", arguments->size,
             "Size of the frames where standard input holds raw BGR frames");
  add_set_option(*command, arguments->recipe, "mask.threshold=0.4");
  for (const char* key : {"device", "precision", "threads", "input.roi"}) {
    add_field_flag(*command, arguments->recipe, key, "the model's");
  }
  add_log_options(*command);
}

}  // namespace proxseg::cli
