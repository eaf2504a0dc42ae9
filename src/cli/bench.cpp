#include <fmt/format.h>

#include <algorithm>

#include "cli/command.h"
#include "cli/log.h"
#include "cli/process.h"
#include "proxseg/core/error.h"
#include "proxseg/core/process.h"
#include "proxseg/core/text.h"
#include "proxseg/tools/bench.h"

namespace proxseg::cli {
namespace {

struct BenchArguments {
  BenchmarkOptions options;
  std::vector<std::string> sizes = {"320x240", "1280x720"};
  std::vector<std::string> precisions = {"fp32"};
  bool json = false;
};

cv::Size size_of_frames(const std::string& text) {
  const auto size = parse_size(text);
  if (!size || std::min(size->width, size->height) < 32) {
    throw UsageError(fmt::format("--size: '{}' is not a frame size", text),
                     "Use WIDTHxHEIGHT of at least 32 pixels each, e.g. 320x240.");
  }
  return {size->width, size->height};
}

void bench(const BenchArguments& arguments) {
  Recipe recipe;
  recipe.threads = arguments.options.threads;
  start_libraries(recipe);
  BenchmarkOptions options = arguments.options;
  options.sizes.clear();
  for (const std::string& size : arguments.sizes) options.sizes.push_back(size_of_frames(size));
  options.precisions.clear();
  for (const std::string& name : arguments.precisions) {
    options.precisions.push_back(name == "bf16" ? Precision::kBFloat16 : Precision::kFloat32);
  }
  const Benchmark benchmark =
      run_benchmark(options, [](const std::string& what) { note("bench: {}\n", what); });
  if (arguments.json) {
    fmt::print("{}", to_json(benchmark));
  } else {
    say("{}", to_text(benchmark));
  }
}

constexpr const char* kBenchFooter =
    R"(Everything is measured on a synthetic sequence; figures are medians of repeated calls. Run nothing
else meanwhile.

frames/s    from frames in memory to masks in memory
JPEG->PNG   frames a second from files to files, with a first pass over them for the background
GFLOP/s     of the network alone
efficiency  on the CPU, that rate over the rate of one large 3 x 3 convolution, measured first. It can exceed 100 %: the network's own convolutions may suit the machine better, and the speed of a shared machine varies between the two measurements.
Examples:
  proxseg bench
  proxseg bench --config fast --size 640x480 --batch 1,4,8 --json)";

}  // namespace

void add_bench(CLI::App& app) {
  const auto [command, arguments] =
      add_command(app, "bench", "Measure the speed of training and segmenting on this machine",
                  bench, kBenchFooter);
  BenchmarkOptions& options = arguments->options;
  if (cpu_has_bfloat16()) arguments->precisions.push_back("bf16");
  add_option(*command, "--config LIST", options.recipes, "Comma-separated recipes")
      ->delimiter(',')
      ->default_str("default,fast");
  add_option(*command, "--baseline LIST", options.baselines,
             "Comma-separated classical methods to compare with")
      ->delimiter(',')
      ->default_str("knn,mog2");
  add_option(*command, "--size LIST", arguments->sizes, "Comma-separated frame sizes")
      ->delimiter(',')
      ->default_str("320x240,1280x720 pixels");
  add_option(*command, "--precision LIST", arguments->precisions, "Comma-separated: fp32, bf16")
      ->delimiter(',')
      ->check(CLI::IsMember({"fp32", "bf16"}))
      ->default_str(cpu_has_bfloat16() ? "fp32,bf16" : "fp32");
  add_option(*command, "--batch LIST", options.batches, "Comma-separated batch sizes")
      ->delimiter(',')
      ->default_str("4 frames")
      ->check(CLI::Range(1, 4096));
  add_option(*command, "--device NAME", options.device,
             "Where networks are trained and applied: cpu, cuda or cuda:N")
      ->capture_default_str();
  add_option(*command, "--threads N", options.threads,
             "Number of threads; 0 takes OMP_NUM_THREADS, else all cores")
      ->capture_default_str()
      ->check(CLI::Range(0, 1024));
  command->add_flag("--json", arguments->json, "Print the results as JSON");
  add_log_options(*command);
}

}  // namespace proxseg::cli
