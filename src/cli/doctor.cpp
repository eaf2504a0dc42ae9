#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <fmt/format.h>
#include <torch/version.h>

#include <nlohmann/json.hpp>
#include <opencv2/core/utility.hpp>
#include <opencv2/core/version.hpp>
#include <opencv2/videoio/registry.hpp>

#include "cli/command.h"
#include "cli/log.h"
#include "cli/process.h"
#include "proxseg/core/text.h"
#include "proxseg/core/version.h"
#include "proxseg/workflow/watch/mqtt.h"
#include "proxseg/workflow/watch/page.h"

namespace proxseg::cli {
namespace {

struct Finding {
  std::string name;
  std::string value;
  std::string advice;  // empty where all is well
};

Finding check_blas() {
  const std::string blas = blas_description();
  if (blas != "unknown") return {"BLAS", blas, ""};
  return {"BLAS", "not OpenBLAS",
          "Training may be ten times slower: apt install libopenblas0-pthread."};
}

std::string video_backends() {
  std::string names;
  for (const auto backend : cv::videoio_registry::getStreamBackends()) {
    names += (names.empty() ? "" : ", ") + cv::videoio_registry::getBackendName(backend);
  }
  return names;
}

Finding check_video() {
  const std::string backends = video_backends();
  if (backends.find("FFMPEG") != std::string::npos) return {"video", backends, ""};
  return {"video", backends,
          "This OpenCV has no FFmpeg: few videos can be read; use folders of frames."};
}

Finding check_threads() {
  return {"threads", fmt::format("{} of {} cores", at::get_num_threads(), available_cores()), ""};
}

// What a build may lack.
Finding check_part(const char* name, bool is_there, const char* option, const char* package) {
  if (is_there) return {name, "yes", ""};
  return {name, "no", fmt::format("{} needs a build with Debian's {}.", option, package)};
}

std::vector<Finding> examine() {
  return {
      {"proxseg", version(), ""},
      {"LibTorch", TORCH_VERSION, ""},
      {"OpenCV", CV_VERSION, ""},
      check_blas(),
      {"oneDNN", at::globalContext().userEnabledMkldnn() && at::hasMKLDNN() ? "yes" : "no",
       at::hasMKLDNN() ? "" : "Convolutions will be slow: this LibTorch lacks oneDNN."},
      check_threads(),
      {"CPU", cv::getCPUFeaturesLine(), ""},
      {"bfloat16", cpu_gains_by_bfloat16() ? "faster than float32" : "not faster than float32", ""},
      {"CUDA", at::hasCUDA() ? "yes" : "no; the CPU is used", ""},
      check_video(),
      check_part("page", WatchPage::is_built_in(), "watch --http", "libmicrohttpd-dev"),
      check_part("MQTT", MqttPublisher::is_built_in(), "watch --mqtt", "libmosquitto-dev")};
}

void diagnose(const bool& json) {
  start_libraries(Recipe{});
  nlohmann::ordered_json report;
  for (const auto& [name, value, advice] : examine()) {
    if (json) {
      report[name] = {{"value", value}, {"advice", advice}};
      continue;
    }
    say("{:<10} {}\n", name, value);
    if (!advice.empty()) say("{:<10} -> {}\n", "", advice);
  }
  if (json) fmt::print("{}", json_text(report));
}

}  // namespace

void add_doctor(CLI::App& app) {
  const auto [command, json] =
      add_command(app, "doctor", "Check the libraries, CPU, GPU and codecs of this machine",
                  diagnose, "Examples:\n  proxseg doctor\n  proxseg doctor --json");
  command->add_flag("--json", *json, "Print the report as JSON");
}

}  // namespace proxseg::cli
