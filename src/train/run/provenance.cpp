#include "train/run/provenance.h"

#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "proxseg/core/clock.h"
#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/core/sha256.h"
#include "proxseg/core/text.h"
#include "proxseg/media/source_options.h"
#include "proxseg/recipe/fields.h"
#include "proxseg/recipe/generic.h"
#include "proxseg/recipe/model.h"
#include "proxseg/recipe/named_files.h"
#include "proxseg/train/run/environment.h"

namespace proxseg {
namespace fs = std::filesystem;
using nlohmann::ordered_json;
namespace {

// Variables of the environment that change the bits of a result on one machine; the number of
// threads is recorded beside them.
constexpr const char* kVariables[] = {"ONEDNN_MAX_CPU_ISA",         "DNNL_MAX_CPU_ISA",
                                      "ONEDNN_DEFAULT_FPMATH_MODE", "ATEN_CPU_CAPABILITY",
                                      "OPENBLAS_CORETYPE",          "MKL_CBWR"};

std::map<std::string, std::string> variables() {
  std::map<std::string, std::string> set;
  for (const char* name : kVariables) {
    if (const char* value = std::getenv(name)) set[name] = value;
  }
  return set;
}

ordered_json read_json(const fs::path& file) {
  try {
    return ordered_json::parse(read_file(file));
  } catch (const nlohmann::json::exception& error) {
    throw ConfigError(fmt::format("'{}' is damaged: {}", file.string(), error.what()));
  }
}

Precision precision_of(const Recipe& recipe) {
  return computes_in_bfloat16(recipe) ? Precision::kBFloat16 : Precision::kFloat32;
}

// ---- provenance.json

ordered_json json_of(const Provenance& provenance) {
  ordered_json json;
  for (const RunInput& input : provenance.inputs) {
    json["inputs"].push_back({{"path", name_as_json(fs::absolute(input.sequence.path).string())},
                              {"name", name_as_json(input.sequence.name)}});
  }
  json["origins"] = provenance.origins;
  for (const Stage& stage : provenance.stages) {
    json["stages"].push_back({{"first_step", stage.first_step},
                              {"threads", stage.threads},
                              {"precision", name_of(stage.precision)},
                              {"recipe", ordered_json::parse(to_json(stage.recipe))}});
  }
  for (const Call& call : provenance.calls) {
    json["calls"].push_back(
        {{"command", call.words}, {"folder", call.folder}, {"time", call.time}});
  }
  return json;
}

// Of a run that was written before stages and calls were.
void describe_single_stage(const fs::path& run, const ordered_json& environment,
                           Provenance& provenance) {
  const ordered_json settings = environment.value("settings", ordered_json::object());
  provenance.stages = {{0, load_recipe((run / "config.json").string()),
                        settings.value("threads", int64_t{1}),
                        precision_named(settings.value("precision", "fp32"))}};
  provenance.calls = {{environment.value("command", std::vector<std::string>()),
                       environment.value("folder", ""), environment.value("time", "")}};
}

void read_inputs(const ordered_json& json, const ordered_json& environment,
                 Provenance& provenance) {
  for (const auto& input : json.at("inputs")) {
    provenance.inputs.push_back(
        {{name_from_json(input.at("path")), name_from_json(input.at("name"))}, {}});
  }
  const ordered_json recorded = environment.value("inputs", ordered_json::array());
  for (size_t i = 0; i < std::min(recorded.size(), provenance.inputs.size()); ++i) {
    Fingerprint& print = provenance.inputs[i].fingerprint;
    print.sha256 = recorded[i].value("sha256", "");
    print.files = recorded[i].value("files", print.files);
    print.bytes = recorded[i].value("bytes", print.bytes);
  }
}

void expect_some(const Provenance& provenance, const fs::path& run) {
  if (!provenance.inputs.empty() && !provenance.stages.empty() && !provenance.calls.empty()) return;
  throw ConfigError(fmt::format("what '{}' was made of is damaged: provenance.json names no {}",
                                run.string(), provenance.inputs.empty() ? "input" : "stage"));
}

// ---- environment.json

ordered_json environment_of(const Provenance& provenance) {
  const Recipe& recipe = provenance.stages.back().recipe;
  ordered_json json = describe_environment();
  json["settings"] = {{"seed", recipe.seed},
                      {"device", recipe.device},
                      {"precision", name_of(provenance.stages.back().precision)},
                      {"threads", at::get_num_threads()},
                      {"variables", variables()}};
  for (const auto& [sequence, print] : provenance.inputs) {
    json["inputs"].push_back({{"name", sequence.name},
                              {"files", print.files},
                              {"bytes", print.bytes},
                              {"sha256", print.sha256}});
  }
  if (!provenance.init_sha256.empty()) json["init_sha256"] = provenance.init_sha256;
  if (!provenance.files.empty()) json["files"] = provenance.files;
  const Call& call = provenance.calls.back();
  json["command"] = call.words;
  json["folder"] = call.folder;
  json["time"] = call.time;
  return json;
}

// ---- reproduce.sh

std::string in_one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

// What --set says to get from one recipe to another.
std::string settings_between(const Recipe& from, const Recipe& to) {
  std::string text;
  for (const auto& [key, before, after] : differences_between(from, to)) {
    text += fmt::format(" --set {}", shell_word(fmt::format("{}={}", key, to_text(after))));
  }
  return text;
}

bool has_relative_paths(const Recipe& recipe) {
  const auto is_relative = [](const std::string& path) {
    return !path.empty() && !fs::path(path).is_absolute();
  };
  const std::string& roi = recipe.input.roi;
  const fs::path init = initial_weights(recipe);
  return (init != kGenericModel && is_relative(init)) || is_relative(recipe.background.file) ||
         (!is_polygon(roi) && is_relative(roi));
}

std::string program_path() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (error) return "proxseg";
  // The program lies in libexec/proxseg beside its launcher, or beside the bin/ that this is in.
  const fs::path holder = program.parent_path().parent_path().parent_path();
  for (const char* launcher : {"bin/proxseg", "proxseg"}) {
    if (is_file(holder / launcher)) return (holder / launcher).string();
  }
  return program.string();
}

// One command a stage; all but the last stop where the next one begins.
std::string commands_of(const Provenance& provenance) {
  const auto& stages = provenance.stages;
  const auto& words = provenance.calls.front().words;
  const bool exports = stages.size() == 1 && words.size() > 1 && words[1] == "run";
  std::string text;
  for (size_t i = 0; i < stages.size(); ++i) {
    // Both stand for what the recipe leaves open, so that the recipe stays as it is.
    text += fmt::format("OMP_NUM_THREADS={} PROXSEG_PRECISION={} \"$program\" ", stages[i].threads,
                        name_of(stages[i].precision));
    if (i == 0) {
      text += exports ? "run" : "train";
      text += " \"$@\" --config \"$run/config.json\" \\\n  --output \"$output\" --same-as \"$run\"";
      text += settings_between(stages.back().recipe, stages[i].recipe);
    } else {
      text += "train --resume \"$output\"";
      text += settings_between(stages[i - 1].recipe, stages[i].recipe);
    }
    if (i + 1 < stages.size()) text += fmt::format(" --until {}", stages[i + 1].first_step);
    text += "\n";
  }
  return text;
}

std::string script_of(const Provenance& provenance) {
  std::vector<std::string> inputs;
  for (const RunInput& input : provenance.inputs) {
    inputs.push_back(fs::absolute(input.sequence.path).string());
  }
  std::string text =
      "#!/bin/sh\n"
      "# Makes this run again: ./reproduce.sh [OUTPUT [INPUT...]]\n"
      "# Before it trains it compares frames and initial weights with the hashes that this run has\n"
      "# recorded, and stops where they differ; PROXSEG_REPRODUCE_ANYWAY=1 trains all the same.\n"
      "# PROXSEG=PATH takes another build of the program.\n"
      "# The run came from:\n";
  for (const Call& call : provenance.calls) {
    text += in_one_line(
                fmt::format("#   cd {} && {}", shell_line({call.folder}), shell_line(call.words))) +
            "\n";
  }
  text += R"sh(set -eu
run=$(cd "$(dirname "$0")" && pwd)
output=$(realpath -m -- "${1:-$run-again}")
[ $# -eq 0 ] || shift
)sh";
  text += fmt::format("[ $# -gt 0 ] || set -- {}\n", shell_line(inputs));
  text += "for input; do shift; set -- \"$@\" --input \"$(realpath -ms -- \"$input\")\"; done\n";
  text += fmt::format("program={}\n", shell_line({program_path()}));
  text += "[ -x \"$program\" ] || program=proxseg\nprogram=${PROXSEG:-$program}\n";
  const bool has_paths = std::any_of(provenance.stages.begin(), provenance.stages.end(),
                                     [](const Stage& s) { return has_relative_paths(s.recipe); });
  if (has_paths) {
    text += fmt::format("cd {} # where paths in the recipe start\n",
                        shell_line({provenance.calls.front().folder}));
  }
  for (const auto& [name, value] : variables()) {
    text += fmt::format("export {}={}\n", name, shell_line({value}));
  }
  return text + commands_of(provenance);
}

// ---- inputs

std::string describe(const Fingerprint& print) {
  return fmt::format("{} file{} of {} bytes, SHA-256 {}", print.files, print.files == 1 ? "" : "s",
                     print.bytes, print.sha256);
}

[[noreturn]] void refuse_other_frames(const fs::path& run, const RunInput& recorded,
                                      const std::string& found) {
  throw InputError(
      fmt::format("'{}' is not what '{}' was trained on: its files have another name, size or "
                  "content than the run has recorded of '{}' (SHA-256 {})",
                  found, run.string(), recorded.sequence.path, recorded.fingerprint.sha256),
      fmt::format(
          "Give the original frames with --input, or train on these from the run's weights: "
          "proxseg train --init {} --input {} --output NEW_RUN",
          shell_line({run.string()}), shell_line({found})));
}

// The fields whose files are there, and are others than the run had.
std::vector<std::string> other_files(const Provenance& provenance, const Recipe& recipe) {
  const auto here = hashes_of_files(recipe);
  std::vector<std::string> fields;
  for (const auto& [field, hash] : provenance.files) {
    const auto found = here.find(field);
    if (found != here.end() && found->second != hash) fields.push_back(field);
  }
  return fields;
}

// Also by the hash that proxseg 0.1 has recorded.
bool are_frames_of(const RunInput& recorded, const RunInput& found) {
  const std::string& expected = recorded.fingerprint.sha256;
  return expected.empty() || found.fingerprint.sha256 == expected ||
         fingerprint_of_heads(found.sequence.path).sha256 == expected;
}

RunInput at_its_place(const fs::path& run, const RunInput& recorded) {
  RunInput found = recorded;
  try {
    found.fingerprint = fingerprint_of(recorded.sequence.path);
  } catch (const InputError& error) {
    throw InputError(error.what(),
                     fmt::format("If it was moved, say where it is: proxseg train --resume {} "
                                 "--input PATH",
                                 shell_line({run.string()})));
  }
  if (!are_frames_of(recorded, found)) refuse_other_frames(run, recorded, recorded.sequence.path);
  return found;
}

}  // namespace

