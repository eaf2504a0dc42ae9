#include "proxseg/train/checkpoint.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <system_error>

#include "proxseg/core/error.h"
#include "proxseg/core/file.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

constexpr const char* kModelFile = "model.safetensors";
constexpr const char* kOptimizerFile = "optimizer.pt";
constexpr const char* kAboutFile = "checkpoint.json";
constexpr size_t kKept = 2;

// Complete checkpoints, latest first.
std::vector<fs::path> list_checkpoints(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    const bool digits = name.find_first_not_of("0123456789") == std::string::npos;
    if (entry.is_directory() && digits) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end(), [](const fs::path& a, const fs::path& b) {
    return std::stoll(a.filename()) > std::stoll(b.filename());
  });
  return found;
}

int64_t restore(const fs::path& checkpoint, Trainer& trainer) {
  const std::string state = read_file(checkpoint / kOptimizerFile);
  const int64_t steps = std::stoll(checkpoint.filename());
  trainer.restore_state(state, steps);
  load_weights(checkpoint / kModelFile, trainer.model());
  return steps;
}

double loss_of(const fs::path& checkpoint) {
  constexpr double kUnknown = std::numeric_limits<double>::infinity();
  std::error_code ignored;
  const fs::path file = checkpoint / kAboutFile;
  if (!fs::exists(file, ignored)) return kUnknown;
  const auto about = nlohmann::json::parse(read_file(file), nullptr, /*allow_exceptions=*/false);
  return about.is_object() ? about.value("loss", kUnknown) : kUnknown;
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

void tidy(const fs::path& checkpoints) {
  const std::vector<fs::path> all = list_checkpoints(checkpoints);  // latest first
  const fs::path best = *std::min_element(
      all.begin(), all.end(),
      [](const fs::path& a, const fs::path& b) { return loss_of(a) < loss_of(b); });
  link_to(checkpoints / "last", all.front());
  link_to(checkpoints / "best", best);
  std::error_code ignored;
  for (size_t i = kKept; i < all.size(); ++i) {
    if (all[i] != best) fs::remove_all(all[i], ignored);
  }
}

}  // namespace

void save_checkpoint(const fs::path& checkpoints, Trainer& trainer, double loss) {
  const fs::path final_path = checkpoints / fmt::format("{:06d}", trainer.next_step());
  const fs::path partial = checkpoints / fmt::format(".partial-{}", ::getpid());
  std::error_code error;
  try {
    save_model(partial / kModelFile, trainer.model());
    write_file_atomically(partial / kOptimizerFile, trainer.save_state());
    const nlohmann::json about = {{"steps", trainer.next_step()}, {"loss", loss}};
    write_file_atomically(partial / kAboutFile, about.dump() + "\n");
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

std::optional<int64_t> restore_latest_checkpoint(const fs::path& checkpoints, Trainer& trainer) {
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

}  // namespace proxseg
