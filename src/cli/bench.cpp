#include <fmt/format.h>

#include <algorithm>

#include "cli/command.h"
#include "cli/log.h"
#include "cli/process.h"
#include "proxseg/core/error.h"
#include "proxseg/core/process.h"
#include "proxseg/core/text.h"
#include "proxseg/tools/bench.h"
#include "proxseg/tools/whole.h"

namespace proxseg::cli {
namespace {

struct BenchArguments {
  BenchmarkOptions options;
  WholeOptions whole;
  std::vector<std::string> recipes, baselines, sizes;  // empty: those of the options
  std::vector<std::string> precisions = {"fp32"};
  bool is_whole = false;
  bool json = false;
};

cv::Size measurable_size(const std::string& text) {
  const auto size = parse_size(text);
  if (!size || std::min(size->width, size->height) < 32) {
    throw UsageError(fmt::format("--size: '{}' is not a frame size", text),
                     "Use WIDTHxHEIGHT of at least 32 pixels each, e.g. 320x240.");
  }
  return {size->width, size->height};
}

void announce(const std::string& what) { note("bench: {}\n", what); }

template <typename Results>
void print(const Results& results, bool json) {
  if (json) {
    fmt::print("{}", to_json(results));
  } else {
    say("{}", to_text(results));
  }
}

// What was given on the command line takes the place of the options' own.
template <typename Options>
Options with_lists(Options options, const BenchArguments& arguments) {
  if (!arguments.recipes.empty()) options.recipes = arguments.recipes;
  if (!arguments.baselines.empty()) options.baselines = arguments.baselines;
  if (!arguments.sizes.empty()) options.sizes.clear();
  for (const std::string& size : arguments.sizes) options.sizes.push_back(measurable_size(size));
  return options;
}

void bench(const BenchArguments& arguments) {
  end_at_first_interrupt();
  Recipe recipe;
  recipe.threads = arguments.options.threads;
  start_libraries(recipe);
  if (arguments.is_whole) {
    WholeOptions options = with_lists(arguments.whole, arguments);
    options.threads = recipe.threads;
    print(measure_whole(options, announce), arguments.json);
    return;
  }
  BenchmarkOptions options = with_lists(arguments.options, arguments);
  options.precisions.clear();
  for (const std::string& name : arguments.precisions) {
    options.precisions.push_back(precision_named(name));
  }
  print(run_benchmark(options, announce), arguments.json);
}

constexpr const char* kBenchFooter =
    R"(Everything is measured on a synthetic sequence; figures are medians of repeated calls. Run nothing
else meanwhile.

--whole starts processes in place of that, each from files to PNG masks: infer, baseline, and a plain
loop of OpenCV that decodes the frames and encodes as many masks, the floor.

frames/s    from frames in memory to masks in memory
JPEG->PNG   frames a second from files to files, with a first pass over them for the background
GFLOP/s     of the network alone
efficiency  on the CPU, that rate over the rate of one large 3 x 3 convolution, measured first. It can exceed 100 %: the network's own convolutions may suit the machine better, and the speed of a shared machine varies between the two measurements.
Examples:
  proxseg bench
  proxseg bench --config fast --size 640x480 --batch 1,4,8 --json
  proxseg bench --whole
  proxseg bench --whole --input clip.mp4 --config fast --baseline knn)";

}  // namespace

void add_bench(CLI::App& app) {
  const auto [command, arguments] =
      add_command(app, "bench", "Measure the speed of training and segmenting on this machine",
                  bench, kBenchFooter);
  BenchmarkOptions& options = arguments->options;
  if (cpu_gains_by_bfloat16()) arguments->precisions.push_back("bf16");
  auto* whole = command->add_flag("--whole", arguments->is_whole,
                                  "Measure whole processes, from files to PNG masks");
  add_option(*command, "--input,-i PATH", arguments->whole.input,
             "With --whole: a folder of frames or a video, in place of generated ones")
      ->needs(whole);
  add_option(*command, "--frames N", arguments->whole.frames,
             "With --whole: frames of each generated sequence")
      ->needs(whole)
      ->capture_default_str()
      ->check(CLI::Range(2, 999999));
  add_option(*command, "--repeat N", arguments->whole.repetitions,
             "With --whole: processes of each kind, in turn; their median counts")
      ->needs(whole)
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  add_option(*command, "--config LIST", arguments->recipes, "Comma-separated recipes")
      ->delimiter(',')
      ->default_str("default,fast");
  add_option(*command, "--baseline LIST", arguments->baselines,
             "Comma-separated classical methods to compare with")
      ->delimiter(',')
      ->default_str("knn,mog2; with --whole also median, cnt");
  add_option(*command, "--size LIST", arguments->sizes, "Comma-separated frame sizes in pixels")
      ->delimiter(',')
      ->default_str("320x240,1280x720; with --whole also 1920x1080");
  add_option(*command, "--precision LIST", arguments->precisions, "Comma-separated: fp32, bf16")
      ->delimiter(',')
      ->check(CLI::IsMember({"fp32", "bf16"}))
      ->excludes(whole)
      ->default_str(cpu_gains_by_bfloat16() ? "fp32,bf16" : "fp32");
  add_option(*command, "--batch LIST", options.batches, "Comma-separated batch sizes")
      ->delimiter(',')
      ->excludes(whole)
      ->default_str("4 frames")
      ->check(CLI::Range(1, 4096));
  add_option(*command, "--device NAME", options.device,
             "Where networks are trained and applied: cpu, cuda or cuda:N")
      ->excludes(whole)
      ->capture_default_str();
  add_option(*command, "--threads N", options.threads,
             "Number of threads; 0 takes OMP_NUM_THREADS, else all cores")
      ->capture_default_str()
      ->check(CLI::Range(0, 1024));
  command->add_flag("--json", arguments->json, "Print the results as JSON");
  add_log_options(*command);
}

}  // namespace proxseg::cli