void Provenance::begin_call(int64_t first_step, const ResolvedRecipe& resolved) {
  std::erase_if(stages, [&](const Stage& stage) { return stage.first_step >= first_step; });
  const Stage stage = {first_step, resolved.recipe, at::get_num_threads(),
                       precision_of(resolved.recipe)};
  const bool goes_on = !stages.empty() && stages.back().threads == stage.threads &&
                       stages.back().precision == stage.precision &&
                       to_json(stages.back().recipe) == to_json(stage.recipe);
  if (!goes_on) stages.push_back(stage);
  calls.push_back({command_line(), fs::current_path().string(), utc_time()});
  if (first_step == 0) init_sha256 = sha256_of_init(resolved.recipe);
  files = hashes_of_files(resolved.recipe);
  origins = resolved.origins;
}

std::vector<RunInput> inputs_of(const std::vector<NamedSequence>& sequences) {
  std::vector<RunInput> inputs;
  for (const NamedSequence& sequence : sequences) {
    inputs.push_back({sequence, fingerprint_of(sequence.path)});
  }
  return inputs;
}

void write_provenance(const fs::path& run, const Provenance& provenance) {
  write_file_atomically(run / "provenance.json", json_text(json_of(provenance)));
  write_file_atomically(run / "environment.json", json_text(environment_of(provenance)));
  const fs::path script = run / "reproduce.sh";
  write_file_atomically(script, script_of(provenance));
  std::error_code ignored;
  fs::permissions(script, fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec,
                  fs::perm_options::add, ignored);
  write_file_atomically(run / "config.json", to_json(provenance.stages.back().recipe));
}

