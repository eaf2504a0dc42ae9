#include "proxseg/train/run/checkpoint.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <system_error>

#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/core/text.h"
#include "proxseg/train/run/tensorboard.h"

namespace proxseg {
namespace fs = std::filesystem;
using nlohmann::ordered_json;
namespace {

constexpr const char* kModelFile = "model.safetensors";
constexpr const char* kOptimizerFile = "optimizer.pt";
constexpr const char* kAboutFile = "checkpoint.json";
constexpr size_t kKept = 2;

// After which it was written, if it is a complete one.
std::optional<int64_t> steps_of(const fs::path& checkpoint) {
  return parse_number<int64_t>(checkpoint.filename().string());
}

// Complete checkpoints, latest first.
std::vector<fs::path> list_checkpoints(const fs::path& folder) {
  std::vector<fs::path> found;
  for (const std::string& name : names_if_any(folder)) {
    if (is_folder(folder / name) && steps_of(name)) found.push_back(folder / name);
  }
  std::sort(found.begin(), found.end(),
            [](const fs::path& a, const fs::path& b) { return steps_of(a) > steps_of(b); });
  return found;
}

ordered_json json_of(const StepReport& report) {
  auto terms = ordered_json::array();
  for (const auto& [name, value] : report.terms) terms.push_back({name, value});
  return {{"loss", report.loss},
          {"terms", terms},
          {"learned_rank", report.learned_rank},
          {"sparsity", report.sparsity}};
}

TrainProgress progress_of(const ordered_json& about, int64_t steps) {
  const ordered_json& last = about.at("last");
  TrainProgress progress;
  progress.last.step = steps - 1;
  progress.last.loss = last.at("loss");
  for (const auto& term : last.at("terms")) {
    progress.last.terms.emplace_back(term.at(0), term.at(1));
  }
  progress.last.learned_rank = last.at("learned_rank");
  progress.last.sparsity = last.at("sparsity");
  // Checkpoints of proxseg 0.1 have no times.
  progress.seconds = about.value("seconds", 0.0);
  progress.phases = phases_from_json(about.value("phases", ordered_json::object()));
  return progress;
}

// The bytes of a file of the checkpoint, if they are those that were written.
std::string checked(const fs::path& file, const ordered_json& about) {
  std::string bytes = read_file(file);
  if (about.at("crc32c").at(file.filename().string()) == crc32c(bytes)) return bytes;
  throw ModelError(fmt::format("'{}' is damaged: another checksum", file.string()));
}

TrainProgress restore(const fs::path& checkpoint, Trainer& trainer) {
  const int64_t steps = steps_of(checkpoint).value();
  try {
    const auto about = ordered_json::parse(read_file(checkpoint / kAboutFile));
    TrainProgress progress = progress_of(about, steps);
    checked(checkpoint / kModelFile, about);
    trainer.restore_state(checked(checkpoint / kOptimizerFile, about), steps);
    load_weights(checkpoint / kModelFile, trainer.model());
    return progress;
  } catch (const nlohmann::json::exception& error) {
    throw ModelError(
        fmt::format("'{}' is damaged: {}", (checkpoint / kAboutFile).string(), error.what()));
  }
}

// Not every file system has links; a run does without them then.
void link_to(const fs::path& link, const fs::path& checkpoint) {
  const fs::path partial = temporary_path_for(link);
  std::error_code error;
  fs::create_directory_symlink(checkpoint.filename(), partial, error);
  if (!error) fs::rename(partial, link, error);
  if (!error) return;
  spdlog::warn("no link '{}': {}", link.string(), error.message());
  fs::remove(partial, error);
}

// `best` is a link of proxseg 0.1, which compared losses of unlike steps.
void tidy(const fs::path& checkpoints) {
  const std::vector<fs::path> all = list_checkpoints(checkpoints);  // latest first
  link_to(checkpoints / "last", all.front());
  std::error_code ignored;
  fs::remove(checkpoints / "best", ignored);
  for (size_t i = kKept; i < all.size(); ++i) fs::remove_all(all[i], ignored);
}

}  // namespace

int64_t steps_of_latest(const fs::path& checkpoints) {
  const auto all = list_checkpoints(checkpoints);
  return all.empty() ? 0 : steps_of(all.front()).value();
}

void save_checkpoint(const fs::path& checkpoints, Trainer& trainer, const TrainProgress& progress) {
  const fs::path final_path = checkpoints / fmt::format("{:06d}", trainer.next_step());
  const fs::path partial = checkpoints / fmt::format(".partial-{}", ::getpid());
  std::error_code error;
  try {
    save_model(partial / kModelFile, trainer.model());
    const std::string state = trainer.save_state();
    write_file_atomically(partial / kOptimizerFile, state);
    const ordered_json about = {
        {"steps", trainer.next_step()},
        {"last", json_of(progress.last)},
        {"seconds", progress.seconds},
        {"phases", to_json(progress.phases)},
        {"crc32c",
         {{kModelFile, crc32c(read_file(partial / kModelFile))}, {kOptimizerFile, crc32c(state)}}}};
    write_file_atomically(partial / kAboutFile, json_line(about) + '\n');
    fs::remove_all(final_path, error);
    fs::rename(partial, final_path, error);
    if (error) {
      throw OutputError(fmt::format("cannot write '{}': {}", final_path.string(), error.message()));
    }
  } catch (const OutputError&) {
    fs::remove_all(partial, error);
    throw;
  }
  tidy(checkpoints);
}

std::optional<TrainProgress> restore_latest_checkpoint(const fs::path& checkpoints,
                                                       Trainer& trainer) {
  const auto all = list_checkpoints(checkpoints);
  if (all.empty()) return std::nullopt;
  for (const fs::path& checkpoint : all) {
    try {
      return restore(checkpoint, trainer);
    } catch (const Error& error) {
      spdlog::warn("checkpoint '{}' is left out: {}", checkpoint.string(), error.what());
    }
  }
  throw ModelError(fmt::format("no checkpoint in '{}' can be read", checkpoints.string()),
                   "Train anew with --force.");
}

std::optional<int64_t> frame_channels_of_checkpoint(const fs::path& checkpoints) {
  for (const fs::path& checkpoint : list_checkpoints(checkpoints)) {
    try {
      return frame_channels_of(checkpoint);
    } catch (const ModelError&) {
      // restore_latest_checkpoint() says so.
    }
  }
  return std::nullopt;
}

}  // namespace proxseg
