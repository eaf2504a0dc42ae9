#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <fmt/format.h>
#include <torch/version.h>

#include <nlohmann/json.hpp>
#include <opencv2/core/utility.hpp>
#include <opencv2/core/version.hpp>
#include <opencv2/videoio/registry.hpp>

#include "cli/command.h"
#include "cli/help.h"
#include "cli/log.h"
#include "cli/process.h"
#include "cli/start.h"
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

// What is known before any library is loaded.
std::vector<Finding> versions() {
  return {{"proxseg", version(), ""}, {"LibTorch", TORCH_VERSION, ""}, {"OpenCV", CV_VERSION, ""}};
}

std::vector<Finding> examine() {
  return {
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

std::string text_of(const std::vector<Finding>& findings) {
  std::string text;
  for (const auto& [name, value, advice] : findings) {
    text += fmt::format("{:<10} {}\n", name, value);
    if (!advice.empty()) text += fmt::format("{:<10} -> {}\n", "", advice);
  }
  return text;
}

struct DoctorArguments {
  bool json = false;
  bool is_begun = false;  // by the launcher, which has printed the versions
};

void diagnose(const DoctorArguments& arguments) {
  start_libraries(Recipe{});
  std::vector<Finding> findings;
  if (!arguments.is_begun) findings = versions();
  for (Finding& finding : examine()) findings.push_back(std::move(finding));
  if (!arguments.json) return say("{}", text_of(findings));
  nlohmann::ordered_json report;
  for (const auto& [name, value, advice] : findings) {
    report[name] = {{"value", value}, {"advice", advice}};
  }
  fmt::print("{}", json_text(report));
}

}  // namespace

std::string beginning_of_doctor() { return text_of(versions()); }

void add_doctor(CLI::App& app) {
  const auto [command, arguments] =
      add_command(app, "doctor", "Check the libraries, CPU, GPU and codecs of this machine",
                  diagnose, "Examples:\n  proxseg doctor\n  proxseg doctor --json");
  command->add_flag("--json", arguments->json, "Print the report as JSON");
  command->add_flag(kDoctorIsBegun, arguments->is_begun)->group("");
}

}  // namespace proxseg::cli
