#include "train/run/run_folder.h"

#include <ATen/Parallel.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>

#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/core/text.h"
#include "proxseg/media/fingerprint.h"
#include "proxseg/recipe/model.h"
#include "proxseg/recipe/write.h"
#include "proxseg/train/run/environment.h"
#include "proxseg/train/run/events.h"
#include "train/run/run_log.h"

namespace proxseg {
namespace fs = std::filesystem;
using nlohmann::ordered_json;
namespace {

void write_json(const fs::path& file, const ordered_json& json) {
  write_file_atomically(file, json_text(json));
}

ordered_json read_provenance(const fs::path& run) {
  const fs::path file = run / "provenance.json";
  try {
    return ordered_json::parse(read_file(file));
  } catch (const nlohmann::json::exception& error) {
    throw ConfigError(fmt::format("'{}' is damaged: {}", file.string(), error.what()));
  }
}

void write_provenance(const fs::path& run, const ResolvedRecipe& resolved,
                      const std::vector<NamedSequence>& sequences) {
  ordered_json provenance;
  for (const auto& [path, name] : sequences) {
    provenance["inputs"].push_back({{"path", fs::absolute(path).string()}, {"name", name}});
  }
  provenance["origins"] = resolved.origins;
  write_json(run / "provenance.json", provenance);
}

void write_environment(const fs::path& run, const Recipe& recipe,
                       const std::vector<NamedSequence>& sequences) {
  ordered_json environment = describe_environment();
  environment["settings"] = {{"seed", recipe.seed},
                             {"device", recipe.device},
                             {"precision", computes_in_bfloat16(recipe) ? "bf16" : "fp32"},
                             {"threads", at::get_num_threads()}};
  for (const auto& [path, name] : sequences) {
    const Fingerprint print = fingerprint_of(path);
    environment["inputs"].push_back(
        {{"name", name}, {"files", print.files}, {"bytes", print.bytes}, {"sha256", print.sha256}});
  }
  environment["command"] = command_line();
  environment["folder"] = fs::current_path().string();
  environment["time"] = utc_time();
  write_json(run / "environment.json", environment);
}

std::string in_one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

void write_script(const fs::path& run, const std::vector<NamedSequence>& sequences) {
  const std::vector<std::string> command = command_line();
  const bool exports = command.size() > 1 && command[1] == "run";
  std::vector<std::string> again = {exports ? "run" : "train"};
  for (const auto& [path, name] : sequences) {
    again.insert(again.end(), {"--input", fs::absolute(path).string()});
  }
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  const std::string lines[] = {
      "#!/bin/sh",
      "# Makes this run again from its resolved recipe: ./reproduce.sh [OUTPUT]",
      "# PROXSEG=PATH takes another build of the program.",
      fmt::format("# It came from this command in {}:", in_one_line(fs::current_path().string())),
      fmt::format("#   {}", in_one_line(shell_line(command))),
      "set -eu",
      R"sh(run=$(cd "$(dirname "$0")" && pwd))sh",
      R"sh(output=$(realpath -m "${1:-$run-again}"))sh",
      fmt::format("cd {} # where paths in the recipe start", shell_line({fs::current_path()})),
      fmt::format("program={}", shell_line({error ? "proxseg" : program.string()})),
      fmt::format(R"sh(exec "${{PROXSEG:-$program}}" {} --config "$run/config.json" \)sh",
                  shell_line(again)),
      R"sh(  --output "$output")sh"};
  const fs::path file = run / "reproduce.sh";
  write_file_atomically(file, fmt::format("{}\n", fmt::join(lines, "\n")));
  fs::permissions(file, fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec,
                  fs::perm_options::add, error);
}

}  // namespace

void refuse_occupied(const fs::path& run) {
  std::error_code error;
  if (!fs::exists(run, error)) return;
  if (fs::is_directory(run, error) && fs::is_empty(run, error)) return;
  throw OutputError(fmt::format("'{}' exists and is not an empty folder", run.string()),
                    "Choose another --output, go on with --resume, or overwrite with --force.");
}

RunLock::RunLock(const fs::path& run)
    : folder_(::open(run.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  const int folder = folder_.get();
  if (folder < 0 || ::flock(folder, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;
  throw OutputError(fmt::format("another process is training in '{}'", run.string()),
                    "Wait until it has ended, or choose another --output.");
}

void remove_partial_files(const fs::path& run) {
  std::error_code ignored;
  std::vector<fs::path> partial;
  for (const fs::path& folder : {run, run / "checkpoints", run / "previews", run / "backgrounds"}) {
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with('.') && name.find(".partial-") != std::string::npos) {
        partial.push_back(entry.path());
      }
    }
  }
  for (const fs::path& path : partial) fs::remove_all(path, ignored);
}

void remove_earlier_run(const fs::path& run) {
  std::error_code ignored;
  for (const char* name : kRunLogs) fs::remove_all(run / name, ignored);
  for (const char* name : {"config.json", "checkpoints", "backgrounds", "model.safetensors",
                           "summary.json", "report.html"}) {
    fs::remove_all(run / name, ignored);
  }
}

void describe_run(const fs::path& run, const ResolvedRecipe& recipe,
                  const std::vector<NamedSequence>& sequences) {
  write_provenance(run, recipe, sequences);
  write_environment(run, recipe.recipe, sequences);
  write_script(run, sequences);
  write_file_atomically(run / "config.json", to_json(recipe.recipe) + "\n");
}

std::vector<NamedSequence> inputs_of_run(const fs::path& run) {
  const ordered_json provenance = read_provenance(run);
  try {
    std::vector<NamedSequence> sequences;
    for (const auto& input : provenance.at("inputs")) {
      sequences.push_back({input.at("path"), input.at("name")});
    }
    return sequences;
  } catch (const nlohmann::json::exception& error) {
    throw ConfigError(
        fmt::format("'{}' is damaged: {}", (run / "provenance.json").string(), error.what()));
  }
}

void restore_origins(const fs::path& run, ResolvedRecipe& recipe) {
  const ordered_json before = read_provenance(run).value("origins", ordered_json::object());
  const std::string own = (run / "config.json").string() + ":";
  for (auto& [key, origin] : recipe.origins) {
    if (origin.starts_with(own) && before.contains(key)) origin = before[key];
  }
}

}  // namespace proxseg