Provenance read_provenance(const fs::path& run) {
  const ordered_json json = read_json(run / "provenance.json");
  const ordered_json environment = read_json(run / "environment.json");
  Provenance provenance;
  try {
    read_inputs(json, environment, provenance);
    provenance.init_sha256 = environment.value("init_sha256", "");
    provenance.files = environment.value("files", provenance.files);
    provenance.origins = json.value("origins", provenance.origins);
    if (!json.contains("stages")) {
      describe_single_stage(run, environment, provenance);
      expect_some(provenance, run);
      return provenance;
    }
    // Of a run whose stages do not say: that of the last one.
    const std::string recorded =
        environment.value(ordered_json::json_pointer("/settings/precision"), "fp32");
    for (const auto& stage : json.at("stages")) {
      provenance.stages.push_back(
          {stage.at("first_step"),
           recipe_from_json(json_line(stage.at("recipe")), (run / "provenance.json").string()),
           stage.at("threads"), precision_named(stage.value("precision", recorded))});
    }
    for (const auto& call : json.at("calls")) {
      provenance.calls.push_back({call.at("command"), call.at("folder"), call.at("time")});
    }
    expect_some(provenance, run);
  } catch (const nlohmann::json::exception& error) {
    throw ConfigError(
        fmt::format("what '{}' was made of is damaged: {}", run.string(), error.what()));
  }
  return provenance;
}

