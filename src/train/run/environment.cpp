#include "proxseg/train/run/environment.h"

#include <ATen/Version.h>
#include <torch/version.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <opencv2/core/version.hpp>

#include "proxseg/core/file.h"
#include "proxseg/core/process.h"
#include "proxseg/core/version.h"

namespace proxseg {
namespace fs = std::filesystem;
using nlohmann::ordered_json;
namespace {

// The value of the first line "KEY<separator>VALUE" of a system file, "" if there is none.
std::string value_in(const fs::path& file, const std::string& key, char separator) {
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    if (!line.starts_with(key)) continue;
    const size_t at = line.find(separator);
    if (at == std::string::npos) continue;
    const size_t begin = line.find_first_not_of(" \t\"", at + 1);
    const size_t end = line.find_last_not_of(" \t\"");
    return begin == std::string::npos ? "" : line.substr(begin, end - begin + 1);
  }
  return "";
}

std::vector<std::string> gpus() {
  std::vector<std::string> names;
  const fs::path folder = "/proc/driver/nvidia/gpus";
  for (const std::string& gpu : names_if_any(folder)) {
    names.push_back(value_in(folder / gpu / "information", "Model", ':'));
  }
  return names;
}

int64_t memory_bytes() { return ::sysconf(_SC_PHYS_PAGES) * ::sysconf(_SC_PAGE_SIZE); }

std::vector<std::string> given_command;

}  // namespace

void set_command_line(std::vector<std::string> words) { given_command = std::move(words); }

std::vector<std::string> command_line() {
  if (!given_command.empty()) return given_command;
  std::ifstream stream("/proc/self/cmdline", std::ios::binary);
  std::vector<std::string> words;
  for (std::string word; std::getline(stream, word, '\0');) words.push_back(word);
  return words;
}

ordered_json describe_environment() {
  return {{"program", {{"version", version()}, {"commit", commit()}}},
          {"libraries",
           {{"LibTorch", TORCH_VERSION},
            {"OpenCV", CV_VERSION},
            {"oneDNN", at::get_mkldnn_version()},
            {"BLAS", blas_description()}}},
          {"machine",
           {{"system", value_in("/etc/os-release", "PRETTY_NAME", '=')},
            {"CPU", value_in("/proc/cpuinfo", "model name", ':')},
            {"cores", available_cores()},
            {"GPUs", gpus()},
            {"memory_bytes", memory_bytes()}}}};
}

}  // namespace proxseg
