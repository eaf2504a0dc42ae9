#include "proxseg/workflow/watch.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <thread>

#include "cli/command.h"
#include "cli/log.h"
#include "cli/process.h"
#include "cli/recipe_arguments.h"
#include "cli/watch_outlets.h"
#include "proxseg/core/error.h"
#include "proxseg/core/process.h"
#include "proxseg/core/text.h"
#include "proxseg/media/stream.h"
#include "proxseg/segment/session.h"

namespace proxseg::cli {
namespace {

struct WatchArguments {
  std::vector<std::string> inputs;
  std::string output{}, model = "generic", save = "mask-video", absorb = "120s", timeout = "10s",
                        segment = "10m", keep = "7d", on_event{}, size{};
  bool prints_events = false;
  OutletArguments outlets;
  RecipeArguments recipe;
};

// "7d" as well as what parse_duration() takes.
double duration_of(const char* option, const std::string& text) {
  constexpr double kDay = 86400.0;
  std::optional<double> seconds = parse_duration(text);
  if (!seconds && text.ends_with('d')) {
    seconds = parse_number<double>(text.substr(0, text.size() - 1));
    if (seconds) *seconds *= kDay;
  }
  if (seconds && *seconds > 0.0) return *seconds;
  throw UsageError(fmt::format("{}: '{}' is no length of time", option, text),
                   "Give it as 90s, 10m, 2h or 7d.");
}

WatchOptions options_of(const WatchArguments& arguments) {
  WatchOptions options;
  options.save = parse_products(arguments.save);
  for (const Product product : options.save) {
    if (product == Product::kMask || product == Product::kMaskVideo || product == Product::kOverlay)
      continue;
    throw UsageError(fmt::format("--save: watch does not write {}", name_of(product)),
                     "Use a list of mask-video, overlay and mask.");
  }
  options.segment = duration_of("--segment", arguments.segment);
  options.keep = duration_of("--keep", arguments.keep);
  options.on_event = arguments.on_event;
  options.prints_events = arguments.prints_events;
  return options;
}

FollowOptions follow_options(const WatchArguments& arguments) {
  FollowOptions options;
  options.absorb.reset();
  if (arguments.absorb != "never") options.absorb = duration_of("--absorb", arguments.absorb);
  return options;
}

// A second: masks come from then on, better ones soon after.
constexpr int64_t kHead = 25;

WatchResult watch_one(const WatchArguments& arguments, const NamedSequence& input,
                      const std::filesystem::path& folder, const WatchOptions& options,
                      FollowOptions follow, int64_t threads, const std::atomic<bool>& failed,
                      std::vector<WatchObserver*> observers) {
  Model model = load_model(arguments.model, overrides_of(arguments.recipe));
  SourceOptions source = model.recipe.input;
  source.size = arguments.size;
  source.reconnect = duration_of("--timeout", arguments.timeout);
  set_threads_of_this_thread(threads);
  follow.beside = is_stream(input.path) && input.path != "-";
  NetworkSegmenter segmenter(std::move(model));
  segmenter.follow(follow, kHead, /*from=*/0);
  WatchCallbacks callbacks;
  callbacks.should_stop = [&] { return interrupt_requested() || failed; };
  callbacks.observers = std::move(observers);
  return watch(segmenter, input, folder, source, options, callbacks);
}

void watch_inputs(const WatchArguments& arguments) {
  const WatchOptions options = options_of(arguments);
  const FollowOptions follow = follow_options(arguments);
  const auto inputs = find_sequences(arguments.inputs);
  std::vector<std::string> names;
  for (const NamedSequence& input : inputs) names.push_back(input.name);
  const Outlets outlets(arguments.outlets, names);
  const Model model = load_model(arguments.model, overrides_of(arguments.recipe));
  if (model.recipe.background.method != BackgroundMethod::kSettled) {
    throw UsageError("watch: background.method must be settled, as the background has to follow",
                     "Leave it out, or use infer.");
  }
  start_libraries(model.recipe);
  const auto count = static_cast<int64_t>(inputs.size());
  const int64_t threads = std::max<int64_t>(1, threads_meant_by(model.recipe.threads) / count);
  std::vector<WatchResult> results(inputs.size());
  std::vector<std::exception_ptr> errors(inputs.size());
  std::atomic<bool> failed = false;
  {
    std::vector<std::jthread> cameras;
    for (size_t i = 0; i < inputs.size(); ++i) {
      cameras.emplace_back([&, i] {
        try {
          const std::filesystem::path output = arguments.output;
          const auto folder = inputs.size() == 1 ? output : output / inputs[i].name;
          results[i] = watch_one(arguments, inputs[i], folder, options, follow, threads, failed,
                                 outlets.observers(i));
        } catch (...) {
          errors[i] = std::current_exception();
          failed = true;
        }
      });
    }
  }
  for (const std::exception_ptr& error : errors) {
    if (error) std::rethrow_exception(error);
  }
  for (size_t i = 0; i < inputs.size() && !arguments.prints_events; ++i) {
    const WatchResult& result = results[i];
    say("{}: {} frames, {} of them uncertain, {} objects\n", inputs[i].name, result.frames,
        result.uncertain, result.objects);
  }
  if (!interrupt_requested()) return;
  throw Error(ExitCode::kInterrupted, "stopped; what was written is complete");
}

}  // namespace

void add_watch(CLI::App& app) {
  const auto [command, arguments] = add_command(
      app, "watch", "Leave it on cameras: masks and events for weeks", watch_inputs,
      "The background follows: light, lamps, night vision, presets, knocks, objects that stay or leave. Masks are\n"
      "uncertain from such a change until the background is known again; events.jsonl says when and why. A camera\n"
      "that is lost is looked for until Ctrl-C. Memory: 60 frames for each of at most 6 states of the scene, such as\n"
      "presets, day and night.\n"
      "Examples:\n"
      "  proxseg watch rtsp://gate/stream --output gate\n"
      "  proxseg watch 0 --output desk --save overlay --segment 1h --keep 2d\n"
      "  proxseg watch http://a/video http://b/video --output cameras --model runs/week\n"
      "  proxseg watch rtsp://gate/stream --output gate --on-event ./tell-me --absorb never\n"
      "  proxseg watch rtsp://gate/stream --output gate --http 127.0.0.1:8080 --mqtt localhost\n"
      "  proxseg watch recording.mp4 --output recording --print-events | jq .event");
  add_option(
      *command, "--input,-i,INPUT PATH ...", arguments->inputs,
      "Addresses such as rtsp://... or http://..., numbers of cameras, - for standard input, videos, folders")
      ->required();
  add_option(*command, "--output,-o DIR", arguments->output,
             "Output folder; of several inputs, with a folder for each")
      ->required();
  add_option(*command, "--model,-m PATH", arguments->model,
             "Run folder, model.safetensors, or generic: the network of the program")
      ->capture_default_str();
  add_option(*command, "--save LIST", arguments->save,
             "Comma-separated: mask-video (lossless), overlay (a video), mask (an image a frame)")
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
