#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "proxseg/core/text.h"
#include "proxseg/tools/bench.h"

namespace proxseg {
namespace {

std::string name_of(cv::Size size) { return fmt::format("{}x{}", size.width, size.height); }

double limit_of(const MachineLimits& limits, Precision precision) {
  return precision == Precision::kBFloat16 ? limits.convolution_bf16 : limits.convolution;
}

std::string limits_text(const MachineLimits& limits) {
  std::string text = fmt::format("machine     3 x 3 convolution, 64 channels: {:.0f} GFLOP/s fp32",
                                 limits.convolution);
  if (limits.convolution_bf16 > 0.0) text += fmt::format(", {:.0f} bf16", limits.convolution_bf16);
  return text + fmt::format("; copying: {:.1f} GB/s\n\n", limits.copy);
}

std::string prior_text(const PriorTime& time) {
  return fmt::format(
      "nuclear     {0:>5} x {1:<6} {2:8.1f} ms   {3:.1f} x two copies and a product   {4:5.1f} x "
      "faster than svdvals   error {5:.0e} (svdvals {6:.0e})\n"
      "+ l1 + tv   {0:>5} x {1:<6} {7:8.1f} ms   {8:.1f} x two copies and a product\n",
      time.frames, time.pixels, 1e3 * time.prior, time.prior / time.memory_limit,
      time.by_svdvals / time.prior, time.prior_error, time.svdvals_error, 1e3 * time.with_sparse,
      time.with_sparse / time.memory_limit);
}

// What a GPU does is no share of the CPU's limit.
std::string inference_text(const InferenceRate& rate, const Benchmark& benchmark) {
  std::string text =
      fmt::format("{:<11} {:<9} {:>9} {:>5} {:>10.1f} {:>8.1f} {:>11.1f}", rate.method,
                  name_of(rate.size), rate.network > 0.0 ? name_of(rate.precision) : "", rate.batch,
                  rate.frames_per_second, rate.megapixels_per_second(), rate.end_to_end);
  if (rate.network > 0.0) {
    text += fmt::format(" {:>9.0f}", rate.network);
    if (benchmark.device == "cpu") {
      text += fmt::format(" {:>9.0f}%",
                          100.0 * rate.network / limit_of(benchmark.limits, rate.precision));
    }
  }
  return text + "\n";
}

}  // namespace

std::string to_text(const Benchmark& benchmark) {
  std::string text = limits_text(benchmark.limits);
  for (const PriorTime& time : benchmark.priors) text += prior_text(time);
  text += "\ntraining    size        steps/s\n";
  for (const TrainingRate& rate : benchmark.training) {
    text += fmt::format("{:<11} {:<9} {:>9.2f}\n", rate.recipe, name_of(rate.size),
                        rate.steps_per_second);
  }
  text +=
      "\nsegmenting  size      precision batch   frames/s   Mpix/s   JPEG->PNG   GFLOP/s "
      "efficiency\n";
  for (const InferenceRate& rate : benchmark.inference) {
    text += inference_text(rate, benchmark);
  }
  return text;
}

std::string to_json(const Benchmark& benchmark) {
  nlohmann::ordered_json json = {{"device", benchmark.device}};
  json["machine"] = {{"convolution_gflops", benchmark.limits.convolution},
                     {"convolution_bf16_gflops", benchmark.limits.convolution_bf16},
                     {"copy_gigabytes_per_second", benchmark.limits.copy}};
  json["nuclear"] = nlohmann::ordered_json::array();
  for (const PriorTime& time : benchmark.priors) {
    json["nuclear"].push_back({{"frames", time.frames},
                               {"pixels", time.pixels},
                               {"seconds", time.prior},
                               {"with_l1_and_tv_seconds", time.with_sparse},
                               {"svdvals_seconds", time.by_svdvals},
                               {"memory_limit_seconds", time.memory_limit},
                               {"error", time.prior_error},
                               {"svdvals_error", time.svdvals_error}});
  }
  json["training"] = nlohmann::ordered_json::array();
  for (const TrainingRate& rate : benchmark.training) {
    json["training"].push_back({{"recipe", rate.recipe},
                                {"size", name_of(rate.size)},
                                {"steps_per_second", rate.steps_per_second}});
  }
  json["segmenting"] = nlohmann::ordered_json::array();
  for (const InferenceRate& rate : benchmark.inference) {
    json["segmenting"].push_back({{"method", rate.method},
                                  {"size", name_of(rate.size)},
                                  {"precision", name_of(rate.precision)},
                                  {"batch", rate.batch},
                                  {"frames_per_second", rate.frames_per_second},
                                  {"megapixels_per_second", rate.megapixels_per_second()},
                                  {"end_to_end_frames_per_second", rate.end_to_end},
                                  {"network_gflops", rate.network}});
  }
  return json_text(json);
}

}  // namespace proxseg