std::vector<RunInput> pair_inputs(const fs::path& run, const Provenance& provenance,
                                  const std::vector<NamedSequence>& given) {
  if (given.size() != provenance.inputs.size()) {
    throw UsageError(fmt::format("'{}' was trained on {} sequences, --input gives {}", run.string(),
                                 provenance.inputs.size(), given.size()),
                     "Give each of them once, or none of them.");
  }
  const std::vector<RunInput> offered = inputs_of(given);
  std::vector<RunInput> paired;
  for (size_t i = 0; i < offered.size(); ++i) {
    const RunInput& recorded = provenance.inputs[i];
    auto match = std::find_if(offered.begin(), offered.end(), [&](const RunInput& input) {
      return !recorded.fingerprint.sha256.empty() && are_frames_of(recorded, input);
    });
    if (match == offered.end()) match = offered.begin() + static_cast<std::ptrdiff_t>(i);
    paired.push_back({{match->sequence.path, recorded.sequence.name}, match->fingerprint});
  }
  return paired;
}

void refuse_other_files(const fs::path& run, const Provenance& provenance, const Recipe& asked) {
  const auto former = named_files(provenance.stages.back().recipe), now = named_files(asked);
  for (const std::string& field : other_files(provenance, asked)) {
    if (now.at(field) != former.at(field)) continue;
    throw InputError(fmt::format("'{}' is another file than the {} that '{}' was trained with",
                                 now.at(field), field, run.string()),
                     "Bring the former one back, or train another run with --output.");
  }
}

std::vector<RunInput> find_inputs(const fs::path& run, const Provenance& provenance,
                                  const std::vector<NamedSequence>& given) {
  std::vector<RunInput> found;
  if (given.empty()) {
    for (const RunInput& recorded : provenance.inputs) found.push_back(at_its_place(run, recorded));
    return found;
  }
  found = pair_inputs(run, provenance, given);
  for (size_t i = 0; i < found.size(); ++i) {
    const RunInput& recorded = provenance.inputs[i];
    if (!are_frames_of(recorded, found[i])) {
      refuse_other_frames(run, recorded, found[i].sequence.path);
    }
  }
  return found;
}

std::vector<std::string> differences_from(const Provenance& provenance,
                                          const std::vector<RunInput>& found,
                                          const Recipe& recipe) {
  std::vector<std::string> differences;
  for (size_t i = 0; i < found.size(); ++i) {
    const auto& [sequence, recorded] = provenance.inputs[i];
    const Fingerprint& here = found[i].fingerprint;
    if (are_frames_of(provenance.inputs[i], found[i])) continue;
    differences.push_back(fmt::format("frames: '{}' has {}; the run's frames, '{}', had {}",
                                      found[i].sequence.path, describe(here), sequence.path,
                                      describe(recorded)));
  }
  if (const std::string init = sha256_of_init(recipe); init != provenance.init_sha256) {
    const auto name = [](const std::string& hash) {
      return hash.empty() ? "random weights" : "SHA-256 " + hash;
    };
    differences.push_back(fmt::format("initial weights: train.init = {} has {}; the run's had {}",
                                      recipe.train.init, name(init), name(provenance.init_sha256)));
  }
  for (const std::string& field : other_files(provenance, recipe)) {
    differences.push_back(fmt::format("{}: its file is another one than the run had", field));
  }
  const Stage& first = provenance.stages.front();
  if (at::get_num_threads() != first.threads) {
    differences.push_back(
        fmt::format("threads: {}; the run had {}", at::get_num_threads(), first.threads));
  }
  if (precision_of(recipe) != first.precision) {
    differences.push_back(fmt::format("precision: {}; the run had {}",
                                      name_of(precision_of(recipe)), name_of(first.precision)));
  }
  return differences;
}

std::vector<std::string> differences_of_environment(const fs::path& run) {
  const ordered_json there = read_json(run / "environment.json"), here = describe_environment();
  std::vector<std::string> differences;
  for (const char* key :
       {"/program/version", "/program/commit", "/libraries/LibTorch", "/libraries/OpenCV",
        "/libraries/oneDNN", "/libraries/BLAS", "/machine/CPU"}) {
    const ordered_json::json_pointer pointer(key);
    const std::string recorded = there.value(pointer, ""), now = here.value(pointer, "");
    if (recorded == now) continue;
    differences.push_back(fmt::format("{}: '{}'; the run had '{}'", pointer.back(), now, recorded));
  }
  return differences;
}

}  // namespace proxseg
